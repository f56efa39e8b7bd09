package tinker.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/** What training leaves outside Java's heap until the next garbage collection: nothing. */
@Tag("numbers")
class NativeMemoryTest {
  private static final FitOptions OPTIONS = FitOptions.epochs(1).rate(1e-3);

  static List<String> models() {
    return MemoryBenchmarks.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void noStepLeavesABuffer(String model) throws IOException {
    MemoryBenchmarks.with(
        model,
        (trainable, batches) -> {
          TrainingStep.repeat(trainable, batches, OPTIONS, 1);
          // More than once, since a collection of garbage would hide what one time leaves.
          for (int time = 0; time < 3; time++) {
            long before = buffers();
            TrainingStep.repeat(trainable, batches, OPTIONS, 2);
            assertThat(buffers()).isLessThanOrEqualTo(before);
          }
        });
  }

  private static long buffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .findFirst()
        .orElseThrow()
        .getCount();
  }
}
