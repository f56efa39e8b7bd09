package tinker.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Draws lines and point clouds. XChart is not used for these: it takes equally spaced data values
 * for the ticks of an axis, so that steps 1 to 800 get labels such as 32, 63, 94 that run into each
 * other, and it has no names at the ends of lines.
 */
final class XyDrawing {
  private static final int TOP = 44;
  private static final int BOTTOM = 52;
  private static final int FEW_POINTS = 30;
  private static final int LABEL_HEIGHT = 17;

  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final List<Line> series;
  private final @Nullable List<List<String>> names;
  private final boolean joined;
  private final int width;
  private final int height;
  private final double[] xTicks;
  private final double[] yTicks;
  private final double xLow;
  private final double xHigh;
  private final double yLow;
  private final double yHigh;
  private final int left;
  private int right = 24;

  /**
   * @param names what is drawn in place of each point of each series; null for markers
   */
  XyDrawing(
      String title,
      String xLabel,
      String yLabel,
      List<Line> series,
      @Nullable List<List<String>> names,
      boolean joined,
      int width,
      int height) {
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.series = series;
    this.names = names;
    this.joined = joined;
    this.width = width;
    this.height = height;
    double[] x = range(Line::x);
    double[] y = range(Line::y);
    yTicks = whole(all(Line::y), ticks(y[0], y[1], Math.max(3, (height - TOP - BOTTOM) / 40)));
    left = Ink.left(yTicks);
    xTicks = whole(all(Line::x), ticks(x[0], x[1], Math.max(3, (width - left) / 90)));
    double xMargin = joined ? 0 : 0.02 * (x[1] - x[0]);
    xLow = x[0] - xMargin;
    xHigh = x[1] + xMargin;
    // The outermost ticks of the y axis are drawn only where they do not squeeze the data.
    double yMargin = 0.04 * (y[1] - y[0]);
    yLow = y[0] - yMargin;
    yHigh = y[1] + yMargin;
  }

  private double[] range(Function<Line, List<Double>> values) {
    DoubleStream.Builder finite = DoubleStream.builder();
    for (Line line : series) {
      values.apply(line).stream().filter(Double::isFinite).forEach(finite::add);
    }
    var summary = finite.build().summaryStatistics();
    if (summary.getCount() == 0) {
      throw new IllegalArgumentException("\"" + title + "\" has no finite value to draw");
    }
    double low = summary.getMin();
    double high = summary.getMax();
    double half = low == high ? Math.max(0.5, Math.abs(low) / 10) : 0;
    return new double[] {low - half, high + half};
  }

  private double[] all(Function<Line, List<Double>> values) {
    return series.stream()
        .flatMap(line -> values.apply(line).stream())
        .mapToDouble(v -> v)
        .toArray();
  }

  /** Without the ticks between whole numbers where there is nothing but whole numbers to read. */
  static double[] whole(double[] values, double[] ticks) {
    double[] kept = Arrays.stream(ticks).filter(tick -> tick % 1 == 0).toArray();
    boolean allWhole = Arrays.stream(values).allMatch(value -> value % 1 == 0);
    return allWhole && kept.length > 1 ? kept : ticks;
  }

  /** Round numbers in [low, high], at steps of 1, 2 or 5 times a power of ten. */
  static double[] ticks(double low, double high, int most) {
    double rough = (high - low) / most;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if (step >= rough) {
        break;
      }
    }
    double used = step;
    long first = (long) Math.ceil(low / used - 1e-9);
    long last = (long) Math.floor(high / used + 1e-9);
    return java.util.stream.LongStream.rangeClosed(first, last)
        .mapToDouble(i -> used >= 1 || used < 1e-15 ? i * used : i / (double) Math.round(1 / used))
        .toArray();
  }

  Picture draw() {
    var names = series.stream().map(Line::name).toList();
    return new Picture(
        Ink.sheet(width, height, this::paint),
        title + ": " + yLabel + " against " + xLabel + " for " + String.join(", ", names),
        narrow ->
            new XyDrawing(
                    title,
                    xLabel,
                    yLabel,
                    series,
                    this.names,
                    joined,
                    narrow,
                    (int) Math.round(Math.min(height, narrow * 0.7)))
                .draw());
  }

  private void paint(Graphics2D g) {
    if (series.size() > 1) {
      right =
          24
              + series.stream().mapToInt(l -> Ink.measured(Ink.font(13), l.name())).max().orElse(0)
              + (joined ? 0 : 16);
    }
    g.setColor(Ink.TEXT);
    g.setFont(Ink.bold(15));
    g.drawString(title, 12, 26);
    axes(g);
    Shape all = g.getClip();
    g.clip(
        new Rectangle2D.Double(
            left - 6, TOP - 6, width - left - right + 12.0, height - TOP - BOTTOM + 12.0));
    for (int i = 0; i < series.size(); i++) {
      g.setColor(colour(i));
      series(g, series.get(i), i);
    }
    g.setClip(all);
    if (series.size() > 1) {
      names(g);
    }
  }

  private void axes(Graphics2D g) {
    g.setStroke(new BasicStroke(1f));
    g.setFont(Ink.font(13));
    for (double tick : yTicks) {
      g.setColor(Ink.GRID);
      g.draw(new Line2D.Double(left, y(tick), width - right, y(tick)));
      g.setColor(Ink.TEXT);
      String label = Ink.tick(tick, yTicks);
      g.drawString(label, left - 8 - g.getFontMetrics().stringWidth(label), (float) y(tick) + 5);
    }
    double base = height - BOTTOM;
    g.setColor(Ink.QUIET);
    g.draw(new Line2D.Double(left, base, width - right, base));
    for (double tick : xTicks) {
      g.setColor(Ink.QUIET);
      g.draw(new Line2D.Double(x(tick), base, x(tick), base + 4));
      g.setColor(Ink.TEXT);
      String label = Ink.tick(tick, xTicks);
      g.drawString(
          label,
          (float) (x(tick) - g.getFontMetrics().stringWidth(label) / 2.0),
          (float) base + 19);
    }
    Ink.axisTitles(g, xLabel, yLabel, left, width - right, TOP, height - BOTTOM, height);
  }

  private void series(Graphics2D g, Line line, int index) {
    int n = line.x().size();
    if (joined) {
      var path = new Path2D.Double();
      boolean open = false;
      for (int i = 0; i < n; i++) {
        double x = line.x().get(i);
        double y = line.y().get(i);
        if (!Double.isFinite(x) || !Double.isFinite(y)) {
          open = false;
        } else if (open) {
          path.lineTo(x(x), y(y));
        } else {
          path.moveTo(x(x), y(y));
          open = true;
        }
      }
      g.setStroke(new BasicStroke(2.2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      g.draw(path);
    }
    if (names != null) {
      g.setFont(Ink.bold(15));
      for (int i = 0; i < n; i++) {
        if (Double.isFinite(line.x().get(i)) && Double.isFinite(line.y().get(i))) {
          String name = Ink.drawable(g.getFont(), names.get(index).get(i));
          float half = g.getFontMetrics().stringWidth(name) / 2f;
          g.drawString(name, (float) x(line.x().get(i)) - half, (float) y(line.y().get(i)) + 5);
        }
      }
    } else if (!joined || n <= FEW_POINTS) {
      for (int i = 0; i < n; i++) {
        double x = line.x().get(i);
        double y = line.y().get(i);
        if (Double.isFinite(x) && Double.isFinite(y)) {
          g.fill(marker(index, x(x), y(y)));
        }
      }
    }
  }

  /** Forms differ too, so that a picture printed in grey can be read. */
  private static Shape marker(int index, double x, double y) {
    double r = 4;
    int form = index % 4;
    if (form == 0) {
      return new Ellipse2D.Double(x - r, y - r, 2 * r, 2 * r);
    }
    if (form == 1) {
      return new Rectangle2D.Double(x - r + 0.3, y - r + 0.3, 2 * r - 0.6, 2 * r - 0.6);
    }
    var path = new Path2D.Double();
    path.moveTo(x, y - r - 1);
    path.lineTo(x + r + 1, form == 2 ? y + r : y);
    if (form == 3) {
      path.lineTo(x, y + r + 1);
    }
    path.lineTo(x - r - 1, form == 2 ? y + r : y);
    path.closePath();
    return path;
  }

  /** Each line's name stands at its end, moved up or down where two would overlap. */
  private void names(Graphics2D g) {
    record Label(int index, String name, double wish) {}
    var labels = new ArrayList<Label>();
    for (int i = 0; i < series.size(); i++) {
      Line line = series.get(i);
      double end = TOP + 10 + i * LABEL_HEIGHT;
      for (int p = line.y().size() - 1; joined && p >= 0; p--) {
        if (Double.isFinite(line.y().get(p))) {
          end = y(line.y().get(p));
          break;
        }
      }
      labels.add(new Label(i, name(line), end));
    }
    labels.sort(Comparator.comparingDouble(Label::wish));
    double[] at = labels.stream().mapToDouble(Label::wish).toArray();
    for (int round = 0; round < 50; round++) {
      for (int i = 1; i < at.length; i++) {
        double overlap = LABEL_HEIGHT - (at[i] - at[i - 1]);
        if (overlap > 0) {
          at[i] += overlap / 2;
          at[i - 1] -= overlap / 2;
        }
      }
    }
    g.setFont(Ink.font(13));
    for (int i = 0; i < at.length; i++) {
      Label label = labels.get(i);
      g.setColor(colour(label.index()));
      int x = width - right + 10;
      if (!joined) {
        g.fill(marker(label.index(), x + 4, at[i]));
        x += 14;
      }
      g.drawString(label.name(), x, (float) at[i] + 5);
    }
  }

  private static String name(Line line) {
    return Ink.drawable(Ink.font(13), line.name());
  }

  private static Color colour(int index) {
    return Ink.SERIES[index % Ink.SERIES.length];
  }

  private double x(double value) {
    return left + (value - xLow) / (xHigh - xLow) * (width - left - right);
  }

  private double y(double value) {
    return height - BOTTOM - (value - yLow) / (yHigh - yLow) * (height - TOP - BOTTOM);
  }
}
