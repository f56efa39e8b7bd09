package tinker.plot;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The points of one series: a line of a line chart, or a cloud of a scatter chart.
 *
 * @param name what the legend calls it
 * @param x one value a point
 * @param y as many values; NaN leaves a gap
 */
public record Line(String name, List<Double> x, List<Double> y) {
  public Line {
    x = List.copyOf(x);
    y = List.copyOf(y);
    if (x.size() != y.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "\"%s\" has %d x values and %d y values; it must have as many of both",
              name,
              x.size(),
              y.size()));
    }
    if (x.isEmpty()) {
      throw new IllegalArgumentException("\"" + name + "\" has no points; at least 1 is needed");
    }
  }

  /** A line through (x, y). */
  public static Line of(String name, double[] x, double[] y) {
    return new Line(name, Arrays.stream(x).boxed().toList(), Arrays.stream(y).boxed().toList());
  }

  /** A line through (x, y). */
  public static Line of(String name, int[] x, double[] y) {
    return of(name, Arrays.stream(x).asDoubleStream().toArray(), y);
  }

  /** A line through (1, y[0]), (2, y[1]), ... */
  public static Line of(String name, double... y) {
    double[] x = new double[y.length];
    Arrays.setAll(x, i -> i + 1);
    return of(name, x, y);
  }
}
