package tinker.plot;

import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Draws bars, alone or in groups, or a histogram. XChart is not used for these: it centres each
 * label by the outline of its letters, so that a full stop and an apostrophe look the same.
 */
final class BarDrawing {
  private static final int TOP = 44;
  private static final int RIGHT = 24;
  private static final int FEW_BARS = 12;
  private static final int LINE = 16;

  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final List<String> names;
  private final List<String> seriesNames;
  private final List<double[]> series;
  private final int width;
  private final int height;
  private final double low;
  private final double high;
  private final double[] ticks;
  private final int left;
  private final boolean slanted;

  /** Each name in as many lines as it takes. */
  private final List<List<String>> lines;

  private final Font font;

  /** First and last edge of a histogram; null if each bar has a name. */
  private final double @Nullable [] edges;

  BarDrawing(
      String title,
      String xLabel,
      String yLabel,
      List<String> names,
      Map<String, double[]> values,
      double @Nullable [] edges,
      int width,
      int height) {
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.names = names;
    this.seriesNames = List.copyOf(values.keySet());
    this.series = List.copyOf(values.values());
    this.edges = edges;
    this.width = width;
    this.height = height;
    int bars = checked();
    double least = 0;
    double most = 0;
    for (double[] one : series) {
      for (double value : one) {
        if (Double.isFinite(value)) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    }
    // Room for the number under the lowest bar.
    this.low = least < 0 ? least - 0.1 * (most - least) : least;
    this.high = most > least ? most : least + 1;
    this.ticks = XyDrawing.ticks(low, high, Math.max(3, (height - 120) / 40));
    this.left = Ink.left(ticks);
    double slot = (width - left - RIGHT) / (double) bars;
    boolean small = names.stream().allMatch(n -> n.codePointCount(0, n.length()) <= 2);
    this.font = small ? Ink.mono(slot >= 12 ? 14 : 11) : Ink.font(13);
    this.lines = names.stream().map(n -> broken(font, n, slot - 6)).toList();
    int longest =
        lines.stream().flatMap(List::stream).mapToInt(n -> Ink.measured(font, n)).max().orElse(0);
    int deepest = lines.stream().mapToInt(List::size).max().orElse(1);
    this.slanted = edges == null && !small && (longest + 6 > slot || deepest > 3);
  }

  private int checked() {
    int bars = series.isEmpty() ? 0 : series.get(0).length;
    if (bars == 0) {
      throw new IllegalArgumentException("\"" + title + "\" has no bars; at least 1 is needed");
    }
    for (int s = 0; s < series.size(); s++) {
      int found = series.get(s).length;
      int asked = edges == null ? names.size() : bars;
      if (found != asked) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "\"%s\" has %d values for %d bars; it must have as many",
                seriesNames.get(s),
                found,
                asked));
      }
    }
    return bars;
  }

  Picture draw() {
    var values = new java.util.LinkedHashMap<String, double[]>();
    for (int s = 0; s < series.size(); s++) {
      values.put(seriesNames.get(s), series.get(s));
    }
    return new Picture(
        Ink.sheet(width, height, this::paint),
        description(),
        narrow ->
            new BarDrawing(
                    title,
                    xLabel,
                    yLabel,
                    names,
                    values,
                    edges,
                    narrow,
                    (int) Math.round(Math.min(height, narrow * 0.7)))
                .draw());
  }

  private String description() {
    var parts = new ArrayList<String>();
    double[] first = series.get(0);
    for (int i = 0; i < Math.min(3, names.size()); i++) {
      parts.add(names.get(i) + " " + Ink.number(first[i]));
    }
    return title
        + ": "
        + first.length
        + " bars, "
        + yLabel
        + " by "
        + xLabel
        + (parts.isEmpty() ? "" : "; " + String.join(", ", parts))
        + (names.size() > 3 ? ", \u2026" : "");
  }

  /** The words of a name, in as few lines as the space below its bar allows. */
  private static List<String> broken(Font font, String name, double space) {
    var broken = new ArrayList<String>();
    for (String word : name.split(" ")) {
      String last = broken.isEmpty() ? "" : broken.get(broken.size() - 1);
      if (!broken.isEmpty() && Ink.measured(font, last + " " + word) <= space) {
        broken.set(broken.size() - 1, last + " " + word);
      } else {
        broken.add(word);
      }
    }
    return broken.isEmpty() ? List.of(name) : broken;
  }

  private int bottom() {
    int longest = names.stream().mapToInt(n -> Ink.measured(font, n)).max().orElse(0);
    int deepest = lines.stream().mapToInt(List::size).max().orElse(1);
    return slanted
        ? 40 + Math.min(110, (int) (longest * 0.71) + 12)
        : 52 + (edges == null ? LINE * (deepest - 1) : 0);
  }

  private void paint(Graphics2D g) {
    g.setColor(Ink.TEXT);
    g.setFont(Ink.bold(15));
    g.drawString(title, 12, 26);
    if (series.size() > 1) {
      legend(g);
    }
    g.setStroke(new BasicStroke(1f));
    g.setFont(Ink.font(13));
    for (double tick : ticks) {
      g.setColor(Ink.GRID);
      g.draw(new Line2D.Double(left, y(tick), width - RIGHT, y(tick)));
      g.setColor(Ink.TEXT);
      String label = Ink.tick(tick, ticks);
      g.drawString(label, left - 8 - g.getFontMetrics().stringWidth(label), (float) y(tick) + 5);
    }
    bars(g);
    g.setColor(Ink.QUIET);
    g.draw(new Line2D.Double(left, y(0), width - RIGHT, y(0)));
    if (edges == null) {
      names(g);
    } else {
      scale(g, edges);
    }
    Ink.axisTitles(g, xLabel, yLabel, left, width - RIGHT, TOP, height - bottom(), height);
  }

  private void legend(Graphics2D g) {
    g.setFont(Ink.font(13));
    int x = width - RIGHT;
    for (int s = series.size() - 1; s >= 0; s--) {
      String name = Ink.drawable(g.getFont(), seriesNames.get(s));
      x -= g.getFontMetrics().stringWidth(name);
      g.setColor(Ink.TEXT);
      g.drawString(name, x, 26);
      x -= 18;
      g.setColor(Ink.SERIES[s % Ink.SERIES.length]);
      g.fillRect(x, 15, 12, 12);
      x -= 16;
    }
  }

  private void bars(Graphics2D g) {
    int bars = series.get(0).length;
    double slot = (width - left - RIGHT) / (double) bars;
    double used = edges != null ? slot - 1 : slot * (series.size() > 1 ? 0.8 : 0.7);
    double one = used / series.size();
    boolean written = bars * series.size() <= FEW_BARS;
    g.setFont(Ink.font(12));
    for (int s = 0; s < series.size(); s++) {
      for (int i = 0; i < bars; i++) {
        double value = series.get(s)[i];
        if (!Double.isFinite(value)) {
          continue;
        }
        double x = left + i * slot + (slot - used) / 2 + s * one;
        double from = Math.min(y(0), y(value));
        g.setColor(Ink.SERIES[s % Ink.SERIES.length]);
        g.fill(new Rectangle2D.Double(x, from, one, Math.abs(y(0) - y(value))));
        if (written) {
          g.setColor(Ink.TEXT);
          String number = Ink.number(value);
          double half = g.getFontMetrics().stringWidth(number) / 2.0;
          g.drawString(
              number, (float) (x + one / 2 - half), (float) (value < 0 ? y(value) + 14 : from - 4));
        }
      }
    }
  }

  private void names(Graphics2D g) {
    double slot = (width - left - RIGHT) / (double) names.size();
    double base = height - bottom();
    g.setColor(Ink.TEXT);
    g.setFont(font);
    for (int i = 0; i < names.size(); i++) {
      String label = Ink.drawable(font, names.get(i));
      double x = left + (i + 0.5) * slot;
      double wide = g.getFontMetrics().getStringBounds(label, g).getWidth();
      if (slanted) {
        var before = g.getTransform();
        g.translate(x + 4, base + 14);
        g.rotate(-Math.PI / 4);
        g.drawString(label, (float) -wide, 0);
        g.setTransform(before);
      } else {
        List<String> parts = lines.get(i);
        for (int line = 0; line < parts.size(); line++) {
          String part = Ink.drawable(font, parts.get(line));
          double half = g.getFontMetrics().getStringBounds(part, g).getWidth() / 2;
          g.drawString(part, (float) (x - half), (float) base + 19 + line * LINE);
        }
      }
    }
  }

  private void scale(Graphics2D g, double[] range) {
    double base = height - bottom();
    double[] marks = XyDrawing.ticks(range[0], range[1], Math.max(3, (width - left) / 90));
    g.setFont(Ink.font(13));
    for (double mark : marks) {
      double x = left + (mark - range[0]) / (range[1] - range[0]) * (width - left - RIGHT);
      g.setColor(Ink.QUIET);
      g.draw(new Line2D.Double(x, base, x, base + 4));
      g.setColor(Ink.TEXT);
      String label = Ink.tick(mark, marks);
      g.drawString(
          label, (float) (x - g.getFontMetrics().stringWidth(label) / 2.0), (float) base + 19);
    }
  }

  private double y(double value) {
    double tall = height - TOP - bottom();
    return height - bottom() - (value - low) / (high - low) * tall * 0.96;
  }
}
