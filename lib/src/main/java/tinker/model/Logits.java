package tinker.model;

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
}
