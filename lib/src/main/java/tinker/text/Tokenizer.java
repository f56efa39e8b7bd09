package tinker.text;

import java.util.ArrayList;
import java.util.List;

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
   * Words, numbers and single signs. A word is letters with their combining marks, and apostrophes
   * between letters. A token takes the one space before it along (as in {@code " word"}), so that
   * the text can be put together again; other white space stands alone.
   */
  WORDS {
    @Override
    public List<String> split(String text) {
      var tokens = new ArrayList<String>();
      for (int start = 0; start < text.length(); ) {
        int at = start;
        if (text.charAt(at) == ' ' && at + 1 < text.length() && !isSpace(text.charAt(at + 1))) {
          at++;
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        if (isLetter(c)) {
          at = endOfWord(text, at);
        } else if (isNumber(c)) {
          while (at < text.length() && isNumber(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
          }
        }
        tokens.add(text.substring(start, at));
        start = at;
      }
      return tokens;
    }
  };

  // By hand, not by a regular expression: Java's recurse, and a word of a million letters and
  // apostrophes would overflow the stack.
  private static int endOfWord(String text, int at) {
    while (at < text.length()) {
      int c = text.codePointAt(at);
      if (!isLetter(c)) {
        boolean joins =
            (c == '\'' || c == '\u2019')
                && at + 1 < text.length()
                && isLetter(text.codePointAt(at + 1));
        if (!joins) {
          return at;
        }
      }
      at += Character.charCount(c);
    }
    return at;
  }

  /** The white space of ASCII; a no-break space or NEL is a sign like others. */
  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static boolean isLetter(int c) {
    return Character.isLetter(c) || (MARKS >> Character.getType(c) & 1) != 0;
  }

  private static boolean isNumber(int c) {
    return (NUMBERS >> Character.getType(c) & 1) != 0;
  }

  private static final int MARKS =
      1 << Character.NON_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK
          | 1 << Character.COMBINING_SPACING_MARK;
  private static final int NUMBERS =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  /** Returns the tokens of {@code text}, in order; none for an empty text. */
  public abstract List<String> split(String text);
}
