package tinker.generate;

import java.util.Arrays;

/** Arithmetic on arrays of log-probabilities that the samplers share. */
final class LogProbabilities {
  private LogProbabilities() {}

  /**
   * The largest value, once all have been found to be log-probabilities.
   *
   * @throws IllegalArgumentException if one is NaN or positive infinity, or all are negative
   *     infinity
   */
  static double largest(double[] values) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i]) || values[i] == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "log-probability of token "
                + i
                + " is "
                + values[i]
                + "; it must be a number or negative infinity");
      }
      largest = Math.max(largest, values[i]);
    }
    if (largest == Double.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "all "
              + values.length
              + " tokens have probability 0; at least one must be possible for a draw");
    }
    return largest;
  }

  /** Shifts {@code values} in place so that their exponentials sum to 1, and returns them. */
  static double[] normalise(double[] values) {
    double largest = largest(values);
    double sum = 0;
    for (double value : values) {
      sum += Math.exp(value - largest);
    }
    double shift = largest + Math.log(sum);
    for (int i = 0; i < values.length; i++) {
      values[i] -= shift;
    }
    return values;
  }

  /**
   * The {@code k} largest values, normalised; the others become impossible. Of equal values at the
   * border those with the lower ids stay.
   */
  static double[] keepLargest(double[] values, int k) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double border = sorted[sorted.length - k];
    int room = k;
    for (double value : values) {
      room -= value > border ? 1 : 0;
    }
    double[] kept = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      boolean stays = values[i] > border || (values[i] == border && room-- > 0);
      kept[i] = stays ? values[i] : Double.NEGATIVE_INFINITY;
    }
    return normalise(kept);
  }
}
