package tinker.bench;

import java.util.Arrays;

/** Wall-clock times, warmed up, so that one slow round does not decide. */
public final class Timing {
  private Timing() {}

  /**
   * Median seconds of one round.
   *
   * @param warmup rounds run first and not counted
   * @param rounds rounds counted, at least 1
   */
  public static double median(int warmup, int rounds, Runnable round) {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds is " + rounds + "; it must be at least 1");
    }
    for (int i = 0; i < warmup; i++) {
      round.run();
    }
    double[] seconds = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long start = System.nanoTime();
      round.run();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return median(seconds);
  }

  /** The median of at least one value. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
