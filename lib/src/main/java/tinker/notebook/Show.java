package tinker.notebook;

import java.util.Collection;
import java.util.List;
import tinker.plot.Html;

/**
 * For a cell that shows several things. The last expression of a cell shows itself and needs none
 * of this.
 *
 * <pre>{@code
 * Show.all(curves, table);
 * }</pre>
 */
public final class Show {
  private Show() {}

  /** Shows each of {@code things} below the other, as each would show itself. */
  public static void all(Object... things) {
    for (Object thing : things) {
      Screen.current().show(Renderings.of(thing));
    }
  }

  /**
   * A text kept as it is, with its line breaks, on a page as wide as it is: what a model has
   * written, for instance.
   */
  public static Html text(String text) {
    return new Html(Markup.preformatted(text), text);
  }

  /** A fragment of HTML; escape what comes from elsewhere. */
  public static Html html(String html) {
    return new Html(html, org.jsoup.Jsoup.parseBodyFragment(html).text());
  }

  /** Records of one kind as a table, one row each. */
  public static Html table(Collection<? extends Record> rows) {
    Rich table = Renderings.records(List.copyOf(rows), String.valueOf(rows));
    return new Html(
        table.html() == null ? Markup.preformatted(table.text()) : table.html(), table.text());
  }
}
