package tinker.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into tokens. Nothing is lost: the tokens, put one after another, are the text again.
 */
public enum Tokenizer {
  /** One token for each Unicode code point. */
  CHARACTERS {
    @Override
    public List<String> split(String text) {
      var tokens = new ArrayList<String>(text.length());
      for (int i = 0; i < text.length(); ) {
        int next = text.offsetByCodePoints(i, 1);
        tokens.add(text.substring(i, next));
        i = next;
      }
      return tokens;
    }
  },

  /**
   * Words, numbers and single signs. A token takes the one space before it along (as in {@code "
   * word"}), so that the text can be put together again; other white space stands alone.
   */
  WORDS {
    @Override
    public List<String> split(String text) {
      var tokens = new ArrayList<String>();
      Matcher matcher = WORD.matcher(text);
      while (matcher.find()) {
        tokens.add(matcher.group());
      }
      return tokens;
    }
  };

  // Letters with their combining marks, joined by apostrophes; runs of digits; else one code point.
  private static final Pattern WORD =
      Pattern.compile(
          " ?(?:[\\p{L}\\p{M}]+(?:['\u2019][\\p{L}\\p{M}]+)*|\\p{N}+|[^\\s\\p{L}\\p{M}\\p{N}])|\\s",
          Pattern.DOTALL);

  /** Returns the tokens of {@code text}, in order; none for an empty text. */
  public abstract List<String> split(String text);
}
