package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Trainable;
import tinker.nn.TrainableClassifier;

/** Runs that end within a validation, and what the stop button does to what is no run. */
@ExtendWith(Quiet.class)
class BrokenOffTest {
  private static final int V = 7;
  private static final Batches TRAIN = new Streams(Streams.noisyPattern(2000, V, 1), 4, 16);
  private static final Batches HELD = new Streams(Streams.noisyPattern(600, V, 2), 4, 16);

  /** With 30 steps an epoch, validations after steps 13, 26, 30, 39, 52, 60, 65, 78 and 90. */
  private static final FitOptions OPTIONS =
      FitOptions.epochs(3).oneCycle(1e-2).validateEvery(13).patience(30);

  @TempDir Path folder;

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private static Tiny model() {
    return new Tiny(V, 12, 0.3);
  }

  /** Presses stop, or has no memory left, at one batch of a kind, counted from 1. */
  private static final class Broken extends Tiny {
    private final boolean kind;
    private final int batch;
    private final boolean memory;
    private int seen;

    Broken(boolean training, int batch, boolean memory) {
      super(V, 12, 0.3);
      this.kind = training;
      this.batch = batch;
      this.memory = memory;
    }

    @Override
    Result after(Result result, ParameterStore parameters, boolean training) {
      if (training != kind || ++seen != batch) {
        return result;
      }
      if (memory) {
        throw new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB");
      }
      Thread.currentThread().interrupt();
      return result;
    }
  }

  /** The same batches to learn from. An epoch that never ends would be begun again and again. */
  private static final class Once implements Batches {
    private final Set<Integer> begun = new HashSet<>();

    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      assertThat(begun.add(epoch)).as("epoch %d is begun once", epoch).isTrue();
      return TRAIN.epoch(seed, epoch);
    }

    @Override
    public int size(long seed, int epoch) {
      return TRAIN.size(seed, epoch);
    }
  }

  /** Goes on from the file, and compares with a run that never broke off. */
  private static void assertResumesExactly(Path file) throws IOException {
    try (Tiny fresh = model();
        Tiny whole = model()) {
      Fit resumed = Fit.resume(fresh, new Once(), HELD, file);
      Fit uninterrupted = Fit.of(whole, TRAIN, HELD, OPTIONS);
      assertThat(resumed.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(resumed.history().validations()).hasSize(9);
      CheckpointTest.assertSameHistory(resumed.history(), uninterrupted.history());
      CheckpointTest.assertSameWeights(fresh, whole);
    }
  }

  // The 13th batch that is measured is the fourth of the second validation, and so on.
  @ParameterizedTest
  @CsvSource({"13, 1, 26, 1", "19, 1, 30, 2", "81, 3, 30, 8"})
  void aValidationWithoutMemoryIsMadeByTheResumedRun(int measured, int epoch, int batch, int made)
      throws IOException {
    assertThat(TRAIN.size(1, 0)).isEqualTo(30);
    assertThat(HELD.size(1, 0)).isEqualTo(9);
    Path file = folder.resolve("run.tinker");
    int steps = 30 * (epoch - 1) + batch;
    try (var broken = new Broken(false, measured, true)) {
      Fit first = Fit.of(broken, TRAIN, HELD, OPTIONS.checkpoint(file));
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.OUT_OF_MEMORY);
      assertThat(first.stopped().sentence())
          .isEqualTo(
              "out of memory on the CPU in epoch "
                  + epoch
                  + " of 3, in the validation after step "
                  + steps
                  + "; smaller batches of the validation data would need less; the model keeps what"
                  + " it learned in "
                  + steps
                  + " steps");
      assertThat(first.history().validations()).hasSize(made);
      assertThat(first.history().steps()).hasSize(steps);
      assertThat(Checkpoint.read(file).updates()).isEqualTo(steps);
    }
    assertResumesExactly(file);
  }

  @ParameterizedTest
  @CsvSource({"13, 1, 26, 1", "19, 1, 30, 2", "73, 3, 30, 8", "81, 3, 30, 8"})
  void theStopButtonEndsAValidationWithItsBatch(int measured, int epoch, int batch, int made)
      throws IOException {
    Path file = folder.resolve("run.tinker");
    int steps = 30 * (epoch - 1) + batch;
    try (var broken = new Broken(false, measured, false)) {
      Fit first = Fit.of(broken, TRAIN, HELD, OPTIONS.checkpoint(file));
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      assertThat(first.stopped().sentence())
          .isEqualTo(
              "interrupted in epoch "
                  + epoch
                  + " of 3, in the validation after batch "
                  + batch
                  + " of 30; the model keeps what it learned in "
                  + steps
                  + " steps");
      assertThat(broken.seen).isEqualTo(measured);
      assertThat(first.history().validations()).hasSize(made);
      assertThat(first.history().epochs()).hasSize(epoch - 1);
      assertThat(Checkpoint.read(file).updates()).isEqualTo(steps);
    }
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertResumesExactly(file);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aValidationThatIsOwedCanBreakOffAgain(boolean memory) throws IOException {
    Path file = folder.resolve("run.tinker");
    try (var broken = new Broken(false, 19, true);
        var again = new Broken(false, 2, memory)) {
      Fit.of(broken, TRAIN, HELD, OPTIONS.checkpoint(file));
      Fit second = Fit.resume(again, new Once(), HELD, file);
      assertThat(second.stopped().reason())
          .isEqualTo(memory ? Stopped.Reason.OUT_OF_MEMORY : Stopped.Reason.INTERRUPTED);
      assertThat(second.stopped().sentence()).contains("in the validation after");
      assertThat(second.history().validations()).hasSize(2);
      assertThat(Checkpoint.read(file).updates()).isEqualTo(30);
    }
    assertResumesExactly(file);
  }

  @Test
  void anEvaluationWithoutMemorySaysWhatWouldNeedLess() {
    try (var broken = new Broken(false, 2, true)) {
      assertThatThrownBy(() -> TrainingStep.evaluate(broken, HELD.epoch(1, 0)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageMatching(
              "out of memory on the CPU in an evaluation with batches of \\d+ rows; smaller ones"
                  + " would need less");
    }
  }

  @Test
  void withLossesStillUnreadTheStepsBeforeAreCountedAllTheSame() {
    try (var broken = new Broken(false, 13, false)) {
      Fit fit = Fit.of(broken, TRAIN, HELD, OPTIONS, 20, 0);
      assertThat(fit.stopped().sentence()).contains("after batch 26 of 30", "in 26 steps");
      assertThat(fit.history().steps()).hasSize(26);
    }
  }

  @Test
  void theStopButtonEndsPredictionsWithTheirBatch() {
    try (var model = new Broken(false, 4, false)) {
      var asked =
          new TrainableClassifier() {
            @Override
            public Block block() {
              return model.block();
            }

            @Override
            public NDArray logits(ParameterStore parameters, NDList inputs, boolean training) {
              NDArray all = model.net.forward(parameters, inputs, training).get(0); // (B, T, V)
              model.after(new Trainable.Result(all, new NDList()), parameters, training);
              return all.reshape(-1, V);
            }
          };
      assertThatThrownBy(() -> Predictions.of(asked, HELD))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted after 256 items");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void aSweepThatFailsEndsItsLine() {
    var ends = new ArrayList<String>();
    Progress.use(
        () ->
            new Progress() {
              @Override
              public void start(String text) {}

              @Override
              public void step(double f, String text, Map<String, String> m, Duration left) {}

              @Override
              public void finish(String text, Map<String, String> metrics) {
                ends.add(text);
              }
            });
    try (var broken = new Broken(true, 5, true)) {
      assertThatThrownBy(() -> LearningRateFinder.of(broken, TRAIN, OPTIONS))
          .hasMessageContaining("out of memory");
    } finally {
      Progress.use(Progress::silent);
    }
    assertThat(ends).containsExactly("failed after 4 of 100 rates");
  }

  @Test
  void anEvaluationThatIsNoPartOfARunIsCancelled() {
    try (var model = new Broken(false, 4, false)) {
      assertThatThrownBy(() -> TrainingStep.evaluate(model, HELD.epoch(1, 0)))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted after batch 4 of an evaluation");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(TrainingStep.evaluate(model, HELD.epoch(1, 0))).isFinite();
    }
  }

  @Test
  void theStopButtonEndsRepeatedStepsAtTheNext() {
    try (var model = new Broken(true, 7, false)) {
      assertThatThrownBy(() -> TrainingStep.repeat(model, TRAIN, OPTIONS, 20))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted after 7 of 20 steps");
      assertThat(model.seen).isEqualTo(7);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(TrainingStep.repeat(model, TRAIN, OPTIONS, 2)).isFinite();
    }
  }

  // The first three steps are not counted.
  @ParameterizedTest
  @CsvSource({"2, 0", "3, 0", "5, 2"})
  void theStopButtonEndsTheTimingOfStepsAtTheNext(int batch, int counted) {
    try (var model = new Broken(true, batch, false)) {
      Map<String, float[]> before = model.weights();
      assertThatThrownBy(() -> StepTimes.measure(model, TRAIN, OPTIONS, 6))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted after " + counted + " of 6 steps");
      assertThat(model.seen).isEqualTo(batch);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  @Test
  void aSweepOfRatesThatWasInterruptedSaysSo() {
    try (var model = new Broken(true, 12, false)) {
      Map<String, float[]> before = model.weights();
      var found = LearningRateFinder.of(model, TRAIN, OPTIONS);
      assertThat(found.rates()).hasSize(12);
      assertThat(found.toString())
          .startsWith("interrupted after 12 of 100 rates; ")
          .doesNotContain("tried");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }
}
