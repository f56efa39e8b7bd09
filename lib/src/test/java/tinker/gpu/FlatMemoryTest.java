package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Compute;
import tinker.nn.OnDevice;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/** Training keeps no memory: what it uses after many steps is what it used after some. */
class FlatMemoryTest {
  private static final Batches BATCHES = TokenStreams.of(Zoo.TEXT, Zoo.CHARS, 6, 20);

  /** Bytes in use: on the card, or by this process. */
  private static long used(Device device) throws IOException {
    if (device.isGpu()) {
      // What the engine keeps for later is no matter of steps.
      Compute.release();
      return CudaUtils.getGpuMemory(device).getUsed();
    }
    String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
    return 4096L * Long.parseLong(pages[1]);
  }

  /** By how many bytes use grows over the last of two rounds of training. */
  private static long growth(Device device, int first, int second) {
    return OnDevice.call(
        device,
        () -> {
          FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(1);
          try (var model =
              RecurrentModel.lstm(Zoo.CHARS, RecurrentOptions.of(2, 64).dropout(0.2))) {
            TrainingStep.repeat(model, BATCHES, options, first);
            long before = used(device);
            TrainingStep.repeat(model, BATCHES, options, second);
            return used(device) - before;
          }
        });
  }

  @Tag("gpu")
  @Test
  void twoThousandStepsOnTheGpuKeepNothing() {
    assertThat(growth(OnDevice.gpu(), 200, 1800)).isLessThanOrEqualTo(2L << 20);
  }

  @Test
  void theMeasureWorksOnTheCpu() {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/statm")), "Linux tells of memory");
    assertThat(growth(Device.cpu(), 30, 60)).isLessThan(100L << 20);
  }
}
