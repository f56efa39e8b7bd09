package tinker.model;

import java.util.Arrays;

/**
 * The last tokens read, oldest first, for a model that sees so many and no more. A history begins
 * anew with each document: where <i>end</i> is read, everything before it becomes <i>end</i> too.
 */
final class History {
  private final long[] tokens;
  private final int end;

  /**
   * @param order how many tokens
   * @param end id of the token between documents, which fills the history at the beginning
   */
  History(int order, int end) {
    this.tokens = new long[order];
    this.end = end;
    Arrays.fill(tokens, end);
  }

  void read(long token) {
    if (token == end) {
      Arrays.fill(tokens, end);
    } else {
      System.arraycopy(tokens, 1, tokens, 0, tokens.length - 1);
      tokens[tokens.length - 1] = token;
    }
  }

  void copyTo(long[] to, int at) {
    System.arraycopy(tokens, 0, to, at, tokens.length);
  }

  /** The token at {@code position}, 0 being the oldest. */
  long get(int position) {
    return tokens[position];
  }
}
