package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
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

  /** The same batch again and again, which notes the memory in use as it is asked for. */
  private record Watched(Batch batch, Device device, int first, int last, long[] seen)
      implements Batches {
    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      return IntStream.rangeClosed(1, last)
          .mapToObj(
              made -> {
                if (made == first || made == last) {
                  seen[made == first ? 0 : 1] = used(device);
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
            var watched = new Watched(zoo.batch(), device, first, last, new long[2]);
            FitOptions options = FitOptions.epochs(1).rate(1e-3).clipNorm(1);
            TrainingStep.repeat(model, watched, options, last);
            assertThat(watched.seen()).doesNotContain(0);
            return watched.seen()[1] - watched.seen()[0];
          }
        });
  }

  static List<Zoo> models() {
    return Zoo.all();
  }

  /** An array that is kept at each step takes half a kilobyte at least: 0.9 MB in all. */
  @Tag("gpu")
  @ParameterizedTest
  @MethodSource("models")
  void twoThousandStepsOnTheGpuKeepNothing(Zoo zoo) {
    assertThat(growth(zoo, OnDevice.gpu(), 200, 2000)).isLessThan(900 * 512);
  }

  @ParameterizedTest
  @MethodSource("models")
  void theMeasureWorksOnTheCpu(Zoo zoo) {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/statm")), "Linux tells of memory");
    assertThat(growth(zoo, Device.cpu(), 5, 15)).isLessThan(100L << 20);
  }
}
