package tinker.generate;

import java.util.random.RandomGenerator;

/**
 * A rule that changes the distribution of the next token before one is drawn from it. It has one
 * method, so that a rule of your own is a lambda; the usual ones are records that compose:
 *
 * <pre>{@code
 * Sampler sampler = new Temperature(0.7).then(new TopK(10)).then(new TopP(0.9));
 * double[] adjusted = sampler.adjust(model.logProbabilities(history));   // V values, to look at
 * int token = Sampler.draw(adjusted, new SplittableRandom(7));
 * }</pre>
 *
 * <p>The records below keep what they need not touch: {@code Temperature(1)}, {@code TopK(k)} with
 * k at least V, {@code TopP(1)}, {@code MinP(0)} and {@code RepetitionPenalty(1)} return every
 * value as it came, bit for bit.
 */
@FunctionalInterface
public interface Sampler {
  /**
   * The distribution to draw from.
   *
   * @param logProbabilities V values in nats whose exponentials sum to 1; negative infinity is an
   *     impossible token. Not changed.
   * @param written ids of the tokens of the text so far, oldest first, the prime included
   * @return V values in nats whose exponentials sum to 1, a new array
   * @throws IllegalArgumentException if a value is NaN or positive infinity (the message names the
   *     token's id), or if every token is impossible
   */
  double[] adjust(double[] logProbabilities, int... written);

  /** This rule first, {@code next} on what it leaves. */
  default Sampler then(Sampler next) {
    return Chain.of(this, next);
  }

  /**
   * Draws one token by walking up the cumulative probabilities until they pass a uniform random
   * number, in double precision. One random number is used for each token drawn.
   *
   * @param logProbabilities V values in nats; they may sum to anything above 0
   * @param random where the uniform number comes from
   * @return the id of a token that is not impossible
   * @throws IllegalArgumentException as {@link #adjust} does
   */
  static int draw(double[] logProbabilities, RandomGenerator random) {
    double largest = LogProbabilities.largest(logProbabilities);
    double[] cumulative = new double[logProbabilities.length];
    double sum = 0;
    for (int i = 0; i < cumulative.length; i++) {
      sum += Math.exp(logProbabilities[i] - largest);
      cumulative[i] = sum;
    }
    double threshold = random.nextDouble() * sum;
    int last = 0;
    for (int i = 0; i < cumulative.length; i++) {
      if (logProbabilities[i] > Double.NEGATIVE_INFINITY) {
        if (threshold < cumulative[i]) {
          return i;
        }
        last = i;
      }
    }
    // Rounding may bring the threshold up to the sum itself.
    return last;
  }
}
