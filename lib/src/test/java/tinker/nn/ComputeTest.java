package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComputeTest {
  private static final String CARD = "NVIDIA L4, driver 570.86.15, 23,034 MB";
  private static final long PLENTY = 20_000_000_000L;

  private static Compute.Choice choose(
      String asked, int gpus, String card, String fault, long free) {
    return Compute.choose(new Machine(asked, gpus, card, fault, free));
  }

  @Test
  void aGpuThatCanBeUsedIsUsedAndNamed() {
    for (String asked : new String[] {"", "gpu", " GPU "}) {
      Compute.Choice choice = choose(asked, 1, CARD, "", PLENTY);
      assertThat(choice.device()).isEqualTo(Device.gpu());
      assertThat(choice.said()).isEqualTo("GPU: " + CARD + "; 20.0 GB free");
    }
    assertThat(choose("", 2, "", "", PLENTY).said()).startsWith("GPU: the first card");
  }

  @Test
  void cpuDeclinesWhateverThereIs() {
    Compute.Choice choice = choose("cpu", 1, CARD, "anything", PLENTY);
    assertThat(choice.device()).isEqualTo(Device.cpu());
    assertThat(choice.said()).isEqualTo("CPU");
  }

  @Test
  void aMachineWithoutACardSaysNothingOfOne() {
    assertThat(choose("", 0, "", "", 0).said()).isEqualTo("CPU");
  }

  @Test
  void everyFallbackSaysWhy() {
    assertThat(choose("gpu", 0, "", "", 0).said()).startsWith("CPU: TINKER_DEVICE asks for a GPU");
    assertThat(choose("", 0, CARD, "", 0).said())
        .contains("the engine finds no GPU, although there is " + CARD, "environment/lab");
    assertThat(choose("", 0, CARD, "the driver 470.1 is too old", 0).said())
        .isEqualTo("CPU: the driver 470.1 is too old");
    Compute.Choice full = choose("gpu", 1, CARD, "", Compute.LEAST_FREE_BYTES - 1);
    assertThat(full.device()).isEqualTo(Device.cpu());
    assertThat(full.said()).contains("the card is full", CARD, "only 599 MB", "600 are needed");
    assertThat(choose("gpu", 1, CARD, "", Compute.LEAST_FREE_BYTES).device().isGpu()).isTrue();
  }

  @Test
  void anythingElseIsRefused() {
    assertThatThrownBy(() -> choose("tpu", 0, "", "", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("TINKER_DEVICE is \"tpu\"; it must be cpu or gpu");
  }

  @Test
  void theFactsComeFromTheEnvironmentAndTheEngine() {
    Machine machine =
        Machine.here(
            Engine.getInstance(),
            Map.of("TINKER_DEVICE", "cpu", "TINKER_CARD", CARD, "TINKER_CARD_FAULT", "too old"));
    assertThat(machine)
        .isEqualTo(new Machine("cpu", Engine.getInstance().getGpuCount(), CARD, "too old", 0));
  }

  @Test
  void theEnginesOwnManagersLieWhereTheModelsDo() {
    Device device = Compute.device();
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(manager.getDevice()).isEqualTo(device);
    }
    Compute.use(Device.gpu(3));
    try {
      assertThat(Compute.device()).isEqualTo(Device.gpu(3));
      assertThat(Compute.isGpu()).isTrue();
    } finally {
      Compute.use(null);
    }
    assertThat(Compute.device()).isEqualTo(device);
  }
}
