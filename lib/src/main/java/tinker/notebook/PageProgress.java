package tinker.notebook;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tinker.train.Progress;

/**
 * A progress bar on the page that updates in place, twice a second at most, and ends as one line of
 * text. What changes from run to run stands in elements of the class {@code tinker-time}.
 */
final class PageProgress implements Progress {
  private static final long EVERY_NANOS = 500_000_000;

  private String title = "";
  private Screen.@Nullable Place place;
  private long lastShown;

  @Override
  public void start(String text) {
    title = text;
    place = Screen.current().place(bar(0, text, Map.of(), ""));
    lastShown = System.nanoTime();
  }

  @Override
  public void step(double fraction, String text, Map<String, String> metrics, Duration left) {
    long now = System.nanoTime();
    if (place != null && now - lastShown >= EVERY_NANOS) {
      lastShown = now;
      place.update(bar(fraction, text, metrics, Progress.readable(left) + " left"));
    }
  }

  @Override
  public void finish(String text, Map<String, String> metrics) {
    var shown = new StringBuilder();
    metrics.forEach(
        (name, value) ->
            shown.append(
                String.format(
                    Locale.ROOT,
                    "<span class=\"%s\"> \u00B7 %s %s</span>",
                    name.contains("/s") || value.contains("/s") ? "tinker-time" : "tinker-metric",
                    Markup.escape(name),
                    Markup.escape(value))));
    Rich line =
        Rich.html(
            "<div class=\"tinker-progress-done\" style=\""
                + Markup.QUIET
                + "\">"
                + Markup.escape(title + ": " + text)
                + shown
                + "</div>",
            title + ": " + text);
    if (place == null) {
      Screen.current().show(line);
    } else {
      place.update(line);
    }
    place = null;
  }

  private static Rich bar(double fraction, String text, Map<String, String> metrics, String left) {
    double percent = 100 * Math.max(0, Math.min(1, fraction));
    var beside = new StringBuilder(Markup.escape(text));
    metrics.forEach(
        (name, value) ->
            beside
                .append(" \u00B7 ")
                .append(Markup.escape(name))
                .append(" <b>")
                .append(Markup.escape(value))
                .append("</b>"));
    if (!left.isEmpty()) {
      beside.append(" \u00B7 ").append(Markup.escape(left));
    }
    String html =
        String.format(
            Locale.ROOT,
            "<div class=\"tinker-progress\" role=\"progressbar\" aria-valuemin=\"0\""
                + " aria-valuemax=\"100\" aria-valuenow=\"%.0f\" style=\"display:flex;gap:10px;"
                + "align-items:center;font-variant-numeric:tabular-nums;%s\">"
                + "<span style=\"flex:0 0 160px;height:8px;border-radius:4px;overflow:hidden;"
                + "background:var(--jp-layout-color3,#ddd)\"><span style=\"display:block;height:100%%;"
                + "width:%.1f%%;background:var(--jp-brand-color1,#0072b2)\"></span></span>"
                + "<span>%s</span></div>",
            percent,
            Markup.TEXT,
            percent,
            beside);
    return Rich.html(html, String.format(Locale.ROOT, "%3.0f %% %s", percent, text));
  }
}
