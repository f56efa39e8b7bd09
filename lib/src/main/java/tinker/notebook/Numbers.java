package tinker.notebook;

import java.util.Locale;

/** Numbers as a reader wants them: few digits, a point whatever the country. */
final class Numbers {
  private static final int MOST_DECIMALS = 4;

  private Numbers() {}

  /** {@code value} with as many decimals as the values beside it call for. */
  static String among(double value, double... beside) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "\u221E" : "-\u221E";
    }
    double largest = 0;
    int decimals = 0;
    for (double other : beside) {
      if (Double.isFinite(other)) {
        largest = Math.max(largest, Math.abs(other));
        while (decimals < MOST_DECIMALS && !told(other, decimals)) {
          decimals++;
        }
      }
    }
    boolean whole = decimals == 0;
    if (whole ? largest >= 1e9 : largest >= 1e6 || largest < 1e-3) {
      return String.format(Locale.ROOT, "%.3e", value);
    }
    return String.format(
        Locale.ROOT, "%." + (largest >= 100 ? Math.min(decimals, 2) : decimals) + "f", value);
  }

  /** Whether so many decimals tell {@code value}, up to the rounding of single precision. */
  private static boolean told(double value, int decimals) {
    double scaled = value * Math.pow(10, decimals);
    return Math.abs(scaled - Math.rint(scaled)) <= 1e-7 * Math.max(1, Math.abs(scaled));
  }

  /** {@code value} alone. */
  static String plain(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e9) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    String text = among(value, value);
    return text.contains(".") && !text.contains("e")
        ? text.replaceAll("0+$", "").replaceAll("\\.$", "")
        : text;
  }

  static String count(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }
}
