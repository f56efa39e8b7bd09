package tinker.model;

import java.util.Arrays;
import java.util.stream.IntStream;

/** From numbers a network gives to log-probabilities. */
final class Logits {
  private Logits() {}

  /** Log of the softmax, in double precision, so that the probabilities sum to 1 to 1e-12. */
  static double[] logSoftmax(float[] logits) {
    double top = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      top = Math.max(top, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - top);
    }
    double shift = top + Math.log(sum);
    double[] logs = new double[logits.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = logits[i] - shift;
    }
    return logs;
  }

  /**
   * The same of several texts' logits, one row after the other.
   *
   * @return one row for each text
   */
  static double[][] logSoftmax(float[] logits, int rows) {
    int width = logits.length / rows;
    double[][] logs = new double[rows][];
    IntStream.range(0, rows)
        .parallel()
        .forEach(
            row ->
                logs[row] = logSoftmax(Arrays.copyOfRange(logits, row * width, (row + 1) * width)));
    return logs;
  }

  /** The same of scores in double precision. */
  static double[] logSoftmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElse(0);
    double sum = Arrays.stream(scores).map(s -> Math.exp(s - largest)).sum();
    return Arrays.stream(scores).map(s -> s - largest - Math.log(sum)).toArray();
  }

  /** The place of the largest value, the first of equal ones. */
  static int most(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
