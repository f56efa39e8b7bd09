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
  /** Many short turns, ours and PyTorch's one after the other, of which the median counts. */
  private static final int ROUNDS = 7;

  /**
   * How often both begin anew: where its memory happens to lie makes a process of PyTorch up to a
   * fifth faster or slower than the next.
   */
  private static final int STARTS = 5;

  /** Turns at the beginning that do not count: Java compiles what runs often. */
  private static final int WARM_UP = 3;

  /** About a second's work, by hidden size. */
  private static final Map<Integer, Integer> STEPS_A_ROUND = Map.of(128, 20, 256, 8, 512, 2);

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
    int steps = STEPS_A_ROUND.get(size.hidden());
    double[] ours = new double[STARTS * ROUNDS];
    double[] onOne = new double[ours.length];
    double[] onTwo = new double[ours.length];
    String[] arguments = {
      kindName,
      String.valueOf(size.hidden()),
      String.valueOf(size.batch()),
      String.valueOf(size.steps()),
      String.valueOf(vocabulary.size())
    };
    for (int first = 0; first < ours.length; first += ROUNDS) {
      Optional<Peer.Turns> peer = Peer.Turns.with("train.py", arguments);
      try (var model = RecurrentModel.of(kind, vocabulary, RecurrentOptions.of(2, size.hidden()))) {
        for (int round = -WARM_UP; round < ROUNDS; round++) {
          int at = first + Math.max(0, round);
          long start = System.nanoTime();
          TrainingStep.repeat(model, batches, options, steps);
          ours[at] = steps / ((System.nanoTime() - start) / 1e9);
          if (peer.isPresent()) {
            onOne[at] = peer.get().next("1 " + steps);
            onTwo[at] = peer.get().next("2 " + steps);
          }
        }
      } finally {
        peer.ifPresent(Peer.Turns::close);
      }
    }
    double theirs = Math.max(Timing.median(onOne), Timing.median(onTwo));
    return theirs > 0
        ? Row.measured(name, Timing.median(ours), theirs, "PyTorch", "steps/s")
        : Row.alone(name, Timing.median(ours), "steps/s");
  }
}
