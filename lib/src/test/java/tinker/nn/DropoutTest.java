package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.9})
  void dropsItsShareAndKeepsTheMean(double rate) {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] mask = Dropout.mask(manager, new Shape(100, 1003), rate, 5).toFloatArray();
      double zeros = 0;
      double sum = 0;
      double pairs = 0;
      for (int i = 0; i < mask.length; i++) {
        zeros += mask[i] == 0 ? 1 : 0;
        sum += mask[i];
        pairs += i > 0 && mask[i] == 0 && mask[i - 1] == 0 ? 1 : 0;
        assertThat(mask[i] == 0 || Math.abs(mask[i] - 1 / (1 - rate)) < 1e-3).isTrue();
      }
      // Four standard deviations of a share of n draws.
      double error = 4 * Math.sqrt(rate * (1 - rate) / mask.length);
      assertThat(zeros / mask.length).isCloseTo(rate, within(error));
      assertThat(sum / mask.length).isCloseTo(1, within(error / (1 - rate)));
      assertThat(pairs / mask.length).isCloseTo(rate * rate, within(2 * error));
    }
  }

  @Test
  void followsFromTheSeedOfThePass() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(7, 11));
      var first = new Leaves(manager, 1);
      float[] a = Dropout.apply(x, 0.5, first).toFloatArray();
      float[] second = Dropout.apply(x, 0.5, first).toFloatArray();
      float[] again = Dropout.apply(x, 0.5, new Leaves(manager, 1)).toFloatArray();
      float[] other = Dropout.apply(x, 0.5, new Leaves(manager, 2)).toFloatArray();
      assertThat(again).containsExactly(a);
      assertThat(other).isNotEqualTo(a);
      assertThat(second).isNotEqualTo(a);
      assertThat(Dropout.apply(x, 0, first)).isSameAs(x);
    }
  }

  @Test
  void standsBetweenRecurrentLayersInTrainingOnly() {
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Recurrent(Recurrent.Kind.LSTM, 4, 6, 2, 0.5);
      Initialiser uniform = Initialiser.uniform(0.4);
      Weights.initialise(layer, manager, 1, name -> uniform, new Shape(2, 3, 4));
      var x = new NDList(manager.ones(new Shape(2, 3, 4)));
      float[] still = layer.forward(new Leaves(manager, 1), x, false).get(0).toFloatArray();
      float[] trained = layer.forward(new Leaves(manager, 1), x, true).get(0).toFloatArray();
      float[] byHand =
          layer.byHand().forward(new Leaves(manager, 1), x, true).get(0).toFloatArray();
      assertThat(trained).isNotEqualTo(still);
      for (int i = 0; i < trained.length; i++) {
        assertThat(byHand[i]).isCloseTo(trained[i], within(1e-6f));
      }
    }
  }
}
