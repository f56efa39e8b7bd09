package tinker.notebook;

import com.google.common.html.HtmlEscapers;
import java.util.List;

/** HTML that all outputs share. Colours are JupyterLab's own, so that its dark theme works too. */
final class Markup {
  static final String TEXT = "color:var(--jp-content-font-color1,#212121);font-size:13px;";
  static final String QUIET = "color:var(--jp-content-font-color2,#616161);font-size:13px;";
  private static final String LINE = "border-bottom:1px solid var(--jp-border-color2,#ccc);";
  private static final String CELL = "padding:3px 10px;vertical-align:top;";

  private Markup() {}

  static String escape(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }

  /** One quiet line above or below something. */
  static String caption(String text) {
    return "<div style=\"" + QUIET + "margin:2px 0 4px\">" + escape(text) + "</div>";
  }

  static String code(String text) {
    return "<code>" + escape(text) + "</code>";
  }

  static String preformatted(String text) {
    return "<pre style=\"margin:2px 0;white-space:pre-wrap;overflow-wrap:anywhere;"
        + TEXT
        + "\">"
        + escape(text)
        + "</pre>";
  }

  /**
   * A table.
   *
   * @param head column titles; empty for none
   * @param right for each column whether it is right-aligned, as numbers are
   */
  static String table(List<String> head, boolean[] right, List<List<String>> rows) {
    var html = new StringBuilder("<table class=\"tinker-table\" style=\"margin:0;" + TEXT + "\">");
    if (!head.isEmpty()) {
      html.append("<thead><tr>");
      row(html, "th", head, right, LINE + "font-weight:bold;");
      html.append("</tr></thead>");
    }
    html.append("<tbody>");
    for (List<String> row : rows) {
      html.append("<tr>");
      row(html, "td", row, right, "");
      html.append("</tr>");
    }
    return html.append("</tbody></table>").toString();
  }

  private static void row(
      StringBuilder html, String tag, List<String> cells, boolean[] right, String style) {
    for (int i = 0; i < cells.size(); i++) {
      html.append('<')
          .append(tag)
          .append(" style=\"")
          .append(CELL)
          .append(style)
          .append(
              right[i] ? "text-align:right;font-variant-numeric:tabular-nums" : "text-align:left")
          .append("\">")
          .append(escape(cells.get(i)))
          .append("</")
          .append(tag)
          .append('>');
    }
  }
}
