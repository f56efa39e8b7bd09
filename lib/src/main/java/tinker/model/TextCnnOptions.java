package tinker.model;

import java.util.List;

/**
 * The size of a convolutional text classifier.
 *
 * @param embedding numbers that stand for a token, at least 1
 * @param widths how many tokens the filters of each kind look at, each at least 1 and different
 * @param filters how many filters of each width, at least 1
 * @param vectorDropout share of the numbers of the word vectors set to zero in training, in [0, 1)
 * @param dropout share of what the filters found set to zero in training, in [0, 1)
 * @param seed of the first weights
 */
public record TextCnnOptions(
    int embedding,
    List<Integer> widths,
    int filters,
    double vectorDropout,
    double dropout,
    long seed) {
  public TextCnnOptions {
    widths = List.copyOf(widths);
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding is " + embedding + "; it must be at least 1");
    }
    if (widths.isEmpty()
        || widths.stream().anyMatch(w -> w < 1)
        || widths.stream().distinct().count() < widths.size()) {
      throw new IllegalArgumentException(
          "widths are " + widths + "; there must be some, each at least 1 and no two the same");
    }
    if (filters < 1) {
      throw new IllegalArgumentException("filters is " + filters + "; it must be at least 1");
    }
    if (!(vectorDropout >= 0 && vectorDropout < 1)) {
      throw new IllegalArgumentException(
          "vectorDropout is " + vectorDropout + "; it must lie in [0, 1)");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout is " + dropout + "; it must lie in [0, 1)");
    }
  }

  /** Widths 3, 4 and 5, dropout a half as in Kim (2014) and none of the vectors, seed 0. */
  public static TextCnnOptions of(int embedding, int filters) {
    return new TextCnnOptions(embedding, List.of(3, 4, 5), filters, 0, 0.5, 0);
  }

  /** The same with other widths. */
  public TextCnnOptions widths(Integer... widths) {
    return new TextCnnOptions(embedding, List.of(widths), filters, vectorDropout, dropout, seed);
  }

  /** The same with this dropout of the word vectors. */
  public TextCnnOptions vectorDropout(double vectorDropout) {
    return new TextCnnOptions(embedding, widths, filters, vectorDropout, dropout, seed);
  }

  /** The same with this dropout of what the filters found. */
  public TextCnnOptions dropout(double dropout) {
    return new TextCnnOptions(embedding, widths, filters, vectorDropout, dropout, seed);
  }

  /** The same with other first weights. */
  public TextCnnOptions seed(long seed) {
    return new TextCnnOptions(embedding, widths, filters, vectorDropout, dropout, seed);
  }
}
