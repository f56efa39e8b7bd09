package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tinker.generate.Generator;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.text.Vocabulary;

/** Speed of writing text from a 2-layer LSTM over 65 characters. */
final class SampleBenchmarks {
  private static final int TOKENS = 200;
  private static final int ROUNDS = 3;

  private SampleBenchmarks() {}

  static List<Benchmark> all() {
    var all = new ArrayList<Benchmark>();
    for (int streams : new int[] {1, 64}) {
      for (int hidden : new int[] {128, 256, 512}) {
        String name = "sample/lstm-2x" + hidden + (streams == 1 ? "" : "-" + streams + "streams");
        String what =
            streams
                + " text(s) written by a 2-layer LSTM of "
                + hidden
                + ", beside PyTorch's eager loop (best of 1 and 2 threads)";
        all.add(
            hidden == 128
                ? Benchmark.quick(name, what, () -> sample(name, hidden, streams))
                : Benchmark.slow(name, what, () -> sample(name, hidden, streams)));
      }
    }
    return all;
  }

  private static Row sample(String name, int hidden, int streams)
      throws IOException, InterruptedException {
    Vocabulary vocabulary =
        Vocabulary.ofCharacters(
            IntStream.range(0, 65)
                .mapToObj(i -> Character.toString(' ' + i))
                .collect(Collectors.joining()));
    double ours = 0;
    double theirs = 0;
    try (var model = RecurrentModel.lstm(vocabulary, RecurrentOptions.of(2, hidden))) {
      Generator generator = Generator.of(model).pastEnd("\n");
      // In turns, so that a machine that is busy for a while slows both.
      for (int round = 0; round < ROUNDS; round++) {
        ours = Math.max(ours, best(generator, streams, round == 0 ? 3 : 1));
        Optional<Map<String, Double>> peer =
            Peer.run("sample.py", String.valueOf(hidden), String.valueOf(streams), "2");
        theirs = Math.max(theirs, peer.map(rates -> rates.get("rate")).orElse(0.0));
      }
    }
    return theirs > 0
        ? Row.measured(name, ours, theirs, "PyTorch", "characters/s")
        : Row.alone(name, ours, "characters/s");
  }

  /** Characters a second in the best of the rounds that fit into the time. */
  static double best(Generator generator, int streams, double seconds) {
    double best = 0;
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int round = 0; round < 3 || System.nanoTime() < end; round++) {
      long start = System.nanoTime();
      if (streams == 1) {
        generator.seed(round).write(TOKENS);
      } else {
        generator.seed(round).writeMany(streams, TOKENS);
      }
      best = Math.max(best, TOKENS * streams / ((System.nanoTime() - start) / 1e9));
    }
    return best;
  }
}
