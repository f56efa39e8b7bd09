package tinker.model;

import java.util.Locale;
import tinker.nn.Initialisation;

/**
 * The size of a recurrent language model.
 *
 * @param layers recurrent layers on each other, at least 1
 * @param hidden numbers each layer remembers, at least 1
 * @param embedding numbers that stand for a token, at least 1
 * @param dropout share of the outputs of each layer set to zero in training, in [0, 1)
 * @param seed of the first weights
 * @param initialisation how they are drawn
 * @param byHand true computes step by step from the equations of {@link tinker.nn.Cell}, not in one
 *     call of the engine: the same numbers, slower
 */
public record RecurrentOptions(
    int layers,
    int hidden,
    int embedding,
    double dropout,
    long seed,
    Initialisation initialisation,
    boolean byHand) {
  public RecurrentOptions {
    if (layers < 1) {
      throw new IllegalArgumentException("layers is " + layers + "; it must be at least 1");
    }
    if (hidden < 1) {
      throw new IllegalArgumentException("hidden is " + hidden + "; it must be at least 1");
    }
    if (embedding < 1) {
      throw new IllegalArgumentException("embedding is " + embedding + "; it must be at least 1");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "dropout is %s; it must lie in [0, 1)", dropout));
    }
  }

  /** Embeddings as wide as the layers, no dropout, seed 0. */
  public static RecurrentOptions of(int layers, int hidden) {
    return new RecurrentOptions(layers, hidden, hidden, 0, 0, Initialisation.pytorch(), false);
  }

  /** The same with another width of the embeddings. */
  public RecurrentOptions embedding(int embedding) {
    return new RecurrentOptions(layers, hidden, embedding, dropout, seed, initialisation, byHand);
  }

  /** The same with this dropout. */
  public RecurrentOptions dropout(double dropout) {
    return new RecurrentOptions(layers, hidden, embedding, dropout, seed, initialisation, byHand);
  }

  /** The same with other first weights. */
  public RecurrentOptions seed(long seed) {
    return new RecurrentOptions(layers, hidden, embedding, dropout, seed, initialisation, byHand);
  }

  /** The same with first weights drawn in another way. */
  public RecurrentOptions initialisation(Initialisation initialisation) {
    return new RecurrentOptions(layers, hidden, embedding, dropout, seed, initialisation, byHand);
  }

  /** The same model computed from the equations of its cells. */
  public RecurrentOptions computedByHand() {
    return new RecurrentOptions(layers, hidden, embedding, dropout, seed, initialisation, true);
  }
}
