package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.Compute;

/** What a GPU makes different in training, made on the CPU: late losses, and no memory left. */
@ExtendWith(Quiet.class)
class QueuedStepsTest {
  private static final int V = 7;
  private static final Batches TRAIN = new Streams(Streams.noisyPattern(2000, V, 1), 4, 16);
  private static final Batches HELD = new Streams(Streams.noisyPattern(600, V, 2), 4, 16);
  private static final int PER_EPOCH = TRAIN.size(1, 0);

  @TempDir Path folder;

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  /** Does something in place of, or to, the loss of one step, counted from 1. */
  private static final class Planted extends Tiny {
    private final int step;
    private final boolean memory;
    private int calls;

    Planted(int step, boolean memory) {
      super(V, 12, 0);
      this.step = step;
      this.memory = memory;
    }

    @Override
    Result after(Result result, ParameterStore parameters, boolean training) {
      if (!training || ++calls != step) {
        return result;
      }
      if (memory) {
        throw new EngineException(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 22 GiB");
      }
      NDArray none = result.loss().mul(Float.NaN);
      return new Result(none, result.state());
    }
  }

  @Test
  void lateLossesAreTheSameLosses() {
    FitOptions options = FitOptions.epochs(4).oneCycle(2e-2).clipNorm(0.5).validateEvery(13);
    assertThat(PER_EPOCH).isGreaterThan(20).isNotEqualTo(40);
    try (Tiny one = new Tiny(V, 12, 0);
        Tiny other = new Tiny(V, 12, 0)) {
      History soon = Fit.of(one, TRAIN, HELD, options, 1, 0).history();
      History late = Fit.of(other, TRAIN, HELD, options, 20, 0).history();
      assertThat(late.steps()).hasSameSizeAs(soon.steps());
      for (int i = 0; i < soon.steps().size(); i++) {
        History.Step here = soon.steps().get(i);
        History.Step there = late.steps().get(i);
        assertThat(there.step()).isEqualTo(here.step());
        assertThat(there.rate()).isEqualTo(here.rate());
        assertThat(there.loss()).isCloseTo(here.loss(), within(1e-4));
        assertThat(there.gradientNorm()).isCloseTo(here.gradientNorm(), within(1e-3));
      }
      assertThat(late.validations()).hasSameSizeAs(soon.validations());
      for (int i = 0; i < soon.epochs().size(); i++) {
        assertThat(late.epochs().get(i).loss())
            .isCloseTo(soon.epochs().get(i).loss(), within(1e-4));
        assertThat(late.epochs().get(i).step()).isEqualTo(soon.epochs().get(i).step());
      }
      Map<String, float[]> weights = other.weights();
      one.weights()
          .forEach((name, w) -> assertThat(weights.get(name)).containsExactly(w, within(1e-3f)));
    }
  }

  @Test
  void aLossThatIsNoNumberIsNoticedLateAndNamedRightly() {
    try (var model = new Planted(107, false)) {
      Fit fit = Fit.of(model, TRAIN, null, FitOptions.epochs(9).rate(1e-3), 20, 0);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.NOT_A_NUMBER);
      assertThat(fit.stopped().sentence())
          .startsWith(
              "stopped at step 107 (epoch " + (106 / PER_EPOCH + 1) + "): the loss is not a")
          .contains("the last good weights were put back")
          .contains("were put back, those of step 100. The");
      try (Tiny good = new Tiny(V, 12, 0)) {
        // The last copy was taken after a hundred updates, when the next loss was a number.
        int epochs = 100 / PER_EPOCH + 1;
        var some = new Streams(Streams.noisyPattern(2000, V, 1), 4, 16);
        Fit.of(good, stopping(some, 100), null, FitOptions.epochs(Math.max(9, epochs)).rate(1e-3));
        assertThat(Thread.interrupted()).isFalse();
        Map<String, float[]> weights = good.weights();
        model
            .weights()
            .forEach((name, w) -> assertThat(w).containsExactly(weights.get(name), within(1e-3f)));
      }
    }
  }

  /** The same batches; the thread is interrupted while number {@code last} is trained on. */
  private static Batches stopping(Batches batches, int last) {
    int[] given = {0};
    return new Batches() {
      @Override
      public java.util.Iterator<Batch> epoch(long seed, int epoch) {
        var inner = batches.epoch(seed, epoch);
        return new java.util.Iterator<>() {
          @Override
          public boolean hasNext() {
            return inner.hasNext();
          }

          @Override
          public Batch next() {
            if (++given[0] == last) {
              Thread.currentThread().interrupt();
            }
            return inner.next();
          }
        };
      }

      @Override
      public int size(long seed, int epoch) {
        return batches.size(seed, epoch);
      }
    };
  }

  @Test
  void aBatchIsBroughtToTheDeviceOncePerStep() {
    var asked = new TreeMap<String, Integer>();
    Batch batch = TRAIN.epoch(1, 0).next();
    Object counted =
        Proxy.newProxyInstance(
            Batch.class.getClassLoader(),
            new Class<?>[] {Batch.class},
            (proxy, method, arguments) -> {
              asked.merge(method.getName(), 1, Integer::sum);
              return method.invoke(batch, arguments);
            });
    try (Tiny model = new Tiny(V, 12, 0);
        var optimizer = AdamW.of(model.block(), AdamW.Options.decay(0.01));
        var step = new TrainingStep(model, optimizer, 1, 1)) {
      step.queue((Batch) counted, 1e-3, 0.9);
      step.queue((Batch) counted, 1e-3, 0.9);
      step.read();
    }
    assertThat(asked).containsEntry("inputs", 2).containsEntry("labels", 2);
  }

  @Test
  void aLimitBeyondEveryFloatClipsNothing() {
    try (Tiny one = new Tiny(V, 12, 0);
        Tiny other = new Tiny(V, 12, 0)) {
      FitOptions options = FitOptions.epochs(1).rate(1e-3);
      Fit.of(one, TRAIN, null, options.clipNorm(Double.MAX_VALUE), 20, 0);
      Fit fit = Fit.of(other, TRAIN, null, options.clipNorm(Double.POSITIVE_INFINITY), 20, 0);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      Map<String, float[]> weights = other.weights();
      one.weights().forEach((name, w) -> assertThat(weights.get(name)).isEqualTo(w));
    }
  }

  @Test
  void anInterruptCountsEveryStepThatWasMade() {
    try (Tiny model = new Tiny(V, 12, 0)) {
      Fit fit = Fit.of(model, stopping(TRAIN, 7), HELD, FitOptions.epochs(2).rate(1e-3), 20, 0);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      assertThat(fit.stopped().sentence()).contains("before batch 8", "learned in 7 steps");
      assertThat(fit.history().steps()).hasSize(7);
    }
  }

  @Test
  void noMemoryLeftEndsTheRunLikeAnInterruptAndItGoesOnElsewhere() throws IOException {
    Path file = folder.resolve("run.tinker");
    FitOptions options = FitOptions.epochs(3).oneCycle(1e-2);
    int step = PER_EPOCH + 5;
    try (var model = new Planted(step, true);
        Tiny fresh = new Tiny(V, 12, 0);
        Tiny whole = new Tiny(V, 12, 0)) {
      Fit fit = Fit.of(model, TRAIN, HELD, options.checkpoint(file));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.OUT_OF_MEMORY);
      assertThat(fit.stopped().sentence())
          .startsWith("out of memory on the CPU in epoch 2 of 3, at step " + step)
          .contains("a step of 4 rows of 16 tokens with a hidden size of 12 needs about 1 MB")
          .contains("half the batch would save about", "half the length", "half the hidden size")
          .endsWith("the model keeps what it learned in " + (step - 1) + " steps");
      assertThat(Checkpoint.read(file).updates()).isEqualTo(step - 1);

      // The kernel lives, and so do model and checkpoint.
      Fit second = Fit.resume(fresh, TRAIN, HELD, file);
      assertThat(second.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      Fit.of(whole, TRAIN, HELD, options);
      Map<String, float[]> weights = fresh.weights();
      whole.weights().forEach((name, w) -> assertThat(weights.get(name)).isEqualTo(w));
    }
  }

  @Test
  void noMemoryLeftWithLossesStillUnread() {
    try (var model = new Planted(7, true)) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(2).rate(1e-3), 20, 0);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.OUT_OF_MEMORY);
      assertThat(fit.stopped().sentence()).contains("at step 7;").endsWith("in 6 steps");
      assertThat(fit.history().steps()).hasSize(6);
      // It can be trained on.
      assertThat(Fit.of(model, TRAIN, null, FitOptions.epochs(1)).stopped().reason())
          .isEqualTo(Stopped.Reason.FINISHED);
    }
  }

  @Test
  void noMemoryLeftElsewhereSaysWhatWouldNeedLess() {
    FitOptions options = FitOptions.epochs(1).rate(1e-3);
    try (var model = new Planted(7, true)) {
      Map<String, float[]> before = model.weights();
      assertThatThrownBy(() -> LearningRateFinder.of(model, TRAIN, options))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("out of memory on the CPU; a step of 4 rows of 16 tokens")
          .hasMessageContaining("half the batch would save about");
      model.weights().forEach((name, w) -> assertThat(w).isEqualTo(before.get(name)));
    }
    try (var model = new Planted(7, true)) {
      assertThatThrownBy(() -> TrainingStep.repeat(model, TRAIN, options, 9))
          .hasMessageStartingWith("out of memory on the CPU; a step of 4 rows of 16 tokens");
    }
  }

  @Test
  void otherFailuresStayWhatTheyAre() {
    assertThat(Compute.isOutOfMemory(new EngineException("CUDA error: invalid device ordinal")))
        .isFalse();
    assertThat(Compute.isOutOfMemory(new IllegalStateException())).isFalse();
    for (String message :
        List.of(
            "CUDA out of memory. Tried to allocate 20.00 MiB",
            "CUDA error: out of memory",
            "CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")) {
      assertThat(
              Compute.isOutOfMemory(new RuntimeException("x", new EngineException(message, null))))
          .as(message)
          .isTrue();
    }
  }

  @Test
  void whatAStepNeedsFollowsFromTheShapes() {
    var shapes =
        List.of(
            new StepMemory.Of("encoder.weight", new Shape(100, 64), true),
            new StepMemory.Of("rnn.weight_ih_l0", new Shape(4096, 64), false),
            new StepMemory.Of("rnn.weight_hh_l0", new Shape(4096, 1024), false),
            new StepMemory.Of("rnn.bias_ih_l0", new Shape(4096), false),
            new StepMemory.Of("decoder.weight", new Shape(100, 1024), false));
    var memory = new StepMemory(32, 50, 1024, shapes);
    long weights = 6_400 + 262_144 + 4_194_304 + 4_096 + 102_400;
    assertThat(memory.held()).isEqualTo(5 * 4 * weights);
    // A token's embedding, gates, cell and state, and logits; each with its gradient.
    long token = 2 * 4 * (64 + 4096 + 2 * 1024 + 100);
    assertThat(memory.step()).isEqualTo(32 * 50 * token);
    assertThat(memory.savings().get("batch")).isEqualTo(16 * 50 * token);
    assertThat(memory.savings().get("length")).isEqualTo(32 * 25 * token);
    long smaller = 6_400 + 131_072 + 1_048_576 + 2_048 + 51_200;
    assertThat(memory.savings().get("hidden"))
        .isEqualTo(32 * 50 * 2 * 4 * (2048 + 1024) + 5 * 4 * (weights - smaller));
    assertThat(memory.sentence())
        .isEqualTo(
            "a step of 32 rows of 50 tokens with a hidden size of 1,024 needs about 81 MB beside"
                + " 91 MB for weights and moments: half the batch would save about 40 MB, half the"
                + " length 40 MB, half the hidden size 106 MB");
    assertThat(StepMemory.readable(2_450_000_000L)).isEqualTo("2.5 GB");
  }
}
