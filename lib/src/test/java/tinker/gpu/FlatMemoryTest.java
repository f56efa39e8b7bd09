package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Compute;
import tinker.nn.OnDevice;
import tinker.nn.Trainable;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/** Training keeps no memory: what it uses after many steps is what it used after some. */
class FlatMemoryTest {
  /** Bytes in use: on the card, or by this process. */
  private static long used(Device device) {
    if (device.isGpu()) {
      // What the engine keeps for later is no matter of steps.
      Compute.release();
      return CudaUtils.getGpuMemory(device).getUsed();
    }
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return 4096L * Long.parseLong(pages[1]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many arrays anything in this process still owns. */
  private static int arrays(Device device) {
    try (NDManager manager = NDManager.newBaseManager(device)) {
      return manager.getParentManager().getManagedArrays().size();
    }
  }

  /** The same batch again and again; as it is asked for, what is in use is noted. */
  private record Watched(Batch batch, Device device, int first, int last, long[] seen)
      implements Batches {
    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      return IntStream.rangeClosed(1, last)
          .mapToObj(
              made -> {
                if (made == first || made == last) {
                  int at = made == first ? 0 : 2;
                  seen[at] = used(device);
                  seen[at + 1] = arrays(device);
                }
                return batch;
              })
          .iterator();
    }

    @Override
    public int size(long seed, int epoch) {
      return last;
    }
  }

  /** By how many bytes use grows within one run, from its step {@code first} to {@code last}. */
  private static long growth(Zoo zoo, Device device, int first, int last) {
    return OnDevice.call(
        device,
        () -> {
          Trainable model = zoo.model().get();
          try (AutoCloseable closing = (AutoCloseable) model) {
            long[] seen = new long[4];
            var watched = new Watched(zoo.batch(), device, first, last, seen);
            FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(1);
            TrainingStep.repeat(model, watched, options, last);
            assertThat(seen).doesNotContain(0);
            assertThat(seen[3]).as("arrays").isEqualTo(seen[1]);
            return seen[2] - seen[0];
          }
        });
  }

  static List<Zoo> models() {
    return Zoo.all();
  }

  /** The card hands out 2 MB at a time; what is smaller shows in the number of arrays. */
  @Tag("gpu")
  @ParameterizedTest
  @MethodSource("models")
  void twoThousandStepsOnTheGpuKeepNothing(Zoo zoo) {
    assertThat(growth(zoo, OnDevice.gpu(), 200, 2000)).isLessThanOrEqualTo(2L << 20);
  }

  @ParameterizedTest
  @MethodSource("models")
  void theMeasureWorksOnTheCpu(Zoo zoo) {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/statm")), "Linux tells of memory");
    assertThat(growth(zoo, Device.cpu(), 5, 15)).isLessThan(100L << 20);
  }
}
