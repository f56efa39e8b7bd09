package tinker.plot;

import com.google.common.html.HtmlEscapers;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A text whose tokens have a background by a number. */
final class Highlight {
  private Highlight() {}

  static Html of(String title, List<String> tokens, double... values) {
    if (tokens.size() != values.length) {
      throw new IllegalArgumentException(
          "there are "
              + tokens.size()
              + " tokens and "
              + values.length
              + " values; there must be one for each");
    }
    double most = Arrays.stream(values).filter(Double::isFinite).map(Math::abs).max().orElse(0);
    var html = new StringBuilder("<div style=\"margin:4px 0;line-height:1.7\">");
    if (!title.isEmpty()) {
      html.append("<b>").append(escape(title)).append("</b><br>");
    }
    var text = new StringBuilder(title);
    for (int i = 0; i < values.length; i++) {
      double share =
          most == 0 || Double.isNaN(values[i]) ? 0 : Math.max(-1, Math.min(1, values[i] / most));
      html.append(
          String.format(
              Locale.ROOT,
              "<span title=\"%.3g\" style=\"padding:1px 2px;border-radius:3px;"
                  + "background:rgba(%s,%.2f)\">%s</span> ",
              values[i],
              share < 0 ? "214,96,77" : "67,147,195",
              0.75 * Math.abs(share),
              escape(tokens.get(i))));
      text.append(i == 0 && title.isEmpty() ? "" : " ").append(tokens.get(i));
      if (Math.abs(share) >= 0.5) {
        text.append(String.format(Locale.ROOT, "[%.2g]", values[i]));
      }
    }
    return new Html(html.append("</div>").toString(), text.toString());
  }

  private static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
