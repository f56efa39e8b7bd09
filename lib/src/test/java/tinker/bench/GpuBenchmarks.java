package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tinker.data.PairSplit;
import tinker.data.Quora;
import tinker.data.Sick;
import tinker.data.Snli;
import tinker.data.TinyShakespeare;
import tinker.data.TokenStreams;
import tinker.data.WikiQa;
import tinker.generate.Generator;
import tinker.matching.BimpmOptions;
import tinker.model.Evaluation;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Compute;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;
import tinker.train.Fit;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/**
 * What there is to measure on a GPU, beside PyTorch on the same card with the same shapes and the
 * same precision. Each is skipped, with a sentence, where there is none.
 */
final class GpuBenchmarks {
  private static final double MINUTES = 10;

  private GpuBenchmarks() {}

  /** Sizes with their batches. */
  private record Size(int hidden, int batch, int steps) {}

  static List<Benchmark> all() {
    var all = new ArrayList<Benchmark>();
    for (Size size :
        List.of(new Size(128, 50, 50), new Size(512, 64, 100), new Size(1024, 64, 100))) {
      String name = "gpu/train-lstm-2x" + size.hidden();
      all.add(
          onGpu(
              name,
              String.format(
                  Locale.ROOT,
                  "training on %d rows of %d characters on the GPU, beside PyTorch on it",
                  size.batch(),
                  size.steps()),
              () -> train(name, size)));
    }
    for (int words : new int[] {12, 25}) {
      String name = "gpu/train-bimpm-" + words;
      int pairs = words == 12 ? 32 : 64;
      all.add(
          onGpu(
              name,
              String.format(
                  Locale.ROOT,
                  "training BiMPM at the paper's size on %d pairs of %d + %d words on the GPU,"
                      + " beside a PyTorch port on it",
                  pairs,
                  words,
                  words),
              () -> bimpm(name, words, pairs)));
    }
    for (int streams : new int[] {1, 64, 1024}) {
      String name = "gpu/sample-" + streams;
      all.add(
          onGpu(
              name,
              streams + " text(s) written by a 2-layer LSTM of 512, beside PyTorch on the GPU",
              () -> sample(name, streams)));
    }
    all.add(
        onGpu(
            "gpu/shakespeare-10min",
            "a 2-layer LSTM of 512 trained for ten minutes, on the held-out last tenth",
            GpuBenchmarks::shakespeare));
    addResult(all, "sick", Sick::load, 10, "the goal", 0.80);
    addResult(all, "wikiqa", WikiQa::load, 5, "the paper, MAP", 0.718);
    addResult(
        all,
        "quora",
        () -> Quora.load().split(0.8, 0.1, 0.1, 7),
        10,
        "the paper, all pairs",
        0.8817);
    addResult(all, "snli", Snli::load, 5, "the paper", 0.869);
    return all;
  }

  private static void addResult(
      List<Benchmark> all,
      String data,
      Callable<PairSplit> loader,
      int epochs,
      String source,
      double reference) {
    String name = "gpu/bimpm-" + data;
    all.add(
        onGpu(
            name,
            "BiMPM at the paper's size (word vectors of 50) on "
                + data
                + ", test part, three seeds",
            () ->
                MatchingResultBenchmarks.run(
                    name,
                    new MatchingResultBenchmarks.Setting(BimpmOptions.paper(), 1e-3, epochs),
                    loader.call(),
                    source,
                    reference)));
  }

  private static Benchmark onGpu(String name, String what, Callable<Row> run) {
    return Benchmark.slow(
        name,
        what,
        () -> {
          if (!Compute.isGpu()) {
            throw new Benchmark.Skipped(
                Compute.said().equals("CPU")
                    ? "there is no GPU here, or TINKER_DEVICE declines it"
                    : Compute.said());
          }
          System.err.println(name + ": " + Compute.said());
          return run.call();
        });
  }

  private static Row train(String name, Size size) throws IOException, InterruptedException {
    Corpus corpus = Corpus.ofText("made up", Texts.madeUp(600_000));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    TokenStreams batches = TokenStreams.of(corpus, vocabulary, size.batch(), size.steps());
    FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(1);
    double ours = 0;
    double theirs = 0;
    try (var model = RecurrentModel.lstm(vocabulary, RecurrentOptions.of(2, size.hidden()))) {
      for (int round = 0; round < 2; round++) {
        TrainingStep.repeat(model, batches, options, 20);
        long end = System.nanoTime() + 5_000_000_000L;
        while (System.nanoTime() < end) {
          long start = System.nanoTime();
          TrainingStep.repeat(model, batches, options, 100);
          ours = Math.max(ours, 100 / ((System.nanoTime() - start) / 1e9));
        }
        Optional<Map<String, Double>> peer =
            Peer.run(
                "train.py",
                "lstm",
                String.valueOf(size.hidden()),
                String.valueOf(size.batch()),
                String.valueOf(size.steps()),
                String.valueOf(vocabulary.size()),
                "5");
        theirs = Math.max(theirs, peer.map(rates -> rates.get("rate")).orElse(0.0));
      }
    }
    return row(name, ours, theirs, "steps/s");
  }

  private static Row bimpm(String name, int words, int pairs)
      throws IOException, InterruptedException {
    double ours = MatchingBenchmarks.Steps.train(words, pairs, 8, 40);
    Optional<Map<String, Double>> peer =
        Peer.run("bimpm.py", String.valueOf(words), String.valueOf(pairs), "8", "cuda");
    return row(name, ours, peer.map(rates -> rates.get("rate")).orElse(0.0), "pairs/s");
  }

  private static Row sample(String name, int streams) throws IOException, InterruptedException {
    Vocabulary vocabulary =
        Vocabulary.ofCharacters(
            IntStream.range(0, 65)
                .mapToObj(i -> Character.toString(' ' + i))
                .collect(Collectors.joining()));
    try (var model = RecurrentModel.lstm(vocabulary, RecurrentOptions.of(2, 512))) {
      double ours = SampleBenchmarks.best(Generator.of(model).pastEnd("\n"), streams, 5);
      Optional<Map<String, Double>> peer =
          Peer.run("sample.py", "512", String.valueOf(streams), "5", "cuda");
      return row(name, ours, peer.map(rates -> rates.get("rate")).orElse(0.0), "characters/s");
    }
  }

  private static Row row(String name, double ours, double theirs, String unit) {
    return theirs > 0
        ? Row.measured(name, ours, theirs, "PyTorch on the GPU", unit)
        : Row.alone(name, ours, unit);
  }

  /** As many epochs as fit into ten minutes, by the speed of the first steps. */
  private static Row shakespeare() throws IOException {
    Split split = TinyShakespeare.load().split(0.9, 0, 0.1, 1);
    Vocabulary vocabulary = Vocabulary.ofCharacters(split.train());
    TokenStreams train = TokenStreams.of(split.train(), vocabulary, 64, 128).shuffled();
    RecurrentOptions options = RecurrentOptions.of(2, 512).embedding(64).dropout(0.5).seed(1);
    double perStep;
    try (var trial = RecurrentModel.lstm(vocabulary, options)) {
      FitOptions any = FitOptions.epochs(1).rate(1e-3);
      TrainingStep.repeat(trial, train, any, 40);
      long start = System.nanoTime();
      TrainingStep.repeat(trial, train, any, 200);
      perStep = (System.nanoTime() - start) / 1e9 / 200;
    }
    // Beyond forty epochs a model of this size learns the text by heart.
    double fit = 0.95 * 60 * MINUTES / (perStep * train.size(1, 0));
    int epochs = (int) Math.max(1, Math.min(40, fit));
    long began = System.nanoTime();
    try (var model = RecurrentModel.lstm(vocabulary, options)) {
      Fit done = Fit.of(model, train, null, FitOptions.epochs(epochs).oneCycle(3e-3).seed(1));
      Evaluation evaluation = Evaluation.of(model, split.test());
      System.err.printf(
          Locale.ROOT,
          "gpu/shakespeare-10min: %s in %.0f s; %s%n",
          done,
          (System.nanoTime() - began) / 1e9,
          evaluation);
      return Row.stated("gpu/shakespeare-10min", evaluation.nats(), 1.47, "the goal", "nats")
          .smaller();
    }
  }
}
