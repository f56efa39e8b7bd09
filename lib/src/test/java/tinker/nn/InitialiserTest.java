package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitialiserTest {
  private static float[] draw(Initialiser initialiser, int rows, int columns) {
    return initialiser.values(rows, columns, new SplittableRandom(9));
  }

  private static double deviation(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  private static double largest(float[] values) {
    double top = 0;
    for (float value : values) {
      top = Math.max(top, Math.abs(value));
    }
    return top;
  }

  @Test
  void uniformOnesHaveTheirBounds() {
    // A uniform variable in ±b has the deviation b / √3.
    float[] uniform = draw(Initialiser.uniform(0.3), 300, 200);
    assertThat(largest(uniform)).isBetween(0.299, 0.3);
    assertThat(deviation(uniform)).isCloseTo(0.3 / Math.sqrt(3), within(0.002));
    assertThat(largest(draw(Initialiser.uniformByRows(), 400, 100))).isBetween(0.0499, 0.05);
    double bound = Math.sqrt(6.0 / 500);
    assertThat(largest(draw(Initialiser.xavier(), 300, 200))).isBetween(0.999 * bound, bound);
  }

  @Test
  void normalOnesHaveTheirDeviation() {
    assertThat(deviation(draw(Initialiser.normal(0.02), 300, 200))).isCloseTo(0.02, within(2e-4));
    assertThat(deviation(draw(Initialiser.he(), 300, 200))).isCloseTo(0.1, within(1e-3));
    assertThat(draw(Initialiser.constant(0.5), 2, 2)).containsOnly(0.5f);
  }

  @ParameterizedTest
  @CsvSource({"6, 6", "5, 9", "9, 5", "1, 4", "4, 1", "64, 64"})
  void orthogonalRowsOrColumnsStandAtRightAngles(int rows, int columns) {
    float[] values = draw(Initialiser.orthogonal(2), rows, columns);
    boolean wide = rows <= columns;
    int count = Math.min(rows, columns);
    for (int a = 0; a < count; a++) {
      for (int b = 0; b < count; b++) {
        double dot = 0;
        for (int i = 0; i < Math.max(rows, columns); i++) {
          dot +=
              wide
                  ? values[a * columns + i] * values[b * columns + i]
                  : values[i * columns + a] * values[i * columns + b];
        }
        assertThat(dot).isCloseTo(a == b ? 4 : 0, within(1e-5));
      }
    }
  }

  @Test
  void eachGateIsOrthogonalOnItsOwnAndForgetGatesAreOpen() {
    var start = Initialisation.orthogonal();
    var random = new SplittableRandom(3);
    float[] weights =
        start.values(Recurrent.Kind.LSTM, "rnn.weight_hh_l1", new Shape(32, 8), random);
    for (int gate = 0; gate < 4; gate++) {
      float[] part = Arrays.copyOfRange(weights, gate * 64, gate * 64 + 64);
      assertThat(deviation(part)).isCloseTo(Math.sqrt(1 / 8.0), within(1e-6));
    }
    float[] bias = start.values(Recurrent.Kind.LSTM, "rnn.bias_ih_l0", new Shape(12), random);
    assertThat(bias).containsExactly(0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0);
    assertThat(start.values(Recurrent.Kind.LSTM, "rnn.bias_hh_l0", new Shape(12), random))
        .containsOnly(0);
    assertThat(start.values(Recurrent.Kind.GRU, "rnn.bias_ih_l0", new Shape(12), random))
        .containsOnly(0);
  }

  @Test
  void textGoesBothWays() {
    for (Initialiser initialiser :
        new Initialiser[] {
          Initialiser.uniform(0.25),
          Initialiser.uniformByRows(),
          Initialiser.normal(1e-3),
          Initialiser.constant(-1),
          Initialiser.xavier(),
          Initialiser.he(),
          Initialiser.orthogonal(1.5)
        }) {
      assertThat(Initialiser.parse(initialiser.toString())).isEqualTo(initialiser);
    }
    var start = Initialisation.orthogonal().embedding(Initialiser.normal(0.1));
    assertThat(Initialisation.parse(start.toString())).isEqualTo(start);
    for (String wrong : new String[] {"", "zero", "uniform", "he(2)", "uniform(x)", "uniform(0)"}) {
      assertThatThrownBy(() -> Initialiser.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Initialisation.parse("embedding he"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float[] first(long seed) {
    var table = new Embedding(30, 20);
    try (NDManager manager = NDManager.newBaseManager()) {
      Weights.initialise(table, manager, seed, name -> Initialiser.uniform(1), new Shape(1, 1));
      return Weights.array(table, "weight").toFloatArray();
    }
  }

  @Test
  void neighbouringSeedsShareNoNumbers() {
    var seven = new HashSet<Float>();
    for (float value : first(7)) {
      seven.add(value);
    }
    for (long seed : new long[] {-1, 0, 6, 8, 9, 20, 1007}) {
      int shared = 0;
      for (float value : first(seed)) {
        shared += seven.contains(value) ? 1 : 0;
      }
      assertThat(shared).as("seed %d", seed).isLessThan(5);
    }
  }

  @Test
  void refusesWrongValues() {
    assertThatThrownBy(() -> Initialiser.uniform(-1))
        .hasMessage("bound is -1.0; it must be above 0 and finite");
    assertThatThrownBy(() -> Initialiser.orthogonal(Double.NaN))
        .hasMessage("gain is NaN; it must be above 0 and finite");
  }
}
