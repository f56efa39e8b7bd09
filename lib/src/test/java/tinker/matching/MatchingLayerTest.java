package tinker.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.nn.Frozen;
import tinker.nn.Initialiser;
import tinker.nn.Leaves;
import tinker.nn.Weights;

/** Each matching beside the paper's equations, written as plain loops over doubles. */
class MatchingLayerTest {
  private static final int H = 5;
  private static final int P = 3;
  private static final int T = 6;

  /** First sentences of three pairs, then the second ones; one is full, one has one word. */
  private static final long[] LENGTHS = {6, 3, 1, 4, 6, 2};

  private final NDManager manager = NDManager.newBaseManager();
  private final Random random = new Random(5);

  @AfterEach
  void close() {
    manager.close();
  }

  private MatchingLayer layer(List<Matching> matchings) {
    var layer = new MatchingLayer(H, P, matchings);
    Weights.initialise(layer, manager, 3, name -> Initialiser.normal(1), new Shape(2, 1, 2 * H));
    return layer;
  }

  /** States of all rows, zero at padding. */
  private double[][][] states(long[] lengths, int steps) {
    var states = new double[lengths.length][steps][2 * H];
    for (int n = 0; n < lengths.length; n++) {
      for (int t = 0; t < lengths[n]; t++) {
        for (int h = 0; h < 2 * H; h++) {
          states[n][t][h] = (float) (random.nextGaussian() * 0.5);
        }
      }
    }
    return states;
  }

  private NDArray array(double[][][] values) {
    var flat = new float[values.length * values[0].length * values[0][0].length];
    int at = 0;
    for (double[][] row : values) {
      for (double[] step : row) {
        for (double value : step) {
          flat[at++] = (float) value;
        }
      }
    }
    return manager.create(flat, new Shape(values.length, values[0].length, values[0][0].length));
  }

  private double[][] weights(MatchingLayer layer, Matching matching, boolean backward) {
    String name = matching.toString().replace('-', '_') + (backward ? "_backward" : "_forward");
    float[] flat = Weights.array(layer, name).toFloatArray();
    var rows = new double[P][H];
    for (int i = 0; i < flat.length; i++) {
      rows[i / H][i % H] = flat[i];
    }
    return rows;
  }

  // The paper, section 3.2, for one word of one sentence.

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa) / Math.sqrt(bb);
  }

  private static double[] f(double[] a, double[] b, double[][] w) {
    double[] m = new double[w.length];
    for (int k = 0; k < w.length; k++) {
      double[] wa = new double[a.length];
      double[] wb = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        wa[i] = w[k][i] * a[i];
        wb[i] = w[k][i] * b[i];
      }
      m[k] = cosine(wa, wb);
    }
    return m;
  }

  private static double[] match(
      Matching matching, double[] word, double[][] other, double[][] w, boolean backward) {
    switch (matching) {
      case FULL:
        return f(word, other[backward ? 0 : other.length - 1], w);
      case MAXPOOLING:
        double[] most = new double[w.length];
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
        for (double[] vector : other) {
          double[] m = f(word, vector, w);
          for (int k = 0; k < w.length; k++) {
            most[k] = Math.max(most[k], m[k]);
          }
        }
        return most;
      case ATTENTIVE:
        double[] mean = new double[word.length];
        double sum = 0;
        for (double[] vector : other) {
          double weight = cosine(word, vector);
          sum += weight;
          for (int i = 0; i < mean.length; i++) {
            mean[i] += weight * vector[i];
          }
        }
        for (int i = 0; i < mean.length; i++) {
          mean[i] /= sum;
        }
        return f(word, mean, w);
      case MAX_ATTENTIVE:
        double[] nearest = other[0];
        for (double[] vector : other) {
          nearest = cosine(word, vector) > cosine(word, nearest) ? vector : nearest;
        }
        return f(word, nearest, w);
      default:
        throw new AssertionError();
    }
  }

  /** The real words of one row in one direction. */
  private static double[][] words(double[][] row, long length, boolean backward) {
    return Arrays.stream(row)
        .limit(length)
        .map(x -> Arrays.copyOfRange(x, backward ? H : 0, backward ? 2 * H : H))
        .toArray(double[][]::new);
  }

  /** Everything the layer should give, (2B, T, 2P), flat. */
  private double[] expected(
      MatchingLayer layer, Matching matching, double[][][] states, long[] lengths) {
    int rows = states.length;
    int steps = states[0].length;
    double[] expected = new double[rows * steps * 2 * P];
    for (int n = 0; n < rows; n++) {
      int partner = (n + rows / 2) % rows;
      for (int direction = 0; direction < 2; direction++) {
        boolean backward = direction == 1;
        double[][] own = words(states[n], lengths[n], backward);
        double[][] other = words(states[partner], lengths[partner], backward);
        for (int t = 0; t < own.length; t++) {
          double[] m = match(matching, own[t], other, weights(layer, matching, backward), backward);
          System.arraycopy(m, 0, expected, (n * steps + t) * 2 * P + direction * P, P);
        }
      }
    }
    return expected;
  }

  private NDArray lengths(long... lengths) {
    return manager.create(lengths);
  }

  private float[] forward(MatchingLayer layer, double[][][] states, long[] lengths) {
    return layer
        .forward(new Frozen(manager), new NDList(array(states), lengths(lengths)), false)
        .head()
        .toFloatArray();
  }

  @ParameterizedTest
  @EnumSource
  void isThatOfThePapersEquations(Matching matching) {
    // Sentences longer than there are perspectives, then shorter ones: the layer computes these in
    // another order.
    assertEquations(matching, LENGTHS, T, 22);
    assertEquations(matching, new long[] {2, 1, 2, 1}, 2, 6);
  }

  private void assertEquations(Matching matching, long[] lengths, int steps, int words) {
    MatchingLayer layer = layer(List.of(matching));
    double[][][] states = states(lengths, steps);
    double[] expected = expected(layer, matching, states, lengths);
    float[] found = forward(layer, states, lengths);
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(2e-5));
    }
    assertThat(Arrays.stream(expected).filter(x -> x != 0).count()).isEqualTo(words * 2L * P);
  }

  @ParameterizedTest
  @EnumSource
  void itsGradientIsThatOfFiniteDifferences(Matching matching) {
    assertGradients(matching, LENGTHS, T);
    assertGradients(matching, new long[] {3, 1, 2, 3}, 3); // the arrangement for T <= P
  }

  private void assertGradients(Matching matching, long[] lengths, int steps) {
    MatchingLayer layer = layer(List.of(matching));
    double[][][] states = states(lengths, steps);
    double[] direction = random.doubles((long) lengths.length * steps * 2 * P, -1, 1).toArray();
    float[] weighing = new float[direction.length];
    for (int i = 0; i < weighing.length; i++) {
      weighing[i] = (float) direction[i];
    }
    NDArray x = array(states);
    x.setRequiresGradient(true);
    var leaves = new Leaves(manager);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray out = layer.forward(leaves, new NDList(x, lengths(lengths)), true).head();
      collector.backward(out.mul(manager.create(weighing, out.getShape())).sum());
    }
    float[] gradient = x.getGradient().toFloatArray();
    double step = 1e-5;
    for (int n = 0; n < lengths.length; n++) {
      for (int t = 0; t < lengths[n]; t++) {
        for (int h = 0; h < 2 * H; h++) {
          double was = states[n][t][h];
          states[n][t][h] = was + step;
          double up = dot(expected(layer, matching, states, lengths), direction);
          states[n][t][h] = was - step;
          double down = dot(expected(layer, matching, states, lengths), direction);
          states[n][t][h] = was;
          assertThat((double) gradient[(n * steps + t) * 2 * H + h])
              .isCloseTo((up - down) / (2 * step), within(1e-3));
        }
      }
    }
    assertWeightGradients(layer, matching, states, lengths, direction, leaves);
  }

  private void assertWeightGradients(
      MatchingLayer layer,
      Matching matching,
      double[][][] states,
      long[] lengths,
      double[] direction,
      Leaves leaves) {
    double step = 1.0 / 256; // a power of two, so that float weights move by exactly this
    int which = 0;
    for (NDArray gradients : leaves.gradients(layer)) {
      String name = List.copyOf(Weights.of(layer).keySet()).get(which++);
      NDArray parameter = Weights.array(layer, name);
      float[] values = parameter.toFloatArray();
      float[] gradient = gradients.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        float was = values[i];
        values[i] = was + (float) step;
        double high = values[i];
        Weights.set(parameter, values);
        double up = dot(expected(layer, matching, states, lengths), direction);
        values[i] = was - (float) step;
        double low = values[i];
        Weights.set(parameter, values);
        double down = dot(expected(layer, matching, states, lengths), direction);
        values[i] = was;
        Weights.set(parameter, values);
        assertThat((double) gradient[i])
            .as(name)
            .isCloseTo((up - down) / (high - low), within(5e-3));
      }
    }
    assertThat(which).isEqualTo(2);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Test
  void maxAttentiveTakesOneWordAndNotTheLargestNumbersOfAll() {
    MatchingLayer layer = layer(List.of(Matching.MAX_ATTENTIVE));
    var states = new double[2][3][2 * H];
    // The first word of the first sentence points along axis 0. The second sentence has a word
    // near it, and two that would win an elementwise maximum elsewhere.
    double[][] second = {{0.9, 0.1, 0, 0, 0}, {0, 5, 0, 0, 1}, {0, 0, 5, 2, 0}};
    for (int t = 0; t < 3; t++) {
      System.arraycopy(second[t], 0, states[1][t], 0, H);
      System.arraycopy(second[t], 0, states[1][t], H, H);
    }
    states[0][0][0] = 1;
    states[0][0][H] = 1;
    float[] found = forward(layer, states, new long[] {1, 3});
    double[] expected =
        f(new double[] {1, 0, 0, 0, 0}, second[0], weights(layer, Matching.MAX_ATTENTIVE, false));
    for (int k = 0; k < P; k++) {
      assertThat((double) found[k]).isCloseTo(expected[k], within(1e-5));
    }
  }

  @Test
  void paddingChangesNothing() {
    MatchingLayer layer = layer(List.of(Matching.values()));
    double[][][] states = states(LENGTHS, T);
    float[] narrow = forward(layer, states, LENGTHS);
    int wider = T + 4;
    var wide = new double[6][][];
    for (int n = 0; n < 6; n++) {
      wide[n] = Arrays.copyOf(states[n], wider);
      for (int t = T; t < wider; t++) {
        wide[n][t] = new double[2 * H];
      }
    }
    float[] found = forward(layer, wide, LENGTHS);
    int width = 8 * P;
    for (int n = 0; n < 6; n++) {
      for (int i = 0; i < wider * width; i++) {
        double expected = i < T * width ? narrow[n * T * width + i] : 0;
        assertThat((double) found[n * wider * width + i]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @Test
  void swappingTheSentencesSwapsTheHalves() {
    MatchingLayer layer = layer(List.of(Matching.values()));
    double[][][] states = states(LENGTHS, T);
    var swapped = new double[6][][];
    long[] swappedLengths = new long[6];
    for (int n = 0; n < 6; n++) {
      swapped[n] = states[(n + 3) % 6];
      swappedLengths[n] = LENGTHS[(n + 3) % 6];
    }
    float[] one = forward(layer, states, LENGTHS);
    float[] other = forward(layer, swapped, swappedLengths);
    int half = one.length / 2;
    for (int i = 0; i < one.length; i++) {
      assertThat(other[(i + half) % one.length]).isCloseTo(one[i], within(1e-6f));
    }
  }

  @ParameterizedTest
  @EnumSource
  void zeroVectorsEmptySentencesAndWeightsThatCancelStayFinite(Matching matching) {
    MatchingLayer layer = layer(List.of(matching));
    // An empty sentence against one word, one word against an empty one, both empty.
    long[] lengths = {0, 1, 0, 3, 1, 0, 0, 2};
    double[][][] states = states(lengths, 3);
    Arrays.fill(states[3][1], 0); // a word that is all zero
    for (int h = 0; h < 2 * H; h++) {
      // The two words of the last sentence are each other's opposite: weights sum to zero.
      states[7][1][h] = -states[7][0][h];
    }
    NDArray x = array(states);
    var leaves = new Leaves(manager);
    float[] out = forwardAndBack(layer, x, lengths, leaves);
    assertThat(out).doesNotContain(Float.NaN);
    for (float value : out) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(1.00001f);
    }
    assertBounded(x.getGradient());
    leaves.gradients(layer).forEach(MatchingLayerTest::assertBounded);
    // Nothing matches an empty sentence: rows 1 and 4 are compared with 5 and 0.
    for (int i = 0; i < 3 * 2 * P; i++) {
      assertThat(out[3 * 2 * P * 4 + i]).isZero();
      assertThat(out[i]).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-2f, 1e-3f, 1e-4f, 1e-5f, 1e-7f, 1e-10f, 1e-20f})
  void weightsThatSumToNearlyZeroGiveFiniteValuesAndGradients(float weight) {
    MatchingLayer layer = layer(List.of(Matching.ATTENTIVE));
    // A word along the first axis, and two words whose cosines with it are the weight and nearly
    // its opposite. Otherwise they are equal, so that their weighted sum nearly vanishes as well.
    long[] lengths = {1, 2};
    double[][][] states = new double[2][2][2 * H];
    for (int from : new int[] {0, H}) {
      states[0][0][from] = 1;
      states[1][0][from] = weight;
      states[1][1][from] = -weight * (1 - 1e-3);
      states[1][0][from + 1] = 1;
      states[1][1][from + 1] = 1;
    }
    double[][] other = words(states[1], 2, false);
    double[] word = words(states[0], 1, false)[0];
    double sum = cosine(word, other[0]) + cosine(word, other[1]);
    assertThat(sum).isBetween(0.0, 1.1e-3 * weight);
    NDArray x = array(states);
    var leaves = new Leaves(manager);
    float[] out = forwardAndBack(layer, x, lengths, leaves);
    for (float value : out) {
      assertThat(Math.abs(value)).isLessThanOrEqualTo(1.00001f); // and no NaN
    }
    assertFinite(x.getGradient());
    leaves.gradients(layer).forEach(MatchingLayerTest::assertFinite);
    // A weighted sum that is longer than what counts as zero still points where the mean does.
    if (weight >= 1e-2f) {
      double[][] w = weights(layer, Matching.ATTENTIVE, false);
      double[] expected = match(Matching.ATTENTIVE, word, other, w, false);
      for (int k = 0; k < P; k++) {
        assertThat((double) out[k]).isCloseTo(expected[k], within(1e-3));
      }
    }
  }

  /** What the layer gives; the gradients of {@code x} and of the leaves are those of some loss. */
  private float[] forwardAndBack(MatchingLayer layer, NDArray x, long[] lengths, Leaves leaves) {
    x.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray matched = layer.forward(leaves, new NDList(x, lengths(lengths)), true).head();
      collector.backward(matched.square().sum().add(matched.sum()));
      return matched.toFloatArray();
    }
  }

  private static void assertFinite(NDArray gradient) {
    for (float value : gradient.toFloatArray()) {
      assertThat(Float.isFinite(value)).isTrue();
    }
  }

  private static void assertBounded(NDArray gradient) {
    for (float value : gradient.toFloatArray()) {
      assertThat(Float.isFinite(value)).isTrue();
      assertThat(Math.abs(value)).isLessThan(1e3f);
    }
  }

  @Test
  void withoutPerspectivesItIsThePlainCosine() {
    var layer = new MatchingLayer(H, 0, List.of(Matching.FULL));
    Weights.initialise(layer, manager, 3, name -> Initialiser.constant(1), new Shape(2, 1, 2 * H));
    double[][][] states = states(new long[] {2, 3}, 3);
    float[] found = forward(layer, states, new long[] {2, 3}); // (2, 3, 2)
    double[] word = words(states[0], 2, false)[1];
    double[] end = words(states[1], 3, false)[2];
    assertThat((double) found[2]).isCloseTo(cosine(word, end), within(1e-5));
    assertThat(Weights.of(layer).values()).noneMatch(p -> p.requiresGradient());
  }

  @Test
  void saysWhereAMatchingStands() {
    MatchingLayer layer = layer(List.of(Matching.ATTENTIVE, Matching.FULL));
    assertThat(layer.matchings()).containsExactly(Matching.FULL, Matching.ATTENTIVE);
    assertThat(layer.column(Matching.ATTENTIVE, true)).isEqualTo(3 * P);
    assertThatThrownBy(() -> layer.column(Matching.MAXPOOLING, false))
        .hasMessage("there is no maxpooling matching here; there are [full, attentive]");
    assertThatThrownBy(
            () ->
                layer.forward(
                    new Frozen(manager),
                    new NDList(manager.zeros(new Shape(3, 2, 10)), lengths(1, 1, 1)),
                    false))
        .hasMessage("states of shape (3, 2, 10); it must be (2B, T, 10)");
    assertThatThrownBy(() -> forward(layer, states(new long[] {2, 3}, 3), new long[] {2, 4}))
        .hasMessage("row 1 has length 4; it must lie in [0, 3]");
  }
}
