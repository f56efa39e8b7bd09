package tinker.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;

/** Colours, fonts and numbers that all pictures share. */
final class Ink {
  /** Colours of Okabe and Ito, which colour-blind people tell apart; yellow is left out. */
  static final Color[] SERIES = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0x56B4E9),
    new Color(0xE69F00),
    new Color(0x000000),
  };

  static final Color TEXT = new Color(0x212121);
  static final Color QUIET = new Color(0x616161);
  static final Color GRID = new Color(0xE4E4E4);
  static final Color PAPER = Color.WHITE;
  static final int WIDTH = 800;

  private Ink() {}

  static Font font(int size) {
    return new Font(Font.SANS_SERIF, Font.PLAIN, size);
  }

  static Font bold(int size) {
    return new Font(Font.SANS_SERIF, Font.BOLD, size);
  }

  static Font mono(int size) {
    return new Font(Font.MONOSPACED, Font.PLAIN, size);
  }

  /** A sheet of {@code width} by {@code height} page pixels, drawn on in page pixels. */
  static BufferedImage sheet(int width, int height, Consumer<Graphics2D> painter) {
    var image =
        new BufferedImage(
            width * Picture.SCALE, height * Picture.SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      g.setColor(PAPER);
      g.fillRect(0, 0, image.getWidth(), image.getHeight());
      g.scale(Picture.SCALE, Picture.SCALE);
      painter.accept(g);
    } finally {
      g.dispose();
    }
    return image;
  }

  /** A number in few digits, with a point whatever the country; a year keeps its four in a row. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return String.format(Locale.ROOT, Math.abs(value) < 10_000 ? "%d" : "%,d", (long) value);
    }
    double size = Math.abs(value);
    String pattern =
        size >= 1e6 || size < 1e-3 ? "%.2g" : size >= 100 ? "%,.0f" : size >= 1 ? "%.2f" : "%.3f";
    String text = String.format(Locale.ROOT, pattern, value);
    return text.contains(".") && !text.contains("e")
        ? text.replaceAll("0+$", "").replaceAll("\\.$", "")
        : text;
  }

  /** Width of {@code text}, in page pixels. */
  static int measured(Font font, String text) {
    Rectangle2D bounds =
        font.getStringBounds(
            drawable(font, text), new FontRenderContext(new AffineTransform(), true, true));
    return (int) Math.ceil(bounds.getWidth());
  }

  /** Writes the names of both axes beside the field between these edges. */
  static void axisTitles(
      Graphics2D g,
      String xLabel,
      String yLabel,
      int left,
      int right,
      int top,
      int bottom,
      int height) {
    g.setFont(font(14));
    g.setColor(TEXT);
    g.drawString(xLabel, left + (right - left - measured(font(14), xLabel)) / 2, height - 12);
    var before = g.getTransform();
    g.translate(18, (top + bottom + measured(font(14), yLabel)) / 2.0);
    g.rotate(-Math.PI / 2);
    g.drawString(yLabel, 0, 0);
    g.setTransform(before);
  }

  /** Where the drawing begins, so that the title of the y axis has room beside these ticks. */
  static int left(double[] ticks) {
    int widest =
        Arrays.stream(ticks).mapToInt(t -> measured(font(13), tick(t, ticks))).max().orElse(0);
    return Math.max(70, widest + 36);
  }

  /** The label of one of an axis's ticks: as many decimals as tell all of them apart. */
  static String tick(double value, double[] ticks) {
    double most = 0;
    for (double tick : ticks) {
      most = Math.max(most, Math.abs(tick));
    }
    if (most >= 1e7 || most < 1e-4) {
      return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
    }
    double step = ticks.length > 1 ? ticks[1] - ticks[0] : Math.max(most, 1e-4);
    int decimals = (int) Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) - 1e-9)));
    String grouped = most < 10_000 ? "" : ",";
    return String.format(Locale.ROOT, "%" + grouped + "." + decimals + "f", value);
  }

  /** The text with each character that {@code font} cannot draw written as its code point. */
  static String drawable(Font font, String text) {
    if (font.canDisplayUpTo(text) < 0) {
      return text;
    }
    var safe = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (font.canDisplay(c)) {
                safe.appendCodePoint(c);
              } else {
                safe.append(
                    c == 0x23F9
                        ? "end"
                        : c == 0x2423
                            ? "_"
                            : c == 0xFFFD ? "?" : String.format(Locale.ROOT, "U+%04X", c));
              }
            });
    return safe.toString();
  }
}
