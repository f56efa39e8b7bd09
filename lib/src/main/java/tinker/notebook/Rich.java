package tinker.notebook;

import org.jspecify.annotations.Nullable;

/**
 * One output in the forms a notebook can choose from.
 *
 * @param html a fragment, or null
 * @param png a picture's bytes, or null
 * @param width of the picture on the page, in page pixels
 * @param text what a terminal shows
 */
record Rich(@Nullable String html, byte @Nullable [] png, int width, String text) {
  static Rich html(String html, String text) {
    return new Rich(html, null, 0, text);
  }

  static Rich picture(byte[] png, int width, String text) {
    return new Rich(null, png, width, text);
  }

  static Rich text(String text) {
    return new Rich(null, null, 0, text);
  }
}
