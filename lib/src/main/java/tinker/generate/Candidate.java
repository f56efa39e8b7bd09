package tinker.generate;

import java.util.Locale;

/**
 * A token that could come next.
 *
 * @param token its id
 * @param text the text it adds; empty for the end of a document
 * @param shown how to show it to a person, white space made visible
 * @param probability in (0, 1], after all rules of the generator
 */
public record Candidate(int token, String text, String shown, double probability) {
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %.3f", shown, probability);
  }
}
