package tinker.generate;

import java.util.Arrays;

/**
 * Keeps the smallest set of most likely tokens whose probabilities together reach p, and makes the
 * others impossible ("nucleus sampling"). At least one token stays; of equally likely ones at the
 * border those with the lower ids do. A p of 1 changes nothing.
 *
 * <p>Holtzman, Buys, Du, Forbes, Choi: The Curious Case of Neural Text Degeneration, 2020.
 *
 * @param p above 0, at most 1
 */
public record TopP(double p) implements Sampler {
  /**
   * @throws IllegalArgumentException if {@code p} is outside (0, 1]
   */
  public TopP {
    if (!(p > 0 && p <= 1)) {
      throw new IllegalArgumentException("top-p is " + p + "; it must be above 0 and at most 1");
    }
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    LogProbabilities.largest(logProbabilities);
    if (p == 1) {
      return logProbabilities.clone();
    }
    double[] sorted = logProbabilities.clone();
    Arrays.sort(sorted);
    int k = 0;
    for (double sum = 0; sum < p && k < sorted.length; k++) {
      sum += Math.exp(sorted[sorted.length - 1 - k]);
    }
    return LogProbabilities.keepLargest(logProbabilities, k);
  }
}
