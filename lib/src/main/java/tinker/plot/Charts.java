package tinker.plot;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.internal.chartpart.Chart;

/** Charts at notebook size. */
final class Charts {
  private static final int HEIGHT = 360;

  private Charts() {}

  static Picture lines(String title, String xLabel, String yLabel, List<Line> lines) {
    return xy(title, xLabel, yLabel, lines, true);
  }

  static Picture scatter(String title, String xLabel, String yLabel, List<Line> clouds) {
    return xy(title, xLabel, yLabel, clouds, false);
  }

  private static Picture xy(
      String title, String xLabel, String yLabel, List<Line> series, boolean joined) {
    if (series.isEmpty()) {
      throw new IllegalArgumentException("\"" + title + "\" has no line; at least 1 is needed");
    }
    return new XyDrawing(title, xLabel, yLabel, series, null, joined, Ink.WIDTH, HEIGHT).draw();
  }

  static Picture named(
      String title, String xLabel, String yLabel, List<List<String>> names, List<Line> clouds) {
    if (clouds.isEmpty()) {
      throw new IllegalArgumentException("\"" + title + "\" has no cloud; at least 1 is needed");
    }
    for (int i = 0; i < Math.max(names.size(), clouds.size()); i++) {
      int named = i < names.size() ? names.get(i).size() : 0;
      int points = i < clouds.size() ? clouds.get(i).x().size() : 0;
      if (named != points) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "\"%s\": cloud %d has %d points and %d names; it must have as many of both",
                title,
                i,
                points,
                named));
      }
    }
    // Names take more room than points do.
    int height = HEIGHT * 3 / 2;
    return new XyDrawing(title, xLabel, yLabel, clouds, names, false, Ink.WIDTH, height).draw();
  }

  /**
   * @param edges first and last edge of a histogram, or null if each bar has a name
   */
  static Picture bars(
      String title,
      String xLabel,
      String yLabel,
      List<String> names,
      Map<String, double[]> series,
      double @Nullable [] edges) {
    return new BarDrawing(title, xLabel, yLabel, names, series, edges, Ink.WIDTH, HEIGHT).draw();
  }

  /** A chart that somebody built with XChart, drawn as it is. */
  static Picture picture(Chart<?, ?> chart) {
    int width = chart.getWidth();
    int height = chart.getHeight();
    String title = chart.getTitle();
    return new Picture(
        Ink.sheet(width, height, g -> chart.paint(g, width, height)),
        title == null || title.isBlank() ? "chart" : title);
  }
}
