package tinker.model;

import java.util.Locale;

/**
 * The size of a {@link TextGenRnn}.
 *
 * @param window how many tokens of history it looks at, at least 1
 * @param embedding numbers that stand for a token, at least 1
 * @param layers LSTM layers on each other, at least 1
 * @param hidden numbers each layer remembers, at least 1
 * @param dropout share of the embeddings, and of what the output is made from, set to zero in
 *     training, in [0, 1)
 * @param seed of the first weights
 */
public record TextGenRnnOptions(
    int window, int embedding, int layers, int hidden, double dropout, long seed) {
  public TextGenRnnOptions {
    if (window < 1) {
      throw new IllegalArgumentException("window is " + window + "; it must be at least 1");
    }
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding is " + embedding + "; it must be at least 1");
    }
    if (layers < 1) {
      throw new IllegalArgumentException("layers is " + layers + "; it must be at least 1");
    }
    if (hidden < 1) {
      throw new IllegalArgumentException("hidden is " + hidden + "; it must be at least 1");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "dropout is %s; it must lie in [0, 1)", dropout));
    }
  }

  /** What textgenrnn uses for characters: 40 of them, 100 numbers each, two layers of 128. */
  public static TextGenRnnOptions characters() {
    return new TextGenRnnOptions(40, 100, 2, 128, 0, 0);
  }

  /** What textgenrnn advises for words: a window of 10, all else as for characters. */
  public static TextGenRnnOptions words() {
    return characters().window(10);
  }

  /** The same with another window. */
  public TextGenRnnOptions window(int window) {
    return new TextGenRnnOptions(window, embedding, layers, hidden, dropout, seed);
  }

  /** The same with another width of the embeddings. */
  public TextGenRnnOptions embedding(int embedding) {
    return new TextGenRnnOptions(window, embedding, layers, hidden, dropout, seed);
  }

  /** The same with other layers. */
  public TextGenRnnOptions layers(int layers, int hidden) {
    return new TextGenRnnOptions(window, embedding, layers, hidden, dropout, seed);
  }

  /** The same with this dropout. */
  public TextGenRnnOptions dropout(double dropout) {
    return new TextGenRnnOptions(window, embedding, layers, hidden, dropout, seed);
  }

  /** The same with other first weights. */
  public TextGenRnnOptions seed(long seed) {
    return new TextGenRnnOptions(window, embedding, layers, hidden, dropout, seed);
  }
}
