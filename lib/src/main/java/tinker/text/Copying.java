package tinker.text;

import java.util.List;
import java.util.Locale;

/**
 * What a text has in common, character for character, with the text a model was trained on.
 *
 * @param text the text that was measured
 * @param atLeast length from which on a run counts as copied
 * @param characters number of characters of the text
 * @param copied number of its characters that lie inside a copied run
 * @param runs the copied runs, from left to right; none of them lies within another, but two may
 *     overlap
 * @param longest the longest run that also stands in the training text, whether it counts or not;
 *     of length 0 if the two share no character
 */
public record Copying(
    String text, int atLeast, int characters, int copied, List<Run> runs, Run longest) {

  /**
   * A run of characters that also stands in the training text. All positions count characters (code
   * points) from 0.
   *
   * @param text the characters
   * @param start where it begins in the measured text
   * @param length number of characters
   * @param document number of a training document that holds it
   * @param position where it begins in that document
   */
  public record Run(String text, int start, int length, int document, int position) {}

  public Copying {
    runs = List.copyOf(runs);
  }

  /** Share of the characters that lie inside a copied run, in [0, 1]. */
  public double share() {
    return characters == 0 ? 0 : (double) copied / characters;
  }

  /** The text with every copied stretch between the two marks. */
  public String marked(String before, String after) {
    var marked = new StringBuilder();
    int at = 0;
    for (int i = 0; i < runs.size(); ) {
      int from = runs.get(i).start();
      int to = from;
      // Runs that overlap or touch are one stretch to the eye.
      while (i < runs.size() && runs.get(i).start() <= Math.max(to, from)) {
        to = Math.max(to, runs.get(i).start() + runs.get(i).length());
        i++;
      }
      int fromUnit = text.offsetByCodePoints(0, from);
      int toUnit = text.offsetByCodePoints(fromUnit, to - from);
      marked.append(text, at, fromUnit).append(before);
      marked.append(text, fromUnit, toUnit).append(after);
      at = toUnit;
    }
    return marked.append(text.substring(at)).toString();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f %% of %,d characters copied in runs of at least %d; longest run %,d characters"
            + " (document %d, character %d): \"%s\"%n%s",
        100 * share(),
        characters,
        atLeast,
        longest.length(),
        longest.document(),
        longest.position(),
        longest.text(),
        marked("[", "]"));
  }
}
