package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tinker.nn.Frozen;
import tinker.nn.Initialiser;
import tinker.nn.OnDevice;
import tinker.nn.Recurrent;
import tinker.nn.Weights;

/** Products are made of all 23 bits of a number: TF32 is off unless asked for. */
class PrecisionTest {
  private static final int N = 256;

  /** TF32, which keeps ten bits behind the point, makes 1 of it. */
  private static final float NEAR = 1 + 1f / 4096;

  private static void assertExact(Device device) {
    OnDevice.call(
        device,
        () -> {
          try (NDManager manager = NDManager.newBaseManager(device)) {
            NDArray near = manager.full(new Shape(N, N), NEAR);
            NDArray product = near.matMul(manager.ones(new Shape(N, N)));
            assertThat(product.toFloatArray()).containsOnly(N * NEAR);
            // What a step makes of ones with such weights; its library is another one on a card.
            var layer = new Recurrent(Recurrent.Kind.RNN_RELU, N, N, 1, 0);
            Weights.initialise(layer, manager, 1, n -> Initialiser.constant(0), new Shape(1, 1, N));
            Weights.set(Weights.array(layer, "weight_ih_l0"), near.toFloatArray());
            NDArray ones = manager.ones(new Shape(64, 1, N));
            NDArray read =
                layer.forward(new Frozen(manager), new NDList(ones), false).get(0); // (64, 1, N)
            assertThat(read.toFloatArray()).containsOnly(N * NEAR);
          }
          return true;
        });
  }

  @Tag("gpu")
  @Test
  void soAreThoseOfACard() {
    assertExact(OnDevice.gpu());
  }

  @Test
  void productsOnTheCpuAreExact() {
    assertExact(Device.cpu());
  }
}
