package tinker.nn;

/**
 * The learning rate, and the momentum that goes with it, over the course of a training run.
 *
 * <p>Time is the share of the run that is over, in [0, 1), so that a schedule means the same for a
 * short run and a long one.
 */
public sealed interface Schedule permits OneCycle, Schedule.Constant, Schedule.Warmup {
  /** The momentum (Adam's beta1) of a schedule that leaves it alone. */
  double MOMENTUM = 0.9;

  /**
   * The learning rate.
   *
   * @param progress share of the run that is over, in [0, 1]
   */
  double rate(double progress);

  /**
   * Momentum, which is Adam's beta1.
   *
   * @param progress share of the run that is over, in [0, 1]
   */
  default double momentum(double progress) {
    return MOMENTUM;
  }

  /** The highest rate of the run. */
  double maximum();

  /**
   * The same rate from beginning to end.
   *
   * @param maximum the rate, above 0
   */
  record Constant(double maximum) implements Schedule {
    public Constant {
      requireRate(maximum);
    }

    @Override
    public double rate(double progress) {
      return maximum;
    }
  }

  /**
   * A straight line from 0 up to the highest rate, then half a cosine down to a share of it.
   *
   * @param maximum the highest rate, above 0
   * @param share share of the run spent rising, in [0, 1)
   * @param last the rate at the end, as a share of the highest, in [0, 1]
   */
  record Warmup(double maximum, double share, double last) implements Schedule {
    public Warmup {
      requireRate(maximum);
      if (!(share >= 0 && share < 1)) {
        throw new IllegalArgumentException("share is " + share + "; it must be in [0, 1)");
      }
      if (!(last >= 0 && last <= 1)) {
        throw new IllegalArgumentException("last is " + last + "; it must be in [0, 1]");
      }
    }

    @Override
    public double rate(double progress) {
      return progress < share
          ? maximum * progress / share
          : cosine(maximum, maximum * last, (progress - share) / (1 - share));
    }
  }

  /** Half a cosine from {@code from} (at 0) to {@code to} (at 1). */
  static double cosine(double from, double to, double position) {
    double p = Math.min(1, Math.max(0, position));
    return to + (from - to) * (1 + Math.cos(Math.PI * p)) / 2;
  }

  private static void requireRate(double rate) {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "learning rate is " + rate + "; it must be above 0 and finite");
    }
  }
}
