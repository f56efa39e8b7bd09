package tinker.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import tinker.train.Estimate;

/** The exercises of notebook 20. */
final class Exercises20 {
  private static final String NOTEBOOK = "20-bimpm-results";
  private static final double BETTER = 0.8869;
  private static final double WORSE = 0.8798;

  private Exercises20() {}

  static List<Exercise> all() {
    return List.of(halfWidth(), permutation(), pairsNeeded());
  }

  private static Exercise halfWidth() {
    return Authoring.value("20-1", NOTEBOOK, Number.class)
        .expect(() -> 1.1, 0.05)
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.57) < 0.02,
            "gave one deviation; 95 % take 1.96 of them")
        .mistake(
            v -> Math.abs(v.doubleValue() - 2.2) < 0.1, "gave the whole width; asked is one half")
        .mistake(v -> Math.abs(v.doubleValue() - 0.011) < 0.001, "gave a share; asked are points")
        .hint("How far does the mean of 4,927 tosses of an uneven coin usually lie from its share?")
        .hint("The deviation is the root of p (1 - p) / n; the interval reaches 1.96 of them.")
        .hint("100 * 1.96 * Math.sqrt(0.8 * 0.2 / 4927), or Estimate.share(3942, 4927).")
        .why("A figure of 80.4 beside one of 79.9 is no news on a test set of this size.")
        .examples(1.117, 2.23);
  }

  private static Exercise permutation() {
    return Authoring.<Function<double[], Double>, double[], Double>function(
            "20-2", NOTEBOOK, Function.class, Function::apply)
        .reference(d -> patterns(d, 0), 1e-9)
        .on(
            new double[] {1, 1, 1, 1},
            new double[] {3},
            new double[] {0.5, -0.5},
            new double[] {1, 2, 3},
            new double[] {-1, -1, -1, -1},
            new double[] {0.1, 0.2, -0.3, 0.4, 0.1, 0.1})
        .mistake(
            d -> patterns(d, 1), "counted one side only; a sum as far below zero counts as well")
        .mistake(d -> patterns(d, 2), "left out the patterns that are as large and not larger")
        .mistake(
            d -> patterns(d, 3), "compared without allowance; sums of decimals differ by rounding")
        .hint("If it were chance which system got which value, which sign would a difference have?")
        .hint("The numbers from 0 to 2^n - 1 are the patterns: bit i is the sign of item i.")
        .hint("Count patterns with Math.abs(sum) >= Math.abs(seen) - 1e-12, and divide by 2^n.")
        .why(
            "It asks for nothing but that the items are alike under chance: no normal"
                + " distribution, no large numbers.")
        .examples(d -> 0.05, d -> d[d.length]);
  }

  /** All sign patterns; {@code slip} 1 to 3 makes a usual mistake. */
  private static double patterns(double[] differences, int slip) {
    int n = differences.length;
    double seen = Arrays.stream(differences).sum();
    int count = 0;
    for (int pattern = 0; pattern < 1 << n; pattern++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
      }
      boolean large =
          switch (slip) {
            case 1 -> sum >= seen - 1e-12;
            case 2 -> Math.abs(sum) > Math.abs(seen) + 1e-12;
            case 3 -> Math.abs(sum) >= Math.abs(seen);
            default -> Math.abs(sum) >= Math.abs(seen) - 1e-12;
          };
      count += large ? 1 : 0;
    }
    return count / (double) (1 << n);
  }

  private static Exercise pairsNeeded() {
    return Authoring.experiment("20-3", NOTEBOOK, Integer.class)
        .criterion(
            n -> gap(n) > 0 && gap((int) (0.98 * n)) < 0,
            n ->
                n < 1
                    ? "there must be at least one pair"
                    : String.format(
                        Locale.ROOT,
                        "with %,d pairs the intervals %s by %.3f points",
                        n,
                        gap(n) > 0 ? "lie apart" : "overlap",
                        100 * Math.abs(gap(n))),
            "the intervals lie apart, and with 2 % fewer pairs they overlap")
        .mistake(n -> gap(n) > 0, "took more than are needed")
        .mistake(n -> n == 10_000, "took the size of the paper's dev set")
        .hint("Which end of which interval has to pass which end of the other?")
        .hint("Estimate.share(Math.round(0.8869 * n), n).low(), and the other one's high().")
        .hint("Raise n in steps of a hundred until the first lies above the second.")
        .why(
            "With the predictions at hand, McNemar's test needs far fewer: it leaves out the pairs"
                + " on which both models agree.")
        .examples(31_400, 10_000);
  }

  /** How far the better one's interval lies above the other's; negative if they overlap. */
  private static double gap(int n) {
    return n < 1
        ? -1
        : Estimate.share(Math.round(BETTER * n), n).low()
            - Estimate.share(Math.round(WORSE * n), n).high();
  }
}
