package tinker.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The exercises of notebook 14. */
final class Exercises14 {
  private static final String NOTEBOOK = "14-which-model-when";

  private Exercises14() {}

  static List<Exercise> all() {
    return List.of(natsOfWords(), lead(), worthChoosing());
  }

  private static Exercise natsOfWords() {
    return Authoring.value("14-1", NOTEBOOK, Double.class)
        .expect(() -> (4.9 * 1200 + 90 * 14) / 5400, 1e-3)
        .mistake(v -> Math.abs(v - 4.9 * 1200 / 5400) < 1e-3, "left out the spelling")
        .mistake(
            v -> Math.abs(v - (4.9 * 1200 + 90 * 14) / 1200) < 1e-2,
            "divided by the tokens; asked is a character's share")
        .mistake(
            v -> Math.abs(v - (4.9 * 1110 + 90 * 14) / 5400) < 1e-3,
            "let spelling replace the 4.9 nats; it comes on top of saying that the word is unknown")
        .hint("What does the whole text cost, words and letters together?")
        .hint("1,200 times 4.9 nats for the tokens, and 90 times 14 for the letters.")
        .hint("Divide by the 5,400 characters.")
        .why(
            "Without the letters the model would look nearly a fifth better than it is: no one could read"
                + " the text from its answers.")
        .examples(1.3222, 1.0889);
  }

  private static Exercise lead() {
    return Authoring.<Function<double[][], double[]>, double[][], double[]>function(
            "14-2", NOTEBOOK, Function.class, Function::apply)
        .reference(rows -> lead(rows, 1, 1, true), 1e-9)
        .on(
            new double[][] {{2, 2}, {1, 2}},
            new double[][] {{1.5, 1.4, 1.6}, {1.4, 1.3, 1.5}},
            new double[][] {{1.2, 1.9, 1.4, 1.1}, {1.3, 1.5, 1.4, 0.7}})
        .mistake(
            rows -> lead(rows, -1, 1, true),
            "took B minus A; fewer nats are better, so B leads by A minus B")
        .mistake(rows -> lead(rows, 1, 0, true), "divided the squares by n, not by n - 1")
        .mistake(
            rows -> lead(rows, 1, 1, false),
            "returned the spread of the texts; divide it by the root of their number")
        .hint("What is the difference between the models on one text, and what is its sign?")
        .hint("Take the differences first: both results come from them alone.")
        .hint("Spread: the root of the sum of squared distances from the mean over n - 1.")
        .why(
            "A hard text is hard for both models. Taking the difference text by text removes that,"
                + " and the error becomes far smaller than that of either mean alone.")
        .examples(
            rows -> new double[] {0, 0},
            rows -> {
              throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length 3");
            });
  }

  private static double[] lead(double[][] rows, int sign, int less, boolean ofTheMean) {
    int n = rows[0].length;
    double[] differences =
        IntStream.range(0, n).mapToDouble(i -> sign * (rows[0][i] - rows[1][i])).toArray();
    double mean = Arrays.stream(differences).sum() / n;
    double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
    double spread = Math.sqrt(squares / (n - less));
    return new double[] {mean, ofTheMean ? spread / Math.sqrt(n) : spread};
  }

  private static Exercise worthChoosing() {
    return Authoring.<Function<double[][], int[]>, double[][], int[]>function(
            "14-3", NOTEBOOK, Function.class, Function::apply)
        .reference(rows -> unbeaten(rows, Beaten.AS_ASKED), 0)
        .on(
            new double[][] {{1, 1.5}, {10, 1.4}},
            new double[][] {{1, 1.5}, {10, 1.6}, {5, 1.5}},
            new double[][] {{3, 1.7}, {3, 1.7}, {4, 1.7}, {3, 1.8}},
            new double[][] {{9, Double.POSITIVE_INFINITY}, {12, 2.0}},
            new double[][] {{100, 1.46}, {1, 1.49}, {20, 1.8}, {60, 1.6}, {0.5, 2.2}},
            new double[0][])
        .mistake(
            rows -> unbeaten(rows, Beaten.STRICTLY),
            "asked for better in both; no worse in one and better in the other is enough")
        .mistake(
            rows -> unbeaten(rows, Beaten.NOT_BETTER),
            "let two equal models beat each other; one must be better in something")
        .mistake(
            rows -> unbeaten(rows, Beaten.BY_NATS), "looked at the nats alone; time counts as well")
        .hint("When would you never take a model, whatever your time is worth?")
        .hint("Compare each model with every other one, in both numbers.")
        .hint("Beaten: other no slower, no more nats, and not equal in both.")
        .why(
            "What is left is called the Pareto front. Everything else is a matter of what an hour"
                + " is worth to you.")
        .examples(
            rows -> IntStream.range(0, rows.length).toArray(),
            rows -> {
              throw new ArrayIndexOutOfBoundsException("Index 2 out of bounds for length 2");
            });
  }

  private enum Beaten {
    AS_ASKED,
    STRICTLY,
    NOT_BETTER,
    BY_NATS
  }

  private static int[] unbeaten(double[][] rows, Beaten rule) {
    return IntStream.range(0, rows.length)
        .filter(
            i ->
                IntStream.range(0, rows.length)
                    .noneMatch(j -> j != i && beats(rows[j], rows[i], rule)))
        .toArray();
  }

  private static boolean beats(double[] other, double[] row, Beaten rule) {
    boolean noWorse = other[0] <= row[0] && other[1] <= row[1];
    boolean inBoth = other[0] < row[0] && other[1] < row[1];
    boolean inOne = other[0] < row[0] || other[1] < row[1];
    return switch (rule) {
      case AS_ASKED -> noWorse && inOne;
      case STRICTLY -> inBoth;
      case NOT_BETTER -> noWorse;
      case BY_NATS -> other[1] < row[1];
    };
  }
}
