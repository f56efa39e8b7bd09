package tinker.model;

import tinker.text.Tokenized;

/**
 * The one contract of every language model, counted or trained: given a history, the
 * log-probabilities of the next token. Evaluation, generation and the comparison of models are
 * written against it.
 */
public interface LanguageModel extends Tokenized {
  /** What the model is called in tables and charts, such as {@code "LSTM 2x128"}. */
  String name();

  /** How many numbers the model consists of: its weights, or its counts. */
  long parameters();

  /** The state at the beginning of a document: <i>end</i> has been read and nothing else. */
  State start();

  /**
   * Log-probabilities of the next token after {@code history}, read from the beginning of a
   * document.
   *
   * @param history token ids
   * @return V values in nats; their exponentials sum to 1
   */
  default double[] logProbabilities(int... history) {
    State state = start();
    for (int token : history) {
      state.read(token);
    }
    return state.logProbabilities();
  }

  /**
   * Log-probability of each token but the first, given all those before it.
   *
   * @param tokens a stream that begins with <i>end</i>, as {@link tinker.text.Corpus#tokens} gives
   *     it
   * @return {@code tokens.length - 1} values in nats; value i belongs to token i + 1. Negative
   *     infinity means that the model holds the token for impossible.
   */
  default double[] score(int[] tokens) {
    double[] scores = new double[Math.max(0, tokens.length - 1)];
    State state = start();
    for (int i = 1; i < tokens.length; i++) {
      scores[i - 1] = state.logProbabilities()[tokens[i]];
      state.read(tokens[i]);
    }
    return scores;
  }

  /**
   * The model to write text with: this one, unless it can reach a history after which it holds
   * every token for impossible. Then it is one that goes on, and says how.
   */
  default LanguageModel forWriting() {
    return this;
  }

  /** What a model remembers of the text read so far. Not for use by several threads. */
  interface State {
    /** Log-probabilities of the next token: V values in nats, the caller's to keep. */
    double[] logProbabilities();

    /**
     * Reads one more token.
     *
     * @throws IndexOutOfBoundsException if it is outside [0, V)
     */
    void read(int token);

    /** A second state that goes on from here on its own. */
    State copy();

    /**
     * Several states that all go on from here, side by side. A model that is faster with many at
     * once overrides this; the numbers are those of {@link #copy}, in every bit on the CPU, and up
     * to rounding where a GPU computes them.
     *
     * @param rows how many, at least 1
     */
    default States copies(int rows) {
      return SeparateStates.of(this, rows);
    }

    /** How many {@link #copies} are worth having at once; more gain little and fill the memory. */
    default int worthAtOnce() {
      return SideBySide.PLAIN_ROWS;
    }
  }

  /** Several states side by side, numbered from 0. Not for use by several threads. */
  interface States extends AutoCloseable {
    /** Frees what they hold outside Java's memory, if anything. */
    @Override
    default void close() {}

    /** How many there are. */
    int rows();

    /** Log-probabilities of the next token of each: rows x V values in nats, the caller's. */
    double[][] logProbabilities();

    /**
     * Each reads one more token.
     *
     * @param tokens one for each state
     * @throws IndexOutOfBoundsException if one is outside [0, V)
     */
    void read(int[] tokens);

    /**
     * Forgets all but some.
     *
     * @param rows numbers of those that stay, ascending; they are numbered from 0 again
     */
    void keep(int[] rows);
  }
}
