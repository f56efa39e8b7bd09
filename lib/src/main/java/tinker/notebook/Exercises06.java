package tinker.notebook;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The exercises of notebook 06. */
final class Exercises06 {
  private static final String NOTEBOOK = "06-rnn-by-hand";
  private static final int UNITS = 4;
  private static final int DELAY = 3;
  private static final int LENGTH = 10;

  private Exercises06() {}

  static List<Exercise> all() {
    return List.of(twoSteps(), carriedAlong(), memory());
  }

  private static Exercise twoSteps() {
    double first = Math.tanh(1);
    double second = Math.tanh(0.5 * first);
    double right = (1 - second * second) * 0.5 * (1 - first * first);
    return Authoring.value("06-1", NOTEBOOK, Number.class)
        .expect(() -> right, 5e-3)
        .mistake(
            v -> v.doubleValue() == 0,
            "saw only that x2 is 0; w also acts through the state before")
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.5 * (1 - first * first)) < 5e-3,
            "left out the slope of the second tanh")
        .mistake(
            v -> Math.abs(v.doubleValue() - (1 - second * second) * 0.5) < 5e-3,
            "left out the slope of the first tanh")
        .mistake(
            v -> Math.abs(v.doubleValue() - (1 - first * first)) < 5e-3,
            "stopped at the first state; asked is the second")
        .hint("Along which ways does w reach the second state?")
        .hint("Only through the first: x2 is 0. Multiply the slopes along that way.")
        .hint("(1 - h2 h2) times u times (1 - h1 h1) times x1, with h1 = tanh(1).")
        .why(
            "A product of slopes along the way is all that backpropagation through time computes;"
                + " after two steps no more than a fifth is left here.")
        .examples(right, 0.0);
  }

  private static Exercise carriedAlong() {
    return Authoring.<ToDoubleFunction<double[]>, double[], Double>function(
            "06-2", NOTEBOOK, ToDoubleFunction.class, ToDoubleFunction::applyAsDouble)
        .reference(xs -> slope(xs, 0), 1e-9)
        .on(
            new double[] {1},
            new double[] {1, 0},
            new double[] {1, 0, 0},
            new double[] {0.5, -1, 2, 0.3},
            new double[] {0, 0, 1, 1, 1, 1, -1},
            new double[0])
        .mistake(
            xs -> slope(xs, 1),
            "took the old state for a constant; it depends on u as well, through all steps before")
        .mistake(xs -> slope(xs, 2), "left out the slope of tanh")
        .mistake(xs -> slope(xs, 3), "used the slope at the old state; it belongs to the new one")
        .hint("If you know h and its slope before a step, what are both after it?")
        .hint("The sum is x + u h. By how much does it rise with u, when h rises with u too?")
        .hint("slope' = (1 - h' h') (h + u slope), where h' is the new state and h the old one.")
        .why(
            "Carried forward the gradient needs no stored states, but one such number for each"
                + " weight and each unit; that is why one goes backwards.")
        .examples(xs -> 0, Exercises06::fails);
  }

  private static double fails(double[] xs) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + xs.length);
  }

  /** dh/du of one unit with w = 1 and u = 0.5; {@code slip} 1 to 3 makes a usual mistake. */
  private static double slope(double[] xs, int slip) {
    double h = 0;
    double slope = 0;
    for (double x : xs) {
      double next = Math.tanh(x + 0.5 * h);
      double bend = slip == 2 ? 1 : slip == 3 ? 1 - h * h : 1 - next * next;
      slope = bend * (h + (slip == 1 ? 0 : 0.5 * slope));
      h = next;
    }
    return slope;
  }

  private static Exercise memory() {
    double[][] chain = new double[UNITS][UNITS];
    for (int i = 1; i < UNITS; i++) {
      chain[i][i - 1] = 2;
    }
    double[][] wrongWay = new double[UNITS][UNITS];
    for (int i = 1; i < UNITS; i++) {
      wrongWay[i - 1][i] = 2;
    }
    return Authoring.experiment("06-3", NOTEBOOK, double[][].class)
        .criterion(
            u -> square(u) && correct(u, DELAY) == 1,
            u ->
                square(u)
                    ? String.format(
                        Locale.ROOT,
                        "the fourth unit has the right sign in %.1f %% of all steps",
                        100 * correct(u, DELAY))
                    : "a matrix that is not 4 by 4",
            "4 by 4, and the right sign at every step of all 1,024 sequences of ten signs")
        .mistake(
            u -> square(u) && correct(u, DELAY - 1) == 1,
            "built a memory of two steps; the first unit sees the input in the same step")
        .mistake(
            u -> square(u) && correct(transposed(u), DELAY) == 1,
            "turned the matrix over: row i says what unit i is made from")
        .hint("Which unit knows the input of one step earlier, if only the first one sees any?")
        .hint("Let the second unit copy what the first held a step before, and so on.")
        .hint("A chain: only the entries in row i, column i - 1 are not 0, and large enough.")
        .why(
            "A window is a special case of a state: four units in a chain are a window of four,"
                + " and a network that learns is free to keep something better.")
        .examples(chain, wrongWay);
  }

  private static boolean square(double[][] u) {
    boolean square = u.length == UNITS;
    for (double[] row : u) {
      square &= row != null && row.length == UNITS;
    }
    return square;
  }

  private static double[][] transposed(double[][] u) {
    double[][] result = new double[UNITS][UNITS];
    for (int i = 0; i < UNITS; i++) {
      for (int j = 0; j < UNITS; j++) {
        result[j][i] = u[i][j];
      }
    }
    return result;
  }

  /** The share of steps, over all sequences of signs, at which the last unit shows the old sign. */
  private static double correct(double[][] u, int delay) {
    int right = 0;
    int all = 0;
    for (int bits = 0; bits < 1 << LENGTH; bits++) {
      double[] h = new double[UNITS];
      for (int t = 0; t < LENGTH; t++) {
        h = step(u, h, sign(bits, t));
        if (t >= delay) {
          all++;
          right += h[UNITS - 1] * sign(bits, t - delay) > 1e-3 ? 1 : 0;
        }
      }
    }
    return (double) right / all;
  }

  private static double[] step(double[][] u, double[] h, int x) {
    double[] next = new double[UNITS];
    for (int i = 0; i < UNITS; i++) {
      double sum = i == 0 ? 2 * x : 0;
      for (int j = 0; j < UNITS; j++) {
        sum += u[i][j] * h[j];
      }
      next[i] = Math.tanh(sum);
    }
    return next;
  }

  private static int sign(int bits, int t) {
    return (bits >> t & 1) == 1 ? 1 : -1;
  }
}
