package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  /** Says class 1 with this probability, class 0 with the rest. */
  private static Predictions said(double[] ofOne, int... labels) {
    return Predictions.of(
        Arrays.stream(ofOne).mapToObj(p -> new double[] {1 - p, p}).toArray(double[][]::new),
        labels);
  }

  @Test
  void countsWhatIsRight() {
    Predictions said = said(new double[] {0.9, 0.4, 0.5, 0.2}, 1, 1, 1, 0);
    assertThat(said.accuracy().value()).isEqualTo(0.5);
    assertThat(said.predicted(2)).as("of equal ones the first").isZero();
    assertThat(said.confusion()).isDeepEqualTo(new double[][] {{1, 0}, {2, 1}});
    assertThat(said.loss()).isCloseTo(-(Math.log(0.9 * 0.4 * 0.5 * 0.8)) / 4, within(1e-12));
    assertThat(
            Objects.requireNonNull(said.by(List.of("a", "b", "a", "b")).get("a"))
                .accuracy()
                .value())
        .isEqualTo(0.5);
    assertThat(
            Objects.requireNonNull(said.by(List.of("a", "b", "b", "b")).get("a"))
                .accuracy()
                .value())
        .isEqualTo(1);
    assertThatThrownBy(() -> said.by(List.of("a"))).hasMessageContaining("1 groups for 4");
  }

  @Test
  void mcNemarIsTheExactBinomialTest() {
    // Only here 8, only there 2: 2 * (1 + 10 + 45) / 1024.
    double[] here = new double[13];
    double[] there = new double[13];
    int[] labels = new int[13];
    Arrays.fill(labels, 1);
    Arrays.fill(here, 0, 8, 1);
    Arrays.fill(there, 8, 10, 1);
    Arrays.fill(here, 10, 12, 1);
    Arrays.fill(there, 10, 12, 1);
    Predictions.McNemar test = said(here, labels).mcNemar(said(there, labels));
    assertThat(test.onlyThis()).isEqualTo(8);
    assertThat(test.onlyOther()).isEqualTo(2);
    assertThat(test.p()).isCloseTo(0.109375, within(1e-12));
    assertThat(said(here, labels).mcNemar(said(here, labels)).p()).isEqualTo(1);
    assertThat(said(there, labels).mcNemar(said(here, labels)).p()).isCloseTo(test.p(), within(0.));
  }

  @Test
  void averagePrecisionByHand() {
    // q: right ones at places 1 and 3. r: none. s: at place 1. t: only right ones.
    Predictions said =
        said(new double[] {0.9, 0.5, 0.1, 0.8, 0.4, 0.3, 0.7, 0.6}, 1, 1, 0, 0, 1, 0, 1, 1);
    List<String> questions = List.of("q", "q", "r", "q", "s", "s", "t", "t");
    Ranking ranking = Ranking.of(said, questions, 1);
    assertThat(ranking.withoutAnswer()).isEqualTo(1);
    assertThat(ranking.onlyAnswers()).isEqualTo(1);
    assertThat(ranking.averagePrecisions()).containsExactly((1 + 2 / 3.0) / 2, 1, 1);
    Ranking second =
        Ranking.of(
            said(new double[] {0.1, 0.9, 0.5, 0.4}, 1, 0, 0, 1), List.of("u", "u", "u", "u"), 1);
    // Right ones at places 3 and 4: (1/3 + 2/4) / 2, and the first at place 3.
    assertThat(second.map().value()).isCloseTo((1 / 3.0 + 0.5) / 2, within(1e-12));
    assertThat(second.mrr().value()).isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void nothingCanBeShownToo() {
    assertThat(said(new double[0]).toString()).isEqualTo("0 items");
    Ranking none = Ranking.of(said(new double[] {0.5}, 0), List.of("q"), 1);
    assertThat(none.toString()).isEqualTo("no question to rank; 1 without a right answer dropped");
  }

  @Test
  void equalScoresGainNothingFromTheOrderOfTheFile() {
    Predictions same = said(new double[] {0.5, 0.5, 0.5}, 1, 0, 0);
    assertThat(Ranking.of(same, List.of("q", "q", "q"), 1).map().value())
        .isCloseTo(1 / 3.0, within(1e-12));
  }

  @Test
  void wilsonsIntervalHasItsKnownValues() {
    // Newcombe 1998, table I: 81 of 263, Wilson 0.2553 to 0.3662; 15 of 148, 0.0624 to 0.1605;
    // 0 of 20, 0 to 0.1611.
    Estimate a = Estimate.share(81, 263);
    assertThat(a.low()).isCloseTo(0.2553, within(5e-5));
    assertThat(a.high()).isCloseTo(0.3662, within(5e-5));
    Estimate b = Estimate.share(15, 148);
    assertThat(b.low()).isCloseTo(0.0624, within(5e-5));
    assertThat(b.high()).isCloseTo(0.1605, within(5e-5));
    assertThat(Estimate.share(0, 20).high()).isCloseTo(0.1611, within(5e-5));
    assertThat(Estimate.share(0, 20).low()).isZero();
    assertThat(a.percent()).isEqualTo("30.8 [25.5, 36.6]");
    assertThatThrownBy(() -> Estimate.share(3, 2)).hasMessageContaining("3 successes of 2");
    assertThatThrownBy(() -> Estimate.share(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "0 successes of 0 trials; there must be at least 1 trial, and 0 to as many successes");
  }

  @Test
  void theBootstrapFindsTheErrorOfTheMean() {
    var random = new Random(3);
    double[] values = random.doubles(1000).toArray();
    Estimate estimate = Estimate.bootstrap(values, 7);
    // The deviation of uniform numbers is 1 / sqrt(12).
    double half = 1.96 / Math.sqrt(12 * 1000.0);
    assertThat(estimate.high() - estimate.value()).isCloseTo(half, within(0.1 * half));
    assertThat(estimate.value() - estimate.low()).isCloseTo(half, within(0.1 * half));
    assertThat(Estimate.bootstrap(values, 7)).isEqualTo(estimate);
  }

  @Test
  void seedsHaveStudentsInterval() {
    // Mean 0.8, deviation 0.01, t = 4.3027: half 4.3027 * 0.01 / sqrt 3.
    Estimate estimate = Estimate.ofSeeds(0.79, 0.80, 0.81);
    assertThat(Estimate.deviation(0.79, 0.80, 0.81)).isCloseTo(0.01, within(1e-12));
    assertThat(estimate.high()).isCloseTo(0.8 + 0.0248417, within(1e-6));
    // Student's t for 40 values is 2.0227.
    double[] forty = IntStream.range(0, 40).mapToDouble(i -> i % 2 == 0 ? 1 : -1).toArray();
    double half = 2.0227 * Estimate.deviation(forty) / Math.sqrt(40);
    assertThat(Estimate.ofSeeds(forty).high()).isCloseTo(half, withinPercentage(0.2));
    assertThat(Estimate.ofSeeds(0.8).percent()).isEqualTo("80.0");
    assertThatThrownBy(() -> Estimate.ofSeeds())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there are no values to take the mean of");
  }

  @Test
  void permutationsOfFewItemsAreCountedRight() {
    // Four items, all better by one: of 16 sign patterns 2 are as extreme.
    double[] one = {1, 1, 1, 1};
    double[] none = new double[4];
    assertThat(Estimate.permutation(one, none, 7)).isCloseTo(2 / 16.0, within(0.015));
    assertThat(Estimate.permutation(one, one, 7)).isEqualTo(1);
  }
}
