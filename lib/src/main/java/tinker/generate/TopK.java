package tinker.generate;

/**
 * Keeps the k most likely tokens and makes the others impossible. Exactly k stay: of equally likely
 * ones at the border those with the lower ids. A k of V or more changes nothing.
 *
 * <p>Fan, Lewis, Dauphin: Hierarchical Neural Story Generation, 2018.
 *
 * @param k at least 1
 */
public record TopK(int k) implements Sampler {
  /**
   * @throws IllegalArgumentException if {@code k} is below 1
   */
  public TopK {
    if (k < 1) {
      throw new IllegalArgumentException("top-k is " + k + "; it must be at least 1");
    }
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    LogProbabilities.largest(logProbabilities);
    return k >= logProbabilities.length
        ? logProbabilities.clone()
        : LogProbabilities.keepLargest(logProbabilities, k);
  }
}
