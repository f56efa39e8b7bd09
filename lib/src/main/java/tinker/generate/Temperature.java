package tinker.generate;

/**
 * Divides log-probabilities by a temperature and normalises: {@code p_i^(1/T) / sum_j p_j^(1/T)}.
 * Below 1 the likely tokens gain, above 1 the unlikely ones; 1 changes nothing. At 0, the limit,
 * all probability goes to the most likely token; of several equally likely ones to that with the
 * lowest id.
 *
 * @param value at least 0, finite
 */
public record Temperature(double value) implements Sampler {
  /** The most likely token, always. */
  public static final Temperature GREEDY = new Temperature(0);

  /**
   * @throws IllegalArgumentException if {@code value} is below 0, infinite or NaN
   */
  public Temperature {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          "temperature is " + value + "; it must be at least 0 and finite");
    }
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    double largest = LogProbabilities.largest(logProbabilities);
    double[] adjusted = logProbabilities.clone();
    if (value == 1) {
      return adjusted;
    }
    if (value == 0) {
      return LogProbabilities.keepLargest(adjusted, 1);
    }
    for (int i = 0; i < adjusted.length; i++) {
      // The largest becomes 0 before the division, so that no temperature is too small for it.
      adjusted[i] = (adjusted[i] - largest) / value;
    }
    return LogProbabilities.normalise(adjusted);
  }
}
