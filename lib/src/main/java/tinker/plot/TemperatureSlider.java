package tinker.plot;

import com.google.common.html.HtmlEscapers;
import com.google.gson.Gson;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import tinker.text.Vocabulary;

/**
 * A slider that moves the temperature, and bars that follow; the text beside them is the one
 * sampled at the nearest setting, which its label names. Everything is on the page: the script
 * computes softmax(log p / T) from the log-probabilities of all tokens, so no kernel is needed.
 * Where scripts do not run, a picture of three temperatures stays.
 */
final class TemperatureSlider {
  private static final int BARS = 18;
  private static final int MOST_TOKENS = 1000;
  private static final int MOST_CHARACTERS = 8000;
  private static final double[] STILL = {0.4, 1.0, 1.6};
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String context;
  private final List<String> labels;
  private final double[] logProbabilities;
  private final SortedMap<Double, String> samples;

  TemperatureSlider(
      String context,
      double[] logProbabilities,
      Vocabulary vocabulary,
      Map<Double, String> samples) {
    if (logProbabilities.length != vocabulary.size()) {
      throw new IllegalArgumentException(
          logProbabilities.length
              + " log-probabilities for "
              + vocabulary.size()
              + " tokens; there must be one for each");
    }
    if (logProbabilities.length > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "the vocabulary has "
              + logProbabilities.length
              + " tokens; the slider takes at most "
              + MOST_TOKENS
              + ", so that the page stays small");
    }
    for (double value : logProbabilities) {
      if (Double.isNaN(value) || value > 1e-6) {
        throw new IllegalArgumentException(
            "a log-probability is " + value + "; it must be a number not above 0");
      }
    }
    for (double temperature : samples.keySet()) {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException(
            "a sample has temperature " + temperature + "; it must be above 0");
      }
    }
    int characters = samples.values().stream().mapToInt(String::length).sum();
    if (characters > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "the samples have "
              + characters
              + " characters together; the slider takes at most "
              + MOST_CHARACTERS
              + ", so that the page stays small");
    }
    this.context = context;
    this.samples = new TreeMap<>(samples);
    // The most likely token stays the most likely at every temperature, so the order is fixed here.
    int[] order =
        IntStream.range(0, logProbabilities.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -logProbabilities[i]))
            .mapToInt(i -> i)
            .toArray();
    this.logProbabilities = Arrays.stream(order).mapToDouble(i -> logProbabilities[i]).toArray();
    this.labels = Arrays.stream(order).mapToObj(vocabulary::show).limit(BARS).toList();
  }

  Html html() {
    String id =
        String.format(
            Locale.ROOT,
            "tinker-%08x-%d",
            Arrays.hashCode(logProbabilities) ^ samples.hashCode(),
            COUNT.incrementAndGet());
    String page =
        TEMPLATE.replace("@ID@", id).replace("@STILL@", still()).replace("@DATA@", data());
    return new Html(page, text());
  }

  private String data() {
    var data = new LinkedHashMap<String, Object>();
    data.put("context", context);
    data.put("labels", labels);
    data.put(
        "logs",
        Arrays.stream(logProbabilities)
            .mapToObj(v -> Math.round(Math.max(v, -999) * 1000))
            .toList());
    data.put(
        "samples",
        samples.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList());
    // Gson writes <, >, & and = as \\u003c and so on: the text cannot end the script.
    return new Gson().toJson(data);
  }

  private String still() {
    var html = new StringBuilder();
    html.append("<img width=\"720\" alt=\"")
        .append(HtmlEscapers.htmlEscaper().escape(description()))
        .append("\" src=\"data:image/png;base64,")
        .append(Base64.getEncoder().encodeToString(png()))
        .append("\">");
    for (double temperature : STILL) {
      Map.Entry<Double, String> sample = nearest(temperature);
      if (sample != null) {
        html.append("<p>Temperature ")
            .append(Ink.number(sample.getKey()))
            .append(": <code>")
            .append(HtmlEscapers.htmlEscaper().escape(excerpt(sample.getValue())))
            .append("</code></p>");
      }
    }
    return html.toString();
  }

  private static String excerpt(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= 100
        ? line
        : line.substring(
                0, line.offsetByCodePoints(0, Math.min(99, line.codePointCount(0, line.length()))))
            + "\u2026";
  }

  private Map.@org.jspecify.annotations.Nullable Entry<Double, String> nearest(double temperature) {
    return samples.entrySet().stream()
        .min(Comparator.comparingDouble(e -> Math.abs(e.getKey() - temperature)))
        .orElse(null);
  }

  private String description() {
    var parts = new ArrayList<String>();
    for (double temperature : STILL) {
      double[] p = softmax(temperature);
      parts.add(
          String.format(
              Locale.ROOT,
              "at temperature %s \u201C%s\u201D has %.0f %%",
              Ink.number(temperature),
              labels.get(0),
              100 * p[0]));
    }
    return "What may come after \u201C" + context + "\u201D: " + String.join(", ", parts);
  }

  private String text() {
    var text = new StringBuilder(description());
    samples.forEach(
        (temperature, sample) ->
            text.append("\n\ntemperature ")
                .append(Ink.number(temperature))
                .append(":\n")
                .append(sample));
    return text.toString();
  }

  private double[] softmax(double temperature) {
    double most = logProbabilities[0] / temperature;
    double[] p =
        Arrays.stream(logProbabilities).map(l -> Math.exp(l / temperature - most)).toArray();
    double sum = Arrays.stream(p).sum();
    return Arrays.stream(p).map(v -> v / sum).toArray();
  }

  /** Three panels of bars in four flat colours, without soft edges, so that the file is small. */
  private byte[] png() {
    int rows = Math.min(12, labels.size());
    int height = 46 + rows * 17;
    Color[] colours = {Ink.PAPER, Ink.TEXT, Ink.SERIES[0], Ink.QUIET};
    byte[][] parts = new byte[3][colours.length];
    for (int i = 0; i < colours.length; i++) {
      parts[0][i] = (byte) colours[i].getRed();
      parts[1][i] = (byte) colours[i].getGreen();
      parts[2][i] = (byte) colours[i].getBlue();
    }
    var model = new IndexColorModel(2, colours.length, parts[0], parts[1], parts[2]);
    var image =
        new BufferedImage(
            720 * Picture.SCALE, height * Picture.SCALE, BufferedImage.TYPE_BYTE_BINARY, model);
    Graphics2D g = image.createGraphics();
    g.setColor(Ink.PAPER);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    g.scale(Picture.SCALE, Picture.SCALE);
    panels(g, rows);
    g.dispose();
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void panels(Graphics2D g, int rows) {
    for (int panel = 0; panel < STILL.length; panel++) {
      int x = 8 + panel * 240;
      double[] p = softmax(STILL[panel]);
      g.setColor(Ink.TEXT);
      g.setFont(Ink.bold(13));
      g.drawString("temperature " + Ink.number(STILL[panel]), x + 34, 22);
      for (int row = 0; row < rows; row++) {
        int y = 36 + row * 17;
        g.setColor(Ink.TEXT);
        g.setFont(Ink.mono(13));
        String label = Ink.drawable(g.getFont(), labels.get(row));
        g.drawString(label, x + 28 - g.getFontMetrics().stringWidth(label), y + 12);
        g.setColor(Ink.SERIES[0]);
        g.fill(new Rectangle2D.Double(x + 34, y + 1, Math.max(1, 140 * p[row]), 14));
        g.setColor(Ink.TEXT);
        g.setFont(Ink.font(12));
        g.drawString(
            String.format(Locale.ROOT, "%.1f %%", 100 * p[row]),
            (float) (x + 40 + 140 * p[row]),
            y + 12);
      }
    }
  }

  // The attribute keeps JupyterLab's shortcuts away, which would take the arrow keys.
  private static final String TEMPLATE =
      """
      <div id="@ID@" class="tinker-temperature" data-lm-suppress-shortcuts="true">@STILL@</div>
      <script>(function () {
        const data = @DATA@, root = document.getElementById("@ID@");
        if (!root) return;
        const make = (tag, css, text, parent) => {
          const e = document.createElement(tag);
          e.style.cssText = css;
          if (text !== null) e.textContent = text;
          parent.appendChild(e);
          return e;
        };
        const font = "color:var(--jp-content-font-color1,#212121);";
        root.textContent = "";
        root.style.cssText = font + "font-size:14px;max-width:800px";
        const head = make("div", "display:flex;gap:12px;align-items:center;margin:4px 0 10px", null, root);
        const name = make("label", "", "temperature", head);
        const range = make("input", "flex:1;accent-color:var(--jp-brand-color1,#0072b2)", null, head);
        range.id = "@ID@-t";
        range.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes the arrow keys
        name.htmlFor = range.id;
        range.type = "range"; range.min = 0.05; range.max = 2; range.step = 0.05; range.value = 1;
        const shown = make("output", "min-width:3em;font-variant-numeric:tabular-nums;font-weight:bold", "", head);
        shown.htmlFor = range.id;
        const body = make("div", "display:flex;flex-wrap:wrap;gap:8px 28px", null, root);
        const left = make("div", "flex:1 1 330px", null, body);
        make("div", "margin-bottom:6px", "what may come after \\u201c" + data.context + "\\u201d", left);
        const rest = data.logs.length - data.labels.length;
        const names = data.labels.concat(rest > 0 ? ["the other " + rest] : []);
        const rows = names.map(n => {
          const row = make("div", "display:flex;align-items:center;height:18px", null, left);
          make("span", "width:8em;box-sizing:border-box;text-align:right;padding-right:8px;white-space:pre;font-family:var(--jp-code-font-family,monospace);font-size:13px", n, row);
          const track = make("span", "flex:1;height:13px;background:var(--jp-layout-color2,#eee)", null, row);
          const bar = make("span", "display:block;height:100%;background:var(--jp-brand-color1,#0072b2)", null, track);
          return [bar, make("span", "width:4.5em;text-align:right;font-variant-numeric:tabular-nums", "", row)];
        });
        const choice = make("div", "margin-top:6px", "", left);
        const right = make("div", "flex:1 1 330px", null, body);
        const at = make("div", "margin-bottom:6px", "", right);
        const sample = make("div", "white-space:pre-wrap;overflow-wrap:anywhere;font-family:var(--jp-code-font-family,monospace);font-size:13px;line-height:1.45;padding:8px;background:var(--jp-layout-color1,#fff);border:1px solid var(--jp-border-color2,#ccc)", "", right);
        sample.setAttribute("aria-live", "polite");
        const update = () => {
          const t = +range.value, most = data.logs[0] / 1000 / t;
          const e = data.logs.map(l => Math.exp(l / 1000 / t - most)), sum = e.reduce((a, b) => a + b);
          const p = e.map(v => v / sum), k = data.labels.length;
          const all = p.slice(0, k).concat(rest > 0 ? [p.slice(k).reduce((a, b) => a + b, 0)] : []);
          rows.forEach((r, i) => { r[0].style.width = 100 * all[i] + "%"; r[1].textContent = (100 * all[i]).toFixed(1) + " %"; });
          const entropy = p.reduce((a, v) => v > 0 ? a - v * Math.log(v) : a, 0);
          choice.textContent = "as unsure as between " + Math.exp(entropy).toFixed(1) + " equally likely tokens";
          shown.textContent = t.toFixed(2);
          range.setAttribute("aria-valuetext", "temperature " + t.toFixed(2));
          if (data.samples.length) {
            const s = data.samples.reduce((a, b) => Math.abs(b[0] - t) < Math.abs(a[0] - t) ? b : a);
            at.textContent = "text sampled at " + s[0].toFixed(2) + " (the nearest setting)";
            sample.textContent = s[1];
          } else right.hidden = true;
        };
        range.addEventListener("input", update);
        update();
      })();</script>
      """;
}
