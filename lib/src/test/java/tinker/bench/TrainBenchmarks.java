package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tinker.data.TokenStreams;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Recurrent;
import tinker.text.Corpus;
import tinker.text.Vocabulary;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/**
 * Speed of training: forward, backward, clipping and an Adam step, beside the same in PyTorch,
 * which may choose between one thread and two.
 */
final class TrainBenchmarks {
  private static final int ROUNDS = 3;

  private TrainBenchmarks() {}

  /** Sizes with the batches they are usually trained with. */
  private record Size(int hidden, int batch, int steps) {}

  static List<Benchmark> all() {
    var sizes = List.of(new Size(128, 50, 50), new Size(256, 32, 64), new Size(512, 50, 50));
    var kinds = List.of(Recurrent.Kind.RNN_TANH, Recurrent.Kind.GRU, Recurrent.Kind.LSTM);
    var all = new ArrayList<Benchmark>();
    for (Recurrent.Kind kind : kinds) {
      String kindName = kind.name().toLowerCase(Locale.ROOT).replace("_tanh", "");
      for (Size size : sizes) {
        String name = "train/" + kindName + "-2x" + size.hidden();
        all.add(
            Benchmark.slow(
                name,
                String.format(
                    "training on %d rows of %d characters, beside PyTorch (best of 1 and 2 threads)",
                    size.batch(), size.steps()),
                () -> train(name, kind, kindName, size)));
      }
    }
    return all;
  }

  private static Row train(String name, Recurrent.Kind kind, String kindName, Size size)
      throws IOException, InterruptedException {
    Corpus corpus = Corpus.ofText("made up", Texts.madeUp(300_000));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    TokenStreams batches = TokenStreams.of(corpus, vocabulary, size.batch(), size.steps());
    FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(1);
    double ours = 0;
    double theirs = 0;
    try (var model = RecurrentModel.of(kind, vocabulary, RecurrentOptions.of(2, size.hidden()))) {
      int perRound = size.hidden() > 256 ? 2 : 8;
      for (int round = 0; round < ROUNDS; round++) {
        long end = System.nanoTime() + 4_000_000_000L;
        // Short rounds, of which the best counts: so that a busy machine does not decide.
        while (System.nanoTime() < end) {
          long start = System.nanoTime();
          TrainingStep.repeat(model, batches, options, perRound);
          ours = Math.max(ours, perRound / ((System.nanoTime() - start) / 1e9));
        }
        Optional<Map<String, Double>> peer =
            Peer.run(
                "train.py",
                kindName,
                String.valueOf(size.hidden()),
                String.valueOf(size.batch()),
                String.valueOf(size.steps()),
                String.valueOf(vocabulary.size()),
                "4");
        theirs = Math.max(theirs, peer.map(rates -> rates.get("rate")).orElse(0.0));
      }
    }
    return theirs > 0
        ? Row.measured(name, ours, theirs, "PyTorch", "steps/s")
        : Row.alone(name, ours, "steps/s");
  }
}
