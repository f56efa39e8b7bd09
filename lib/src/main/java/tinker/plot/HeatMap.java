package tinker.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;

/** Draws a matrix as coloured cells with a scale beside it. */
final class HeatMap {
  private static final Font AXIS_FONT = Ink.font(14);
  private static final int SCALE_WIDTH = 92;
  private static final int TOP = 40;
  private static final int AXIS = 22;
  private static final int LONGEST_BESIDE = 300;
  private static final int MOST_CELL = 44;

  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final double[][] values;
  private final List<String> rows;
  private final List<String> columns;
  private final Palette palette;
  private final double low;
  private final double high;

  HeatMap(
      String title,
      String xLabel,
      String yLabel,
      double[][] values,
      List<String> rows,
      List<String> columns,
      Palette palette,
      double low,
      double high) {
    if (values.length == 0 || values[0].length == 0) {
      throw new IllegalArgumentException(
          "\"" + title + "\" has no values; at least one row of at least one value is needed");
    }
    check(title, "rows", rows.size(), values.length);
    for (double[] row : values) {
      check(title, "columns", columns.size(), row.length);
    }
    if (!(low < high)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "the colours range from %s to %s; the first must be lower", low, high));
    }
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.values = values;
    this.rows = rows;
    this.columns = columns;
    this.palette = palette;
    this.low = low;
    this.high = high;
  }

  private static void check(String title, String what, int labels, int found) {
    if (labels != found) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "\"%s\" has %d labels for %d %s; it must have as many",
              title,
              labels,
              found,
              what));
    }
  }

  Picture draw() {
    return draw(Ink.WIDTH);
  }

  private Picture draw(int width) {
    int left = 16 + beside() + longest(rows, Ink.font(12), width / 3);
    double cell = Math.min(MOST_CELL, (width - left - SCALE_WIDTH) / (double) columns.size());
    boolean slanted =
        columns.stream().anyMatch(c -> c.codePointCount(0, c.length()) > 2)
            && longest(columns, columnFont(cell), width) > cell;
    int head = slanted ? 12 + Math.min(110, longest(columns, columnFont(cell), 150)) : 24;
    double rowHeight = Math.max(4, Math.min(Math.max(cell, 14), 520.0 / rows.size()));
    int top = TOP + (xLabel.isEmpty() ? 0 : AXIS) + head;
    int height = Math.max((int) Math.ceil(top + rowHeight * rows.size() + 16), top + 110);
    int room = Math.max(height - TOP - 12, LONGEST_BESIDE);
    int sheetHeight = Math.max(height, TOP + longest(List.of(yLabel), AXIS_FONT, room) + 12);
    int named =
        Math.max(
            longest(List.of(title), Ink.bold(15), width - 24),
            beside() + longest(List.of(xLabel), AXIS_FONT, width - 24 - beside()));
    int sheetWidth = (int) Math.max(left + cell * columns.size() + SCALE_WIDTH, named + 24);
    var image =
        Ink.sheet(
            sheetWidth,
            sheetHeight,
            g -> {
              paint(g, left, top, cell, rowHeight, slanted);
              axisTitles(
                  g,
                  left + cell * columns.size() / 2,
                  top + rowHeight * rows.size() / 2,
                  sheetWidth,
                  sheetHeight);
            });
    return new Picture(
        image,
        String.format(
            Locale.ROOT,
            "%s: %d rows%s by %d columns%s of values between %s and %s",
            title,
            rows.size(),
            inBrackets(yLabel),
            columns.size(),
            inBrackets(xLabel),
            Ink.number(least()),
            Ink.number(most())),
        this::draw);
  }

  private static String inBrackets(String label) {
    return label.isEmpty() ? "" : " (" + label + ")";
  }

  /** How far the title of the rows moves what stands right of it. */
  private int beside() {
    return yLabel.isEmpty() ? 0 : AXIS;
  }

  /** Writes what the columns and the rows are, at the middle of the cells where there is room. */
  private void axisTitles(Graphics2D g, double middle, double centre, int width, int height) {
    g.setFont(AXIS_FONT);
    g.setColor(Ink.TEXT);
    String across = fitted(g, xLabel, width - 20 - beside());
    double half = g.getFontMetrics().stringWidth(across) / 2.0;
    double x = Math.max(12 + beside() + half, Math.min(middle, width - 12 - half));
    centred(g, across, x, TOP + 8);
    String down = fitted(g, yLabel, height - TOP - 8);
    half = g.getFontMetrics().stringWidth(down) / 2.0;
    double y = Math.max(TOP + half, Math.min(centre, height - 12 - half));
    var before = g.getTransform();
    g.translate(20, y);
    g.rotate(-Math.PI / 2);
    centred(g, down, 0, 0);
    g.setTransform(before);
  }

  private void paint(
      Graphics2D g, int left, int top, double cell, double rowHeight, boolean slanted) {
    g.setColor(Ink.TEXT);
    g.setFont(Ink.bold(15));
    g.drawString(title, 12, 26);
    Font inCell = Ink.font(11);
    boolean written = cell >= 38 && rowHeight >= 16;
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < columns.size(); c++) {
        double value = values[r][c];
        Color colour = palette.at((value - low) / (high - low));
        g.setColor(colour);
        // A gap of a hair would show between cells drawn at fractions of a pixel.
        g.fill(
            new Rectangle2D.Double(
                left + c * cell, top + r * rowHeight, cell + 0.5, rowHeight + 0.5));
        if (written && !Double.isNaN(value)) {
          g.setColor(dark(colour) ? Color.WHITE : Ink.TEXT);
          g.setFont(inCell);
          centred(g, Ink.number(value), left + (c + 0.5) * cell, top + (r + 0.5) * rowHeight + 4);
        }
      }
    }
    rowLabels(g, left, top, rowHeight);
    columnLabels(g, left, top, cell, slanted);
    scale(g, (int) Math.ceil(left + cell * columns.size()) + 18, top);
  }

  private void rowLabels(Graphics2D g, int left, int top, double rowHeight) {
    Font font = Ink.font(rowHeight >= 12 ? 12 : 11);
    g.setFont(font);
    g.setColor(Ink.TEXT);
    int every = Math.max(1, (int) Math.ceil(13 / rowHeight));
    for (int r = 0; r < rows.size(); r += every) {
      String label = fitted(g, Ink.drawable(font, rows.get(r)), left - 12 - beside());
      int width = g.getFontMetrics().stringWidth(label);
      g.drawString(label, left - 6 - width, (float) (top + (r + 0.5) * rowHeight + 4));
    }
  }

  private void columnLabels(Graphics2D g, int left, int top, double cell, boolean slanted) {
    Font font = columnFont(cell);
    g.setFont(font);
    g.setColor(Ink.TEXT);
    // A blank label takes no room, so every tenth column can be named where cells are narrow.
    long named = Math.max(1, columns.stream().filter(label -> !label.isBlank()).count());
    double room = cell * columns.size() / named;
    int every = Math.max(1, (int) Math.ceil((slanted ? 13 : 7.5) / room));
    double place = Math.max(cell * every, room);
    for (int c = 0; c < columns.size(); c += every) {
      String label = Ink.drawable(font, columns.get(c));
      double x = left + (c + 0.5) * cell;
      if (slanted) {
        var before = g.getTransform();
        g.translate(x + 4, top - 6);
        g.rotate(-Math.PI / 2);
        g.drawString(fitted(g, label, 110), 0, 0);
        g.setTransform(before);
      } else {
        // "end" stands above a cell made for one letter; at full size it would touch the next.
        double wide = Ink.measured(font, label);
        float smaller = (float) Math.max(8, font.getSize() * place / wide);
        g.setFont(wide <= 1.25 * place ? font : font.deriveFont(smaller));
        centred(g, label, x, top - 7);
      }
    }
  }

  private void scale(Graphics2D g, int x, int top) {
    int height = 90;
    for (int y = 0; y < height; y++) {
      g.setColor(palette.at(1 - y / (height - 1.0)));
      g.fill(new Rectangle2D.Double(x, top + y, 14, 1.2));
    }
    g.setColor(Ink.TEXT);
    g.setFont(Ink.font(12));
    g.drawString(Ink.number(high), x + 20, top + 9);
    g.drawString(Ink.number((low + high) / 2), x + 20, top + height / 2 + 4);
    g.drawString(Ink.number(low), x + 20, top + height);
  }

  private static void centred(Graphics2D g, String text, double x, double y) {
    g.drawString(
        text, (float) (x - g.getFontMetrics().getStringBounds(text, g).getWidth() / 2), (float) y);
  }

  private static String fitted(Graphics2D g, String text, int width) {
    FontMetrics metrics = g.getFontMetrics();
    String shown = text;
    while (shown.length() > 1 && metrics.stringWidth(shown) > width) {
      shown = shown.substring(0, shown.length() - 2) + "\u2026";
    }
    return shown;
  }

  private static boolean dark(Color colour) {
    return 0.299 * colour.getRed() + 0.587 * colour.getGreen() + 0.114 * colour.getBlue() < 130;
  }

  private static Font columnFont(double cell) {
    return Ink.mono(cell >= 12 ? 13 : 11);
  }

  private static int longest(List<String> labels, Font font, int most) {
    int width = labels.stream().mapToInt(l -> Ink.measured(font, l)).max().orElse(0);
    return Math.min(width, most);
  }

  private double least() {
    return finite().min().orElse(Double.NaN);
  }

  private double most() {
    return finite().max().orElse(Double.NaN);
  }

  private java.util.stream.DoubleStream finite() {
    return java.util.Arrays.stream(values)
        .flatMapToDouble(java.util.Arrays::stream)
        .filter(v -> !Double.isNaN(v));
  }
}
