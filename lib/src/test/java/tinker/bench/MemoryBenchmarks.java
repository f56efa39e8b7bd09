package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tinker.data.TokenStreams;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Recurrent;
import tinker.text.Corpus;
import tinker.text.Vocabulary;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/** Memory that training keeps: native memory that is not given back would show here. */
final class MemoryBenchmarks {
  private static final int BEFORE = 100;
  private static final int AFTER = 2_000;

  private MemoryBenchmarks() {}

  static List<Benchmark> all() {
    var all = new ArrayList<Benchmark>();
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      String name = "train/memory-" + kind.name().toLowerCase(java.util.Locale.ROOT);
      all.add(
          Benchmark.slow(
              name,
              "resident memory after 2,000 training steps, beside that after 100",
              () -> {
                // A heap that is whole from the beginning and a compiler that needs little, so that
                // only what training keeps can grow.
                Map<String, Double> found =
                    Child.run(
                        List.of(
                            "-Xms256m",
                            "-Xmx256m",
                            "-XX:+AlwaysPreTouch",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dai.djl.pytorch.num_threads=1"),
                        Steps.class,
                        kind.name());
                return new Row(
                    name,
                    found.get("after"),
                    found.get("before"),
                    "after " + BEFORE + " steps",
                    "MB",
                    true);
              }));
    }
    return all;
  }

  /** Trains and looks at its memory; run by a Java of its own. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] arguments) throws IOException {
      Corpus corpus = Corpus.ofText("made up", Texts.madeUp(300_000));
      Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
      TokenStreams batches = TokenStreams.of(corpus, vocabulary, 50, 50);
      FitOptions options = FitOptions.epochs(1).rate(1e-3);
      var kind = Recurrent.Kind.valueOf(arguments[0]);
      try (var model = RecurrentModel.of(kind, vocabulary, RecurrentOptions.of(2, 128))) {
        TrainingStep.repeat(model, batches, options, BEFORE);
        System.out.println("before " + Child.residentMegabytes("VmRSS"));
        TrainingStep.repeat(model, batches, options, AFTER - BEFORE);
        System.out.println("after " + Child.residentMegabytes("VmRSS"));
      }
    }
  }
}
