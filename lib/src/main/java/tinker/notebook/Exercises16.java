package tinker.notebook;

import java.util.List;
import java.util.function.Function;

/** The exercises of notebook 16. */
final class Exercises16 {
  private static final String NOTEBOOK = "16-review-sentiment";

  private Exercises16() {}

  static List<Exercise> all() {
    return List.of(length(), slide(), averaged());
  }

  private static Exercise length() {
    return Authoring.value("16-1", NOTEBOOK, Number.class)
        .expect(() -> (20L - 5) / 3 + 1, 0)
        .mistake(v -> v.intValue() == 5, "forgot the first place: it is reached without a step")
        .mistake(v -> v.intValue() == 7, "let the kernel hang over the end of the text")
        .mistake(v -> v.intValue() == 16, "took stride 1; the kernel moves by 3 words")
        .hint("At which words can the kernel begin?")
        .hint("It begins at word 0, then 3, 6, ..., as long as all its 5 words are there.")
        .hint("(20 - 5) / 3 steps, and the place it starts from.")
        .why("The same formula, once for each direction, gives the size of an image's feature map.")
        .examples(6, 16);
  }

  private static Exercise slide() {
    return Authoring.<Function<double[], double[]>, double[], double[]>function(
            "16-2", NOTEBOOK, Function.class, Function::apply)
        .reference(xs -> slide(xs, 2, 0), 1e-9)
        .on(
            new double[] {1, 0, 0},
            new double[] {1, 2, 3, 4, 5},
            new double[] {0, 1, 0, 0, 2, 0, 1, 1},
            new double[] {1, 2},
            new double[0])
        .mistake(xs -> slide(xs, 1, 0), "moved by one place; the stride is 2")
        .mistake(
            xs -> slide(xs, 2, 1),
            "turned the kernel round, as mathematics does; layers of networks do not")
        .mistake(xs -> slide(xs, 2, 2), "let the kernel hang over the end")
        .hint("How many places does the kernel take, and which three numbers does each see?")
        .hint("At place i it sees xs[2 i], xs[2 i + 1] and xs[2 i + 2].")
        .hint("(n - 3) / 2 + 1 places, none if n is below 3; each is xs[2i] - xs[2i + 2].")
        .why(
            "This is a whole convolution layer with one filter; a layer over word vectors sums the"
                + " same over the numbers of each vector.")
        .examples(xs -> xs, Exercises16::fails);
  }

  private static double[] slide(double[] xs, int stride, int slip) {
    double[] kernel = slip == 1 ? new double[] {-1, 0, 1} : new double[] {1, 0, -1};
    int places = slip == 2 ? (xs.length + 1) / 2 : xs.length < 3 ? 0 : (xs.length - 3) / stride + 1;
    double[] out = new double[places];
    for (int i = 0; i < places; i++) {
      for (int k = 0; k < 3 && i * stride + k < xs.length; k++) {
        out[i] += kernel[k] * xs[i * stride + k];
      }
    }
    return out;
  }

  private static double[] fails(double... xs) {
    throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length " + xs.length);
  }

  private static Exercise averaged() {
    return Authoring.<Function<double[][], double[]>, double[][], double[]>function(
            "16-3", NOTEBOOK, Function.class, Function::apply)
        .reference(rows -> averaged(rows, 0), 1e-9)
        .on(
            new double[][] {{1, 0, 1}, {0, 1, -1}},
            new double[][] {{1, 1, 1}, {1, 0, -1}, {0, 1, 1}},
            new double[][] {{2, 1, -1}, {1, 3, 1}, {0.5, -1, 1}, {1, 1, -1}})
        .mistake(
            rows -> averaged(rows, 1),
            "returned the last weights; asked is their mean over all examples of all passes")
        .mistake(
            rows -> averaged(rows, 2),
            "took the mean over the updates only; weights that stay right count each time they do")
        .mistake(
            rows -> averaged(rows, 3),
            "left a score of exactly 0 alone; it decides nothing and calls for an update")
        .hint("When does a perceptron change its weights, and what do they become?")
        .hint("If label * score is not above 0, add label * x to the weights.")
        .hint("After every example, updated or not, add the weights to a sum; divide at the end.")
        .why(
            "The mean forgives the last example that happened to come; it is how perceptrons are"
                + " used in practice (Freund and Schapire 1999).")
        .examples(rows -> new double[] {0, 0}, Exercises16::failsOnRows);
  }

  private static double[] failsOnRows(double[]... rows) {
    throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length " + rows[0].length);
  }

  /** Ten passes; the last number of a row is its label, 1 or -1. */
  private static double[] averaged(double[][] rows, int slip) {
    int n = rows[0].length - 1;
    double[] w = new double[n];
    double[] sum = new double[n];
    int counted = 0;
    for (int pass = 0; pass < 10; pass++) {
      for (double[] row : rows) {
        double score = 0;
        for (int i = 0; i < n; i++) {
          score += w[i] * row[i];
        }
        double margin = row[n] * score;
        boolean update = slip == 3 ? margin < 0 : margin <= 0;
        for (int i = 0; i < n && update; i++) {
          w[i] += row[n] * row[i];
        }
        if (update || slip != 2) {
          counted++;
          for (int i = 0; i < n; i++) {
            sum[i] += w[i];
          }
        }
      }
    }
    double[] mean = new double[n];
    for (int i = 0; i < n; i++) {
      mean[i] = slip == 1 ? w[i] : counted == 0 ? 0 : sum[i] / counted;
    }
    return mean;
  }
}
