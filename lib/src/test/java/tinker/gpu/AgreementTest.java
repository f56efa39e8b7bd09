package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.nn.OnDevice;
import tinker.nn.Weights;

/** CPU and GPU agree to 1e-4 in forward and gradients of every model. */
class AgreementTest {
  private static final double ALLOWED = 1e-4;

  static List<Zoo> models() {
    return Zoo.all();
  }

  @Tag("gpu")
  @ParameterizedTest
  @MethodSource("models")
  void theGpuGivesTheNumbersOfTheCpu(Zoo zoo) {
    Device gpu = OnDevice.gpu();
    assertThat(Zoo.apart(zoo.numbers(Device.cpu()), zoo.numbers(gpu), ALLOWED)).isEmpty();
  }

  /** The comparison itself: the same on the same device, and a small change is seen. */
  @ParameterizedTest
  @MethodSource("models")
  void theComparisonFindsNothingOnOneDeviceAndAChangedWeight(Zoo zoo) {
    Map<String, float[]> numbers = zoo.numbers(Device.cpu());
    assertThat(numbers).containsKey("loss").hasSizeGreaterThan(2);
    assertThat(Zoo.apart(numbers, zoo.numbers(Device.cpu()), 0)).isEmpty();
    Map<String, float[]> changed =
        OnDevice.call(
            Device.cpu(),
            () -> {
              var model = zoo.model().get();
              NDArray first = Weights.of(model.block()).values().iterator().next().getArray();
              float[] values = first.toFloatArray();
              for (int i = 0; i < values.length; i++) {
                values[i] += i % 2 == 0 ? 0.02f : -0.01f;
              }
              Weights.set(first, values);
              return zoo.numbers(model, Device.cpu());
            });
    assertThat(Zoo.apart(numbers, changed, ALLOWED)).isNotEmpty();
  }
}
