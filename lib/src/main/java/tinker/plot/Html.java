package tinker.plot;

/**
 * Something to look at on a page: a piece of HTML, and a text for where HTML cannot be shown.
 *
 * @param html a fragment without {@code <html>} or {@code <body>}; text in it is escaped already
 * @param text what a terminal shows instead
 */
public record Html(String html, String text) {
  @Override
  public String toString() {
    return text;
  }
}
