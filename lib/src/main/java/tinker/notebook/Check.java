package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Locale;

/**
 * Claims that a notebook makes and proves. A claim that holds is printed with a tick; one that does
 * not ends the cell.
 *
 * <pre>{@code
 * Check.that(total == 1, "the probabilities sum to 1");
 * Check.close(byHand, byLayer, 1e-6, "the cell written by hand equals the layer");
 * }</pre>
 */
public final class Check {
  private Check() {}

  /**
   * @param claim what is true if {@code holds}, in words
   */
  public static void that(boolean holds, String claim) {
    if (!holds) {
      throw new Failed("does not hold: " + claim);
    }
    tick(claim);
  }

  /**
   * Two numbers are the same within {@code tolerance}.
   *
   * @param claim what is true if they are, in words
   */
  public static void close(double actual, double expected, double tolerance, String claim) {
    double difference = Math.abs(actual - expected);
    boolean holds = difference <= tolerance || actual == expected;
    judged(
        holds,
        claim,
        String.format(Locale.ROOT, "%s and %s, apart by %.1e", actual, expected, difference),
        tolerance);
  }

  /** Two rows of numbers are the same, place by place, within {@code tolerance}. */
  public static void close(double[] actual, double[] expected, double tolerance, String claim) {
    if (actual.length != expected.length) {
      throw new Failed(
          "does not hold: "
              + claim
              + " ("
              + actual.length
              + " values beside "
              + expected.length
              + ")");
    }
    double most = 0;
    int at = 0;
    for (int i = 0; i < actual.length; i++) {
      double difference = actual[i] == expected[i] ? 0 : Math.abs(actual[i] - expected[i]);
      if (difference > most || Double.isNaN(difference)) {
        most = difference;
        at = i;
      }
      if (Double.isNaN(most)) {
        break;
      }
    }
    String detail =
        most == 0
            ? "equal in every place"
            : String.format(
                Locale.ROOT,
                "furthest apart at place %d: %s and %s, by %.1e",
                at,
                actual[at],
                expected[at],
                most);
    judged(most <= tolerance, claim, detail, tolerance);
  }

  /** Two rows of numbers are the same, place by place, within {@code tolerance}. */
  public static void close(float[] actual, float[] expected, double tolerance, String claim) {
    close(doubles(actual), doubles(expected), tolerance, claim);
  }

  /** Two arrays have the same shape and, place by place, the same values within a tolerance. */
  public static void close(NDArray actual, NDArray expected, double tolerance, String claim) {
    if (!actual.getShape().equals(expected.getShape())) {
      throw new Failed(
          "does not hold: "
              + claim
              + " (shape "
              + actual.getShape()
              + " beside "
              + expected.getShape()
              + ")");
    }
    close(doubles(actual), doubles(expected), tolerance, claim);
  }

  private static void judged(boolean holds, String claim, String detail, double tolerance) {
    if (!holds) {
      throw new Failed(
          String.format(
              Locale.ROOT,
              "does not hold: %s (%s; at most %s is allowed)",
              claim,
              detail,
              tolerance));
    }
    tick(claim);
  }

  private static void tick(String claim) {
    Screen.current()
        .show(
            Rich.html(
                "<div class=\"tinker-check\" style=\""
                    + Markup.QUIET
                    + "\"><span style=\"color:var(--jp-success-color1,#2e7d32)\">\u2713</span> "
                    + Markup.escape(claim)
                    + "</div>",
                "\u2713 " + claim));
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }
}
