package tinker.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/** The exercises of notebook 04. */
final class Exercises04 {
  private static final String NOTEBOOK = "04-honest-perplexity";

  private Exercises04() {}

  static List<Exercise> all() {
    return List.of(bits(), wittenBell(), mixture());
  }

  private static Exercise bits() {
    double word = Math.log(150);
    double right = word / Math.log(2) / 5.7;
    return Authoring.value("04-1", NOTEBOOK, Number.class)
        .expect(() -> right, 0.005)
        .mistake(v -> near(v, word / 5.7), "gave nats a character; a nat is 1 / ln 2 bits")
        .mistake(v -> near(v, word / Math.log(2)), "gave bits a word, and did not divide by 5.7")
        .mistake(
            v -> near(v, Math.log(150 / 5.7) / Math.log(2)),
            "divided the perplexity; it is the logarithm that is shared out among the characters")
        .mistake(v -> near(v, word * Math.log(2) / 5.7), "multiplied by ln 2 where one divides")
        .hint("How many bits does a choice among 150 equally likely words cost?")
        .hint("That is ln 150 / ln 2, for one word of 5.7 characters.")
        .why(
            "In this unit a model of words can stand beside one of characters: this one would beat"
                + " the n-grams of the notebook, on its own text.")
        .examples(right, word / 5.7);
  }

  private static boolean near(Number value, double other) {
    return Math.abs(value.doubleValue() - other) < 0.005;
  }

  private static Exercise wittenBell() {
    return Authoring.<Function<int[], double[]>, int[], double[]>function(
            "04-2", NOTEBOOK, Function.class, Function::apply)
        .reference(counts -> smoothed(counts, kinds(counts), 1.0 / counts.length), 1e-9)
        .on(
            new int[] {3, 0, 0, 1},
            new int[] {0, 0},
            new int[] {5, 0},
            new int[] {1, 1, 1, 1, 1},
            new int[] {0, 100, 7, 0, 0, 2})
        .mistake(
            counts -> smoothed(counts, sum(counts), 1.0 / counts.length),
            "took the number of places for T; T counts the different tokens that were seen")
        .mistake(
            counts -> smoothed(counts, kinds(counts), 1),
            "left out the 1 / V of the distribution below, so that the sum is above 1")
        .mistake(
            counts -> smoothed(counts, counts.length, 1.0 / counts.length),
            "took V for T; T counts only the tokens that were seen")
        .mistake(
            counts -> divided(counts, kinds(counts)),
            "divided by zero where nothing was ever seen; there the distribution below answers"
                + " alone")
        .hint("How many of the counts are above zero?")
        .hint("Their number is T, the sum of the counts is c(h), and P(w | h') is 1 / V.")
        .hint("(count + T / V) / (sum + T), and 1 / V for all if the sum is 0.")
        .why(
            "A history followed by many different tokens expects another new one; one that was"
                + " always followed by the same does not.")
        .examples(counts -> smoothed(counts, counts.length, 1), Exercises04::fails);
  }

  private static double sum(int[] counts) {
    return Arrays.stream(counts).sum();
  }

  private static double kinds(int[] counts) {
    return Arrays.stream(counts).filter(count -> count > 0).count();
  }

  private static double[] smoothed(int[] counts, double kinds, double below) {
    return sum(counts) + kinds == 0
        ? Arrays.stream(counts).mapToDouble(count -> below).toArray()
        : Arrays.stream(counts)
            .mapToDouble(count -> (count + kinds * below) / (sum(counts) + kinds))
            .toArray();
  }

  private static double[] divided(int[] counts, double kinds) {
    return Arrays.stream(counts)
        .mapToDouble(count -> (count + kinds / counts.length) / (sum(counts) + kinds))
        .toArray();
  }

  private static double[] fails(int[] counts) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + counts.length);
  }

  private static Exercise mixture() {
    double never = Double.NEGATIVE_INFINITY;
    return Authoring.<ToDoubleBiFunction<double[], double[]>, double[][], Double>function(
            "04-3",
            NOTEBOOK,
            ToDoubleBiFunction.class,
            (f, scores) -> f.applyAsDouble(scores[0], scores[1]))
        .reference(Exercises04::bestShare, 2e-3)
        .on(
            logs(new double[] {0.8, 0.2}, new double[] {0.2, 0.8}),
            logs(new double[] {0.9, 0.9, 0.1}, new double[] {0.5, 0.5, 0.5}),
            logs(new double[] {0.5, 0.6}, new double[] {0.1, 0.2}),
            logs(new double[] {0.1, 0.2}, new double[] {0.5, 0.6}),
            new double[][] {
              {Math.log(0.9), never, Math.log(0.7), Math.log(0.9)},
              {Math.log(0.3), Math.log(0.2), Math.log(0.4), Math.log(0.1)}
            })
        .mistake(
            (a, b) -> 1 - bestShare(a, b),
            "gave the share of the second model; lambda is the first's")
        .mistake(
            Exercises04::logarithmsMixed,
            "mixed the logarithms; it is the probabilities that are mixed")
        .hint("For one given lambda, how probable does the mixture hold the whole text?")
        .hint(
            "The mean of ln(lambda exp(a) + (1 - lambda) exp(b)) has one maximum between 0 and 1;"
                + " trying 0, 0.001, ..., 1 finds it.")
        .hint("exp(-infinity) is 0 in Java, so an impossible letter needs no special case.")
        .why(
            "Whatever two models are good at, their mixture is at least as good as the better one"
                + " on the text that lambda was chosen on, and nearly always on other text.")
        .examples(
            (a, b) -> 0.5,
            (a, b) -> {
              throw new ArithmeticException("not a number");
            });
  }

  private static double[][] logs(double[] one, double[] other) {
    return new double[][] {
      Arrays.stream(one).map(Math::log).toArray(), Arrays.stream(other).map(Math::log).toArray()
    };
  }

  /** The mean log-probability is concave in lambda: its slope tells on which side to go on. */
  private static double bestShare(double[] a, double[] b) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 40; i++) {
      double lambda = (low + high) / 2;
      double slope = 0;
      for (int t = 0; t < a.length; t++) {
        double p = Math.exp(a[t]);
        double q = Math.exp(b[t]);
        slope += (p - q) / (lambda * p + (1 - lambda) * q);
      }
      if (slope > 0) {
        low = lambda;
      } else {
        high = lambda;
      }
    }
    return (low + high) / 2;
  }

  /** A mean of logarithms is greatest at one of the two ends. */
  private static double logarithmsMixed(double[] a, double[] b) {
    return Arrays.stream(a).sum() > Arrays.stream(b).sum() ? 1 : 0;
  }
}
