package tinker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.WordVectors;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.text.Pair;
import tinker.text.Vocabulary;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/**
 * Speed and memory of training BiMPM at the paper's size (word vectors of 300, hidden 100, 20
 * perspectives), beside a port to PyTorch in the usual arrangement.
 */
final class MatchingBenchmarks {
  private MatchingBenchmarks() {}

  /**
   * @param words in each sentence
   * @param pairs in a batch
   * @param rate pairs a second of a PyTorch port, measured on another day
   * @param megabytes the most memory that port was seen to use
   */
  private record Size(int words, int pairs, double rate, double megabytes) {
    String name() {
      return "bimpm/train-" + words;
    }
  }

  static List<Benchmark> all() {
    var all = new ArrayList<Benchmark>();
    for (Size size : List.of(new Size(12, 32, 90, 1200), new Size(25, 64, 47, 2100))) {
      String shape =
          size.words() + " + " + size.words() + " words, batch " + size.pairs() + ", paper's size";
      all.add(
          Benchmark.slow(
              size.name(),
              "training BiMPM on pairs of " + shape + ", beside a PyTorch port",
              () -> speed(size)));
      all.add(
          Benchmark.slow(
              size.name() + "-memory",
              "most resident memory in training BiMPM on pairs of " + shape,
              () -> memory(size)));
    }
    return all;
  }

  private static Optional<Map<String, Double>> peer(Size size)
      throws IOException, InterruptedException {
    return Peer.run("bimpm.py", String.valueOf(size.words()), String.valueOf(size.pairs()), "10");
  }

  private static Row speed(Size size) throws IOException, InterruptedException {
    double ours = Steps.train(size.words(), size.pairs(), 10);
    Optional<Map<String, Double>> peer = peer(size);
    ours = Math.max(ours, Steps.train(size.words(), size.pairs(), 5));
    return peer.isPresent()
        ? Row.measured(size.name(), ours, peer.get().get("rate"), "PyTorch port", "pairs/s")
        : Row.stated(size.name(), ours, size.rate(), "a PyTorch port", "pairs/s");
  }

  private static Row memory(Size size) throws IOException, InterruptedException {
    String name = size.name() + "-memory";
    double ours =
        Child.run(
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dai.djl.pytorch.num_threads=1"),
                Steps.class,
                String.valueOf(size.words()),
                String.valueOf(size.pairs()))
            .get("megabytes");
    Optional<Map<String, Double>> peer = peer(size);
    Row row =
        peer.isPresent()
            ? Row.measured(name, ours, peer.get().get("megabytes"), "PyTorch port", "MB")
            : Row.stated(name, ours, size.megabytes(), "a PyTorch port", "MB");
    return row.smaller();
  }

  /** Trains on random sentences; by itself to have its memory looked at. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] arguments) throws IOException {
      train(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), 5);
      System.out.println("megabytes " + Child.residentMegabytes("VmHWM"));
    }

    /** Pairs a second, the best of many short rounds. */
    static double train(int words, int rows, double seconds) throws IOException {
      return train(words, rows, seconds, 4);
    }

    /** The same, with so many steps in a round. */
    static double train(int words, int rows, double seconds, int steps) throws IOException {
      Pairs pairs = random(4 * rows, words);
      WordVectors vectors = vectors(pairs);
      Vocabulary letters = PairBatches.letters(pairs);
      PairBatches batches = PairBatches.of(pairs, vectors, letters, rows, words, 10);
      FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(10);
      double best = 0;
      try (var model = BimpmModel.of(300, letters.size(), 2, BimpmOptions.paper())) {
        TrainingStep.repeat(model, batches, options, 2);
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
          long start = System.nanoTime();
          TrainingStep.repeat(model, batches, options, steps);
          best = Math.max(best, (double) steps * rows / ((System.nanoTime() - start) / 1e9));
        }
      }
      return best;
    }

    /** Vectors from a file, as real ones are: random ones are drawn anew for every batch. */
    private static WordVectors vectors(Pairs pairs) throws IOException {
      Path file = Files.createTempFile("tinker-vectors", ".txt");
      try {
        var random = new Random(2);
        var text = new StringBuilder();
        for (String word : pairs.words()) {
          text.append(word);
          for (int i = 0; i < 300; i++) {
            text.append(' ').append((float) random.nextGaussian() / 2);
          }
          text.append('\n');
        }
        Files.writeString(file, text);
        return WordVectors.read(file, pairs.words(), 1);
      } finally {
        Files.delete(file);
      }
    }

    /**
     * Sentences of words drawn from 10,000 about as unevenly as in a text: the chance of the r-th
     * falls as 1/r. Each has 1 to 10 letters.
     */
    private static Pairs random(int count, int words) {
      var random = new Random(1);
      String[] dictionary = new String[10_000];
      for (int i = 0; i < dictionary.length; i++) {
        var word = new StringBuilder();
        for (int c = random.nextInt(10); c >= 0; c--) {
          word.append((char) ('a' + random.nextInt(26)));
        }
        dictionary[i] = word.toString();
      }
      var pairs = new ArrayList<Pair>();
      for (int i = 0; i < count; i++) {
        String[] sides = new String[2];
        for (int side = 0; side < 2; side++) {
          var sentence = new StringBuilder();
          for (int w = 0; w < words; w++) {
            int rank = (int) Math.pow(dictionary.length, random.nextDouble());
            sentence.append(dictionary[rank - 1]).append(' ');
          }
          sides[side] = sentence.toString();
        }
        pairs.add(new Pair(String.valueOf(i), sides[0], sides[1], i % 2 == 0 ? "a" : "b", ""));
      }
      return Pairs.of("random", List.of("a", "b"), pairs);
    }
  }
}
