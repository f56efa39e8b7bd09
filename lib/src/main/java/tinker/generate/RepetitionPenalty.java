package tinker.generate;

/**
 * Makes tokens that were written already less likely: their log-probabilities are multiplied by the
 * penalty, {@code p_i^penalty}, and all are normalised. A token counts once, however often it was
 * written. 1 changes nothing, below 1 repetition is encouraged.
 *
 * <p>After Keskar, McCann, Varshney, Xiong, Socher: CTRL, 2019, who divide the scores before
 * softmax; there the effect depends on where the zero of the scores happens to lie. On
 * log-probabilities, which are never positive, it does not. A token that is certain
 * (log-probability 0) stays certain.
 *
 * @param penalty above 0, finite; 1.1 to 1.3 are usual for words
 * @param last how many tokens, from the newest back, are looked at; at least 1
 */
public record RepetitionPenalty(double penalty, int last) implements Sampler {
  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public RepetitionPenalty {
    if (!(penalty > 0) || Double.isInfinite(penalty)) {
      throw new IllegalArgumentException(
          "repetition penalty is " + penalty + "; it must be above 0 and finite");
    }
    if (last < 1) {
      throw new IllegalArgumentException(
          "the penalty looks at the last " + last + " tokens; it must be at least 1");
    }
  }

  /** Looks at the whole text. */
  public RepetitionPenalty(double penalty) {
    this(penalty, Integer.MAX_VALUE);
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    LogProbabilities.largest(logProbabilities);
    double[] adjusted = logProbabilities.clone();
    if (penalty == 1) {
      return adjusted;
    }
    for (int i = Math.max(0, written.length - last); i < written.length; i++) {
      int token = written[i];
      if (token < 0 || token >= adjusted.length) {
        throw new IllegalArgumentException(
            "written token " + token + " is outside [0, " + adjusted.length + ")");
      }
      adjusted[token] = logProbabilities[token] * penalty;
    }
    return LogProbabilities.normalise(adjusted);
  }
}
