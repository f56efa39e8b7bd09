package tinker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tinker.data.TinyShakespeare;
import tinker.model.Evaluation;
import tinker.model.NGram;
import tinker.model.NGramModel;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;

/** What n-gram models reach, and what they cost. */
final class NGramBenchmarks {
  /** Orders and the loss of an independent Kneser-Ney on the same text. */
  private static final Map<Integer, Double> REFERENCE =
      new TreeMap<>(Map.of(3, 1.719, 4, 1.561, 5, 1.523, 6, 1.5165, 7, 1.519, 10, 1.522));

  private NGramBenchmarks() {}

  static List<Benchmark> all() {
    var all = new ArrayList<Benchmark>();
    REFERENCE.forEach(
        (order, loss) -> {
          String name = "kneser-ney/shakespeare-" + order;
          all.add(
              Benchmark.quick(
                  name,
                  "held-out last tenth of Tiny Shakespeare, " + order + " characters of history",
                  () -> kneserNey(name, order, loss)));
        });
    all.add(
        Benchmark.quick(
            "ngram/count-10MB",
            "order 6 counted from 10 MB of made-up text, by a Java just started",
            () ->
                Row.stated("ngram/count-10MB", count().get("seconds"), 5, "the goal", "s")
                    .smaller()));
    all.add(
        Benchmark.quick(
            "ngram/memory-10MB",
            "the most memory resident while doing so, the 10 MB of text included",
            () ->
                Row.stated("ngram/memory-10MB", count().get("megabytes"), 1000, "the goal", "MB")
                    .smaller()));
    all.add(
        Benchmark.quick(
            "ngram/score", "Kneser-Ney of order 6, 2 million characters", NGramBenchmarks::score));
    return all;
  }

  private static Row kneserNey(String name, int order, double reference) throws IOException {
    Split split = TinyShakespeare.load().split(0.9, 0, 0.1, 1);
    Vocabulary vocabulary = Vocabulary.ofCharacters(split.train());
    NGramModel model = NGram.count(split.train(), vocabulary, order).kneserNey();
    double nats = Evaluation.of(model, split.test()).nats();
    return Row.stated(name, nats, reference, "independent Kneser-Ney", "nats").smaller();
  }

  private static Map<String, Double> count() throws IOException, InterruptedException {
    Path file = Files.createTempFile("tinker-text", ".txt");
    try {
      Files.writeString(file, Texts.madeUp(10_000_000));
      return Child.run(List.of("-Xmx700m"), Count.class, file.toString());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Counts a file; run by a Java of its own. */
  static final class Count {
    private Count() {}

    public static void main(String[] arguments) throws IOException {
      Corpus corpus = Corpus.read(Path.of(arguments[0]));
      Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
      long start = System.nanoTime();
      NGram counted = NGram.count(corpus, vocabulary, 6);
      System.out.println("seconds " + (System.nanoTime() - start) / 1e9);
      System.out.println("megabytes " + Child.residentMegabytes("VmHWM"));
      System.err.println(counted);
    }
  }

  private static Row score() {
    Corpus corpus = Corpus.ofText("made up", Texts.madeUp(2_000_000));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    NGramModel model = NGram.count(corpus, vocabulary, 6).kneserNey();
    int[] tokens = corpus.tokens(vocabulary);
    double seconds = Timing.median(1, 3, () -> model.score(tokens));
    return Row.stated("ngram/score", tokens.length / seconds, 1e6, "the goal", "characters/s");
  }
}
