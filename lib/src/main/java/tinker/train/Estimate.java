package tinker.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * A measured number with the interval in which the true one lies with 95 % confidence.
 *
 * <p>Which interval it is says its maker: that of {@link #share} and {@link #bootstrap} is about
 * which items the test happens to hold, that of {@link #ofSeeds} about what another run of the
 * training would give. They answer different questions, and a result needs both.
 *
 * @param value what was measured
 * @param low lower end
 * @param high upper end
 */
public record Estimate(double value, double low, double high) {
  private static final double Z = 1.959963984540054;

  /** Student's t for 97.5 %, by degrees of freedom from 1. */
  private static final double[] T = {
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
    2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
    2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423
  };

  /**
   * A share of successes with Wilson's interval (1927).
   *
   * @param successes in [0, {@code trials}]
   * @param trials at least 1
   */
  public static Estimate share(long successes, long trials) {
    if (trials < 1 || successes < 0 || successes > trials) {
      throw new IllegalArgumentException(
          successes
              + " successes of "
              + trials
              + " trials; there must be at least 1 trial, and 0 to as many successes");
    }
    double p = (double) successes / trials;
    double z2 = Z * Z / trials;
    double middle = (p + z2 / 2) / (1 + z2);
    double half = Z * Math.sqrt(p * (1 - p) / trials + z2 / (4.0 * trials)) / (1 + z2);
    return new Estimate(p, Math.max(0, middle - half), Math.min(1, middle + half));
  }

  /**
   * The mean of what was measured on each item, with the bootstrap's percentile interval (Efron
   * 1979): the means of 2,000 samples drawn from the items with putting back.
   *
   * @param values at least one
   */
  public static Estimate bootstrap(double[] values, long seed) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there are no values to take the mean of");
    }
    var random = new Random(seed);
    double[] means = new double[2000];
    for (int i = 0; i < means.length; i++) {
      double sum = 0;
      for (int j = 0; j < values.length; j++) {
        sum += values[random.nextInt(values.length)];
      }
      means[i] = sum / values.length;
    }
    Arrays.sort(means);
    return new Estimate(mean(values), means[49], means[1950]);
  }

  /**
   * The mean over runs that differ in nothing but their seed, with Student's interval. Of few runs
   * it is wide, and rightly so; of one it is infinite.
   *
   * @param values one of each run, at least one
   */
  public static Estimate ofSeeds(double... values) {
    double mean = mean(values);
    if (values.length == 1) {
      return new Estimate(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    int freedom = values.length - 1;
    // Beyond the table the first term of its expansion about the normal: off by less than 0.2 %.
    double t = freedom <= T.length ? T[freedom - 1] : Z + (Z * Z * Z + Z) / (4.0 * freedom);
    double half = t * deviation(values) / Math.sqrt(values.length);
    return new Estimate(mean, mean - half, mean + half);
  }

  /** The standard deviation of a sample, with n - 1; 0 for a single value. */
  public static double deviation(double... values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values)
        .average()
        .orElseThrow(() -> new IllegalArgumentException("there are no values to take the mean of"));
  }

  /**
   * How likely a difference of the means as large as this one would be if it were chance which of
   * two systems got which value: the p-value of a paired permutation test with 10,000 draws.
   *
   * @param one what one system got on each item
   * @param other what the other got on the same items
   * @return in (0, 1]
   */
  public static double permutation(double[] one, double[] other, long seed) {
    if (one.length != other.length) {
      throw new IllegalArgumentException(
          one.length + " values beside " + other.length + "; they must be of the same items");
    }
    double seen = 0;
    for (int i = 0; i < one.length; i++) {
      seen += one[i] - other[i];
    }
    var random = new Random(seed);
    int draws = 10_000;
    int asLarge = 1;
    for (int draw = 0; draw < draws; draw++) {
      double sum = 0;
      for (int i = 0; i < one.length; i++) {
        sum += random.nextBoolean() ? one[i] - other[i] : other[i] - one[i];
      }
      asLarge += Math.abs(sum) >= Math.abs(seen) - 1e-12 ? 1 : 0;
    }
    return asLarge / (draws + 1.0);
  }

  /** In per cent, such as {@code 80.3 [79.2, 81.4]}; without the interval if it is infinite. */
  public String percent() {
    return Double.isInfinite(low)
        ? String.format(Locale.ROOT, "%.1f", 100 * value)
        : String.format(Locale.ROOT, "%.1f [%.1f, %.1f]", 100 * value, 100 * low, 100 * high);
  }

  @Override
  public String toString() {
    return Double.isInfinite(low)
        ? String.format(Locale.ROOT, "%.4f", value)
        : String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", value, low, high);
  }
}
