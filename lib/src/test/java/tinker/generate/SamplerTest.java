package tinker.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {
  private static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY;

  static List<Sampler> samplers() {
    return List.of(
        new Temperature(0.5),
        new Temperature(2),
        new Temperature(1e-320),
        Temperature.GREEDY,
        TemperatureCycle.of(0.3, 1.5),
        new TopK(3),
        new TopP(0.8),
        new MinP(0.2),
        new RepetitionPenalty(1.3),
        new Temperature(0.7).then(new TopK(5)).then(new TopP(0.9)).then(new MinP(0.05)));
  }

  private static double[] random(Random random, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      // Some are impossible, some are equal.
      values[i] =
          random.nextInt(6) == 0 && i > 0 ? IMPOSSIBLE : Math.round(random.nextGaussian() * 8) / 4d;
    }
    return LogProbabilities.normalise(values);
  }

  private static double sum(double[] logProbabilities) {
    return Arrays.stream(logProbabilities).map(Math::exp).sum();
  }

  private static int[] support(double[] logProbabilities) {
    return IntStream.range(0, logProbabilities.length)
        .filter(i -> logProbabilities[i] > IMPOSSIBLE)
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void everySamplerGivesADistributionWithinTheSupportAndLeavesItsInput(Sampler sampler) {
    var random = new Random(5);
    for (int trial = 0; trial < 300; trial++) {
      double[] before = random(random, 2 + random.nextInt(30));
      double[] input = before.clone();
      int[] written = random.ints(random.nextInt(9), 0, before.length).toArray();
      double[] after = sampler.adjust(input, written);
      assertThat(input).isEqualTo(before);
      assertThat(sum(after)).isCloseTo(1, within(1e-12));
      assertThat(support(before)).contains(support(after));
      // What is more likely before is never less likely after, unless a repetition is punished.
      if (!(sampler instanceof RepetitionPenalty)) {
        for (int i = 0; i < before.length; i++) {
          for (int j = 0; j < before.length; j++) {
            if (before[i] > before[j]) {
              assertThat(after[i]).isGreaterThanOrEqualTo(after[j]);
            }
          }
        }
      }
    }
  }

  @Test
  void neutralSettingsChangeNoBit() {
    var random = new Random(6);
    for (int trial = 0; trial < 100; trial++) {
      double[] input = random(random, 20);
      for (Sampler neutral :
          List.of(
              new Temperature(1),
              new TopK(20),
              new TopK(21),
              new TopP(1),
              new MinP(0),
              new RepetitionPenalty(1))) {
        assertThat(neutral.adjust(input, 3, 4)).isEqualTo(input).isNotSameAs(input);
      }
    }
  }

  @Test
  void temperatureIsThePowerOfTheProbabilities() {
    double[] p = {0.5, 0.25, 0.125, 0.125};
    double[] adjusted = new Temperature(0.5).adjust(log(p));
    double squares = 0.25 + 0.0625 + 2 * 0.015625;
    for (int i = 0; i < 4; i++) {
      assertThat(Math.exp(adjusted[i])).isCloseTo(p[i] * p[i] / squares, within(1e-15));
    }
  }

  @Test
  void smallTemperaturesApproachGreedyWhichTakesTheFirstOfEquals() {
    double[] p = log(0.1, 0.35, 0.3, 0.25);
    assertThat(Math.exp(new Temperature(0.01).adjust(p)[1])).isGreaterThan(0.999999);
    assertThat(Temperature.GREEDY.adjust(p)).containsExactly(IMPOSSIBLE, 0, IMPOSSIBLE, IMPOSSIBLE);
    assertThat(support(Temperature.GREEDY.adjust(log(0.1, 0.4, 0.4, 0.1)))).containsExactly(1);
  }

  @Test
  void topKKeepsExactlyKAndOfEqualsTheFirst() {
    double[] p = log(0.1, 0.2, 0.2, 0.2, 0.3);
    assertThat(support(new TopK(1).adjust(p))).containsExactly(4);
    assertThat(support(new TopK(3).adjust(p))).containsExactly(1, 2, 4);
    double[] adjusted = new TopK(3).adjust(p);
    assertThat(Math.exp(adjusted[4])).isCloseTo(0.3 / 0.7, within(1e-15));
  }

  @Test
  void topPKeepsTheSmallestSetThatReachesP() {
    double[] p = log(0.125, 0.5, 0.125, 0.25);
    assertThat(support(new TopP(0.01).adjust(p))).containsExactly(1);
    assertThat(support(new TopP(0.5).adjust(p))).containsExactly(1);
    assertThat(support(new TopP(0.51).adjust(p))).containsExactly(1, 3);
    assertThat(support(new TopP(0.8).adjust(p))).containsExactly(0, 1, 3);
    assertThat(support(new TopP(0.9).adjust(p))).containsExactly(0, 1, 2, 3);
  }

  @Test
  void minPMeasuresAgainstTheMostLikely() {
    double[] p = log(0.05, 0.6, 0.15, 0.2);
    assertThat(support(new MinP(0.2).adjust(p))).containsExactly(1, 2, 3);
    assertThat(support(new MinP(0.3).adjust(p))).containsExactly(1, 3);
    assertThat(support(new MinP(1).adjust(p))).containsExactly(1);
  }

  @Test
  void repetitionPenaltyCountsATokenOnceAndForgetsOldOnes() {
    double[] p = log(0.5, 0.25, 0.25);
    double[] once = new RepetitionPenalty(2).adjust(p, 0);
    assertThat(Math.exp(once[0])).isCloseTo(1 / 3d, within(1e-15));
    assertThat(new RepetitionPenalty(2).adjust(p, 0, 0, 0)).isEqualTo(once);
    assertThat(new RepetitionPenalty(2, 2).adjust(p, 1, 1, 0, 0)).isEqualTo(once);
    assertThat(Math.exp(new RepetitionPenalty(2).adjust(p, 1, 0)[2]))
        .isCloseTo(.25 / .5625, within(1e-15));
  }

  @Test
  void theCycleFollowsTheNumberOfTokensWritten() {
    double[] p = log(0.5, 0.25, 0.25);
    Sampler cycle = TemperatureCycle.of(1, 0.5);
    assertThat(cycle.adjust(p)).isEqualTo(p);
    assertThat(cycle.adjust(p, 0)).isEqualTo(new Temperature(0.5).adjust(p));
    assertThat(cycle.adjust(p, 0, 1)).isEqualTo(p);
  }

  @Test
  void theOrderOfRulesMatters() {
    double[] p = log(0.4, 0.3, 0.2, 0.1);
    // Halving the temperature first brings 0.4 to 0.53: two tokens reach 0.8, not three.
    Sampler coolFirst = new Temperature(0.5).then(new TopP(0.8));
    Sampler cutFirst = new TopP(0.8).then(new Temperature(0.5));
    assertThat(support(coolFirst.adjust(p))).containsExactly(0, 1);
    assertThat(support(cutFirst.adjust(p))).containsExactly(0, 1, 2);
    Sampler three = new TopK(3).then(new MinP(0.1)).then(new Temperature(2));
    assertThat(three.adjust(p))
        .isEqualTo(new Temperature(2).adjust(new MinP(0.1).adjust(new TopK(3).adjust(p))));
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void hundredThousandDrawsPassAChiSquaredTest(Sampler sampler) {
    double[] p = log(0.3, 0.05, 0.2, 0.1, 0.02, 0.13, 0.08, 0.12);
    double[] adjusted = sampler.adjust(p, 0, 2);
    int draws = 100_000;
    long[] observed = new long[p.length];
    var random = new SplittableRandom(11);
    for (int i = 0; i < draws; i++) {
      observed[Sampler.draw(adjusted, random)]++;
    }
    int[] support = support(adjusted);
    assertThat(Arrays.stream(support).mapToLong(i -> observed[i]).sum()).isEqualTo(draws);
    if (support.length > 1) {
      double[] expected = Arrays.stream(support).mapToDouble(i -> Math.exp(adjusted[i])).toArray();
      long[] seen = Arrays.stream(support).mapToLong(i -> observed[i]).toArray();
      assertThat(new ChiSquareTest().chiSquareTest(expected, seen)).isGreaterThan(0.001);
      // The test notices a distribution that is a little off.
      double[] off = expected.clone();
      off[0] -= 0.02;
      off[off.length - 1] += 0.02;
      assertThat(new ChiSquareTest().chiSquareTest(off, seen)).isLessThan(0.001);
    }
  }

  @Test
  void drawsNeedNoNormalisedInputAndNeverTakeTheImpossible() {
    double[] scores = {IMPOSSIBLE, 1000, IMPOSSIBLE, 1001, IMPOSSIBLE};
    var random = new SplittableRandom(1);
    int[] counts = new int[5];
    for (int i = 0; i < 10_000; i++) {
      counts[Sampler.draw(scores, random)]++;
    }
    assertThat(counts[1] + counts[3]).isEqualTo(10_000);
    assertThat(counts[3] / 1e4).isCloseTo(Math.E / (1 + Math.E), within(0.02));
  }

  @Test
  void wrongSettingsAreRefusedByNameAndValue() {
    refused(() -> new Temperature(-0.1), "temperature is -0.1; it must be at least 0 and finite");
    refused(() -> new Temperature(Double.NaN), "temperature is NaN");
    refused(() -> new Temperature(Double.POSITIVE_INFINITY), "temperature is Infinity");
    refused(() -> TemperatureCycle.of(), "needs at least 1 temperature, not 0");
    refused(() -> TemperatureCycle.of(0.5, -1), "temperature is -1.0");
    refused(() -> new TopK(0), "top-k is 0; it must be at least 1");
    refused(() -> new TopP(0), "top-p is 0.0; it must be above 0 and at most 1");
    refused(() -> new TopP(1.01), "top-p is 1.01");
    refused(() -> new TopP(Double.NaN), "top-p is NaN");
    refused(() -> new MinP(-0.1), "min-p is -0.1; it must be from 0 to 1");
    refused(() -> new MinP(Double.NaN), "min-p is NaN");
    refused(() -> new RepetitionPenalty(0), "repetition penalty is 0.0; it must be above 0");
    refused(() -> new RepetitionPenalty(1.2, 0), "the last 0 tokens; it must be at least 1");
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void wrongNumbersNameTheToken(Sampler sampler) {
    refused(
        () -> sampler.adjust(new double[] {-1, -1, Double.NaN, -1, -1, -1}),
        "log-probability of token 2 is NaN");
    refused(
        () -> sampler.adjust(new double[] {-1, Double.POSITIVE_INFINITY, -1, -1, -1, -1}),
        "log-probability of token 1 is Infinity");
    refused(
        () -> sampler.adjust(new double[] {IMPOSSIBLE, IMPOSSIBLE, IMPOSSIBLE}),
        "all 3 tokens have probability 0");
    refused(
        () -> Sampler.draw(new double[] {0, Double.NaN}, new SplittableRandom(1)),
        "log-probability of token 1 is NaN");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
  }

  private static double[] log(double... probabilities) {
    return Arrays.stream(probabilities).map(Math::log).toArray();
  }

  @Test
  void noRuleGivesANewArrayAndRefusesNoNumbersToo() {
    double[] p = {Math.log(0.5), Math.log(0.5)};
    Sampler none = new Chain(List.of());
    assertThat(none.adjust(p)).isEqualTo(p).isNotSameAs(p);
    assertThatThrownBy(() -> none.adjust(new double[] {Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Every order of every choice of the five rules: 1 + 5 + 20 + 60 + 120 + 120. */
  @Test
  void anyCompositionGivesADistributionAndIsGreedyAtTemperatureZero() {
    List<Sampler> rules =
        List.of(
            new Temperature(0.6),
            new TopK(6),
            new TopP(0.9),
            new MinP(0.05),
            new RepetitionPenalty(1.4));
    var random = new Random(8);
    var open = new ArrayDeque<List<Sampler>>();
    open.add(List.of());
    int compositions = 0;
    while (!open.isEmpty()) {
      List<Sampler> chosen = open.remove();
      compositions++;
      double[] before = random(random, 12);
      int[] written = random.ints(5, 0, 12).toArray();
      double[] after = new Chain(chosen).adjust(before, written);
      double[] oneByOne = before;
      for (Sampler rule : chosen) {
        oneByOne = rule.adjust(oneByOne, written);
      }
      assertThat(after).as("%s", chosen).isEqualTo(oneByOne);
      assertThat(sum(after)).isCloseTo(1, within(1e-12));
      assertThat(support(before)).contains(support(after));
      int[] greedy = support(new Chain(chosen).then(Temperature.GREEDY).adjust(before, written));
      assertThat(greedy).hasSize(1);
      assertThat(after[greedy[0]]).isEqualTo(Arrays.stream(after).max().getAsDouble());
      for (Sampler rule : rules) {
        if (!chosen.contains(rule)) {
          var longer = new ArrayList<Sampler>(chosen);
          longer.add(rule);
          open.add(longer);
        }
      }
    }
    assertThat(compositions).isEqualTo(326);
  }
}
