package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class VectorMathTest {
  @Test
  void tanhIsTanh() {
    double worst = 0;
    for (float x = -12; x <= 12; x += 0.0007f) {
      worst = Math.max(worst, Math.abs(VectorMath.tanh(x) - Math.tanh(x)));
    }
    for (float x = 1e-30f; x < 1; x *= 1.1f) {
      assertThat((double) VectorMath.tanh(x)).isCloseTo(Math.tanh(x), within(1e-6 * x));
    }
    assertThat(worst).isLessThan(4e-7);
    assertThat(VectorMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(VectorMath.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1);
    assertThat(VectorMath.tanh(Float.NaN)).isNaN();
  }

  @Test
  void sigmoidIsSigmoid() {
    double worst = 0;
    for (float x = -20; x <= 20; x += 0.0007f) {
      worst = Math.max(worst, Math.abs(VectorMath.sigmoid(x) - 1 / (1 + Math.exp(-x))));
    }
    assertThat(worst).isLessThan(2.5e-7);
    assertThat(VectorMath.sigmoid(Float.NaN)).isNaN();
  }
}
