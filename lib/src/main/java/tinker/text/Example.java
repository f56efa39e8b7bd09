package tinker.text;

/**
 * A text and the class it belongs to.
 *
 * @param text not blank
 * @param label name of the class, not blank
 */
public record Example(String text, String label) {
  public Example {
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "an example of \"" + label + "\" has an empty text; there must be something to read");
    }
    if (label.isBlank()) {
      throw new IllegalArgumentException("the text \"" + text + "\" has an empty label");
    }
  }
}
