package tinker.nn;

/**
 * One-cycle (Smith 2018, "A disciplined approach to neural network hyper-parameters"): the learning
 * rate rises to its highest value and falls again to almost nothing, and the momentum does the
 * opposite. The high rate in the middle regularises, the long fall settles. The curves are halves
 * of cosines, as in fastai's {@code fit_one_cycle}, whose values are the defaults here.
 *
 * @param maximum the highest rate, above 0
 * @param rising share of the run spent rising, in (0, 1)
 * @param startDivisor the rate starts at {@code maximum / startDivisor}, at least 1
 * @param endDivisor the rate ends at {@code maximum / endDivisor}, at least 1
 * @param highMomentum momentum (Adam's beta1) at both ends, in [0, 1)
 * @param lowMomentum momentum where the rate is highest, in [0, highMomentum]
 */
public record OneCycle(
    double maximum,
    double rising,
    double startDivisor,
    double endDivisor,
    double highMomentum,
    double lowMomentum)
    implements Schedule {

  public OneCycle {
    if (!(maximum > 0) || Double.isInfinite(maximum)) {
      throw new IllegalArgumentException(
          "learning rate is " + maximum + "; it must be above 0 and finite");
    }
    if (!(rising > 0 && rising < 1)) {
      throw new IllegalArgumentException("rising is " + rising + "; it must be in (0, 1)");
    }
    if (!(startDivisor >= 1) || !(endDivisor >= 1)) {
      throw new IllegalArgumentException(
          "divisors are " + startDivisor + " and " + endDivisor + "; they must be at least 1");
    }
    if (!(highMomentum >= 0 && highMomentum < 1)
        || !(lowMomentum >= 0 && lowMomentum <= highMomentum)) {
      throw new IllegalArgumentException(
          "momentum goes from "
              + highMomentum
              + " to "
              + lowMomentum
              + "; both must be in [0, 1), and the second not above the first");
    }
  }

  /** One cycle with fastai's shape: a quarter rising from 1/25, momentum 0.95 to 0.85. */
  public static OneCycle of(double maximum) {
    return new OneCycle(maximum, 0.25, 25, 1e5, 0.95, 0.85);
  }

  @Override
  public double rate(double progress) {
    return progress < rising
        ? Schedule.cosine(maximum / startDivisor, maximum, progress / rising)
        : Schedule.cosine(maximum, maximum / endDivisor, (progress - rising) / (1 - rising));
  }

  @Override
  public double momentum(double progress) {
    return progress < rising
        ? Schedule.cosine(highMomentum, lowMomentum, progress / rising)
        : Schedule.cosine(lowMomentum, highMomentum, (progress - rising) / (1 - rising));
  }
}
