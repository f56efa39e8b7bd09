package tinker.model;

import java.util.Locale;

/**
 * The size of a {@link NeuralNGram}.
 *
 * @param order how many tokens of history it looks at, at least 1
 * @param embedding numbers that stand for a token, at least 1
 * @param hidden numbers in the hidden layer, at least 1
 * @param dropout share of the hidden layer set to zero in training, in [0, 1)
 * @param seed of the first weights
 */
public record NeuralNGramOptions(int order, int embedding, int hidden, double dropout, long seed) {
  public NeuralNGramOptions {
    if (order < 1) {
      throw new IllegalArgumentException("order is " + order + "; it must be at least 1");
    }
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding is " + embedding + "; it must be at least 1");
    }
    if (hidden < 1) {
      throw new IllegalArgumentException("hidden is " + hidden + "; it must be at least 1");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "dropout is %s; it must lie in [0, 1)", dropout));
    }
  }

  /** No dropout, seed 0. */
  public static NeuralNGramOptions of(int order, int embedding, int hidden) {
    return new NeuralNGramOptions(order, embedding, hidden, 0, 0);
  }

  /** The same with this dropout. */
  public NeuralNGramOptions dropout(double dropout) {
    return new NeuralNGramOptions(order, embedding, hidden, dropout, seed);
  }

  /** The same with other first weights. */
  public NeuralNGramOptions seed(long seed) {
    return new NeuralNGramOptions(order, embedding, hidden, dropout, seed);
  }
}
