package tinker.bench;

import java.util.Locale;

/**
 * What a benchmark found: {@code name | ours | reference | ratio | unit}.
 *
 * @param ours our number
 * @param reference the number to compare with; NaN if there is none
 * @param source where the reference comes from: a program run beside ours, or a stated value
 * @param unit of both, such as {@code characters/s} or {@code nats}
 * @param smallerIsBetter as for seconds and nats
 */
public record Row(
    String name,
    double ours,
    double reference,
    String source,
    String unit,
    boolean smallerIsBetter) {

  /** Compares with a peer that was run just now; {@code peer} names it and its version. */
  public static Row measured(String name, double ours, double reference, String peer, String unit) {
    return new Row(name, ours, reference, peer + ", same run", unit, false);
  }

  /** Compares with a published or earlier number; {@code source} says which. */
  public static Row stated(String name, double ours, double reference, String source, String unit) {
    return new Row(name, ours, reference, "stated: " + source, unit, false);
  }

  /** A number with nothing to compare it with. */
  public static Row alone(String name, double ours, String unit) {
    return new Row(name, ours, Double.NaN, "", unit, false);
  }

  /** The same, where a smaller number is the better one. */
  public Row smaller() {
    return new Row(name, ours, reference, source, unit, true);
  }

  /** Above 1 if ours is the better one: ours divided by the reference, or the reverse. */
  public double ratio() {
    return smallerIsBetter ? reference / ours : ours / reference;
  }

  @Override
  public String toString() {
    boolean compared = !Double.isNaN(reference);
    return String.join(
        " | ",
        name,
        number(ours),
        compared ? number(reference) + " (" + source + ")" : "-",
        compared ? String.format(Locale.ROOT, "%.3f", ratio()) : "-",
        unit);
  }

  /** Four digits that count, without exponents. */
  private static String number(double value) {
    double size = Math.abs(value);
    if (size >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int decimals = size == 0 ? 0 : (int) Math.max(0, 3 - Math.floor(Math.log10(size)));
    return String.format(Locale.ROOT, "%." + Math.min(decimals, 9) + "f", value);
  }
}
