package tinker.generate;

/**
 * Keeps the tokens that are at least {@code p} times as likely as the most likely one, and makes
 * the others impossible: few stay where the model is sure, many where it is not. 0 changes nothing,
 * 1 keeps the most likely token and its equals.
 *
 * <p>Nguyen, Baker, Neo, Roush, Kirsch, Shwartz-Ziv: Turning Up the Heat, 2024.
 *
 * @param p from 0 to 1
 */
public record MinP(double p) implements Sampler {
  /**
   * @throws IllegalArgumentException if {@code p} is outside [0, 1]
   */
  public MinP {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("min-p is " + p + "; it must be from 0 to 1");
    }
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    double border = LogProbabilities.largest(logProbabilities) + Math.log(p);
    double[] kept = logProbabilities.clone();
    if (p == 0) {
      return kept;
    }
    for (int i = 0; i < kept.length; i++) {
      if (kept[i] < border) {
        kept[i] = Double.NEGATIVE_INFINITY;
      }
    }
    return LogProbabilities.normalise(kept);
  }
}
