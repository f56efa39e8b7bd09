package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.ParameterStore;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import tinker.data.Batch;
import tinker.data.Batches;

class StepTimesTest {
  private static final double PAUSE = 0.1;
  private static final FitOptions OPTIONS = FitOptions.epochs(1).rate(0.1).record(null);

  private static Streams data() {
    return new Streams(Streams.noisyPattern(2000, 7, 1), 4, 10);
  }

  /** The other parts take less than the pause, in one of some tries: a machine may be busy. */
  private static void quickest(DoubleSupplier others) {
    double least = Double.POSITIVE_INFINITY;
    for (int tries = 0; tries < 10 && least >= PAUSE; tries++) {
      least = Math.min(least, others.getAsDouble());
    }
    assertThat(least).isLessThan(PAUSE);
  }

  private static void pause() {
    try {
      Thread.sleep((long) (1000 * PAUSE));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each batch comes late. */
  private record Late(Batches inner) implements Batches {
    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      Iterator<Batch> batches = inner.epoch(seed, epoch);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return batches.hasNext();
        }

        @Override
        public Batch next() {
          pause();
          return batches.next();
        }
      };
    }

    @Override
    public int size(long seed, int epoch) {
      return inner.size(seed, epoch);
    }
  }

  @Test
  void aLateBatchIsTimeOfTheData() {
    try (var model = new Tiny(7, 4, 0)) {
      quickest(
          () -> {
            StepTimes times = StepTimes.measure(model, new Late(data()), OPTIONS, 3);
            assertThat(times.data()).isGreaterThanOrEqualTo(PAUSE);
            return times.forward() + times.backward() + times.update();
          });
    }
  }

  @Test
  void aSlowLossIsTimeOfTheForwardPass() {
    try (var model =
        new Tiny(7, 4, 0) {
          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            pause();
            return result;
          }
        }) {
      quickest(
          () -> {
            StepTimes times = StepTimes.measure(model, data(), OPTIONS, 3);
            assertThat(times.forward()).isGreaterThanOrEqualTo(PAUSE);
            return times.data() + times.backward() + times.update();
          });
    }
  }

  @Test
  void allPartsTakeTimeAndFitIntoTheWhole() {
    try (var model = new Tiny(7, 64, 0)) {
      long began = System.nanoTime();
      StepTimes times = StepTimes.measure(model, data(), OPTIONS, 1);
      double whole = (System.nanoTime() - began) / 1e9;
      assertThat(times.data()).isPositive();
      assertThat(times.forward()).isPositive();
      assertThat(times.backward()).isPositive();
      assertThat(times.update()).isPositive();
      assertThat(times.total()).isLessThan(whole);
      assertThat(times.toString()).contains("ms a step").contains("backward");
    }
  }

  @Test
  void stepsAreRealAndTheWeightsArePutBack() {
    float[] most = {0};
    try (var model =
        new Tiny(7, 4, 0) {
          private float[] first = new float[0];

          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            float[] now = Objects.requireNonNull(weights().get("decoder.bias"));
            first = first.length == 0 ? now : first;
            most[0] = Math.max(most[0], Math.abs(now[0] - first[0]));
            return result;
          }
        }) {
      Map<String, float[]> before = model.weights();
      // More steps than an epoch has, so that a second one is begun.
      int steps = data().size(1, 0) + 2;
      StepTimes.measure(model, data(), OPTIONS, steps);
      assertThat(most[0]).as("the weights moved in between").isGreaterThan(0.05f);
      Map<String, float[]> after = model.weights();
      before.forEach((name, values) -> assertThat(after.get(name)).containsExactly(values));
    }
  }

  @Test
  void noStepsAreRefused() {
    try (var model = new Tiny(7, 4, 0)) {
      assertThatThrownBy(() -> StepTimes.measure(model, data(), OPTIONS, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("steps is 0; it must be at least 1");
    }
  }
}
