package tinker.plot;

import java.util.List;
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
    return new XyDrawing(title, xLabel, yLabel, series, joined, Ink.WIDTH, HEIGHT).draw();
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
