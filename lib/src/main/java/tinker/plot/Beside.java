package tinker.plot;

import com.google.common.html.HtmlEscapers;
import java.util.ArrayList;
import java.util.Map;

/** Texts in columns. */
final class Beside {
  private Beside() {}

  static Html of(Map<?, String> texts) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("there is no text to show; at least 1 is needed");
    }
    var html = new StringBuilder("<div style=\"display:flex;flex-wrap:wrap;gap:12px\">");
    var lines = new ArrayList<String>();
    texts.forEach(
        (name, text) -> {
          html.append("<div style=\"flex:1 1 210px;min-width:0\"><b>")
              .append(escape(String.valueOf(name)))
              .append("</b><div style=\"margin-top:4px;padding:8px;white-space:pre-wrap;")
              .append("overflow-wrap:anywhere;line-height:1.45;font-size:13px;")
              .append("font-family:var(--jp-code-font-family,monospace);")
              .append("border:1px solid var(--jp-border-color2,#ccc)\">")
              .append(escape(text))
              .append("</div></div>");
          lines.add(name + "\n  " + text);
        });
    return new Html(html.append("</div>").toString(), String.join("\n\n", lines));
  }

  private static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
