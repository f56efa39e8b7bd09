package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.nn.AdamW;
import tinker.nn.GradientNorm;
import tinker.nn.Gradients;
import tinker.nn.Leaves;
import tinker.nn.OneCycle;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;

@ExtendWith(Quiet.class)
class FitTest {
  private static final int V = 7;
  private static final Batches TRAIN = new Streams(Streams.noisyPattern(2000, V, 1), 8, 16);
  private static final Batches HELD = new Streams(Streams.noisyPattern(600, V, 2), 8, 16);

  @Test
  void learnsAndWritesDownWhatHappened() {
    try (var model = new Tiny(V, 16, 0.1)) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(6).oneCycle(2e-2));
      History history = fit.history();
      assertThat(history.epochs()).hasSize(6);
      assertThat(history.validations()).hasSize(6);
      int perEpoch = TRAIN.size(1, 0);
      assertThat(history.epochs().get(5).step()).isEqualTo(6L * perEpoch);
      assertThat(history.steps()).hasSize(6 * perEpoch);
      assertThat(history.steps().get(0).loss()).isBetween(1.6, 2.2);
      assertThat(history.epochs().get(5).validation()).isLessThan(1.3);
      assertThat(history.epochs().get(5).loss()).isLessThan(history.epochs().get(0).loss() - 0.4);
      assertThat(history.epochs().get(5).tokensPerSecond()).isPositive();
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(fit.toString()).startsWith("finished 6 epochs in ").contains("epoch 6: train 0.");
    }
  }

  @Test
  void theSameSeedsGiveTheSameRunInEveryBit() {
    var losses = new ArrayList<List<Double>>();
    var weights = new ArrayList<Map<String, float[]>>();
    for (long seed : new long[] {5, 5, 6}) {
      try (var model = new Tiny(V, 16, 0.3)) {
        Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(2).seed(seed));
        losses.add(fit.history().steps().stream().map(History.Step::loss).toList());
        weights.add(model.weights());
      }
    }
    assertThat(losses.get(1)).isEqualTo(losses.get(0));
    weights.get(0).forEach((name, w) -> assertThat(weights.get(1).get(name)).isEqualTo(w));
    assertThat(losses.get(2)).isNotEqualTo(losses.get(0));
  }

  @Test
  void aRateOfTenToTheTwentyStopsAndKeepsTheLastGoodWeights() {
    try (var model = new Tiny(V, 16, 0.1)) {
      Map<String, float[]> before = model.weights();
      Fit fit =
          Fit.of(model, TRAIN, HELD, FitOptions.epochs(6).rate(1e20).clipNorm(Double.MAX_VALUE));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.NOT_A_NUMBER);
      assertThat(fit.stopped().sentence())
          .containsPattern("stopped at step [0-9]+ \\(epoch 1\\)")
          .containsPattern("(encoder|rnn|decoder)\\.")
          .contains("last good weights")
          .contains("the last good weights were put back, those from before the first step. The");
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
      // The model can be trained at once with a sensible rate: no gradient is left behind.
      Fit again = Fit.of(model, TRAIN, HELD, FitOptions.epochs(2).oneCycle(1e-2));
      assertThat(again.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(again.history().best().getAsDouble()).isLessThan(2.0);
    }
  }

  @Test
  void whatIsPutBackAfterAFaultIsAtMostAHundredStepsOld() {
    try (var model = new Tiny(V, 16, 0.1)) {
      var after200 = new LinkedHashMap<String, float[]>();
      Batches spoiled =
          new Batches() {
            @Override
            public Iterator<Batch> epoch(long seed, int epoch) {
              var repeated = new ArrayList<Batch>();
              while (repeated.size() < 400) {
                TRAIN.epoch(seed, epoch).forEachRemaining(repeated::add);
              }
              var position = new AtomicInteger();
              return repeated.stream()
                  .peek(
                      batch -> {
                        // Asked for before the step: position is the number of updates so far.
                        int at = position.getAndIncrement();
                        if (at == 200) {
                          after200.putAll(model.weights());
                        } else if (at == 250) {
                          NDArray weight =
                              Weights.of(model.block()).values().iterator().next().getArray();
                          weight.set(new NDIndex(0, 0), Float.NaN);
                        }
                      })
                  .iterator();
            }

            @Override
            public int size(long seed, int epoch) {
              return 400;
            }
          };
      Fit fit = Fit.of(model, spoiled, null, FitOptions.epochs(1).rate(1e-3));
      assertThat(fit.stopped().sentence())
          .contains("stopped at step 251")
          .contains("last good")
          .contains("were put back, those of step 200. The")
          .contains("parameter encoder.weight has 1 values that are none");
      assertThat(after200).isNotEmpty();
      after200.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  @Test
  void anInterruptEndsTheRunWithinOneBatchAndLeavesNoThread() throws Exception {
    try (var model = new Tiny(V, 16, 0.1)) {
      int threadsBefore = Thread.activeCount();
      var fits = new ArrayList<Fit>();
      var thread =
          new Thread(
              () -> fits.add(Fit.of(model, TRAIN, HELD, FitOptions.epochs(100_000).rate(1e-3))));
      thread.start();
      Thread.sleep(700);
      thread.interrupt();
      thread.join(1000);
      assertThat(thread.isAlive()).isFalse();
      Fit fit = fits.get(0);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      assertThat(fit.stopped().sentence()).contains("interrupted in epoch").contains("steps");
      assertThat(fit.history().epochs()).isNotEmpty();
      assertThat(Thread.activeCount()).isEqualTo(threadsBefore);
      // The next cell, on another thread, sees a model that works and can go on.
      Fit next = Fit.of(model, TRAIN, HELD, FitOptions.epochs(1));
      assertThat(next.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
    }
  }

  @Test
  void anInterruptWhileTwoWorkersPassEndsTheRunWithThatBatchAndLeavesNoThread() throws Exception {
    Batches wide = new Streams(Streams.noisyPattern(3000, V, 1), 32, 16);
    Thread here = Thread.currentThread();
    Set<String> workers = ConcurrentHashMap.newKeySet();
    try (var model =
        new Tiny(V, 16, 0) {
          private final AtomicInteger shares = new AtomicInteger();

          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            workers.add(Thread.currentThread().getName());
            if (shares.incrementAndGet() == 7) {
              here.interrupt();
            }
            return result;
          }
        }) {
      Fit fit = Fit.of(model, wide, null, FitOptions.epochs(100).rate(1e-3), 1, 2);
      assertThat(Thread.interrupted()).isFalse();
      assertThat(workers).hasSize(2).contains(here.getName());
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      // Two shares a batch: the seventh is of the fourth.
      assertThat(fit.stopped().sentence()).contains("learned in 4 steps");
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (replicas() > 0 && System.nanoTime() < deadline) {
        Thread.sleep(5);
      }
      assertThat(replicas()).isZero();
    }
  }

  private static long replicas() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().equals("tinker-replica"))
        .count();
  }

  /** Writes down which state a batch begins with and which it leaves. */
  private static final class Watching extends Tiny {
    private final List<float[]> begun = new ArrayList<>();
    private final List<float[]> left = new ArrayList<>();

    Watching() {
      super(V, 8, 0);
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      Result result = super.loss(parameters, inputs, labels, state, training);
      begun.add(numbers(state));
      left.add(numbers(result.state()));
      return result;
    }

    private static float[] numbers(NDList arrays) {
      return arrays.isEmpty()
          ? new float[0]
          : NDArrays.concat(new NDList(arrays.stream().map(NDArray::flatten).toList()))
              .toFloatArray();
    }
  }

  @Test
  void theStateGoesFromBatchToBatchInTrainingAndInValidation() {
    int train = TRAIN.size(1, 0);
    int held = HELD.size(1, 0);
    assertThat(held).isGreaterThan(2);
    try (var model = new Watching()) {
      Fit.of(model, TRAIN, HELD, FitOptions.epochs(2));
      assertThat(model.begun).hasSize(2 * (train + held));
      for (int i = 0; i < model.begun.size(); i++) {
        int inEpoch = i % (train + held);
        // The first of an epoch and the first of a validation begin anew.
        float[] expected = inEpoch == 0 || inEpoch == train ? new float[0] : model.left.get(i - 1);
        assertThat(model.begun.get(i)).as("batch " + i).isEqualTo(expected);
        assertThat(model.left.get(i)).hasSize(2 * 8 * 8);
      }
    }
  }

  @Test
  void stopsEarlyAndPutsTheBestWeightsBack() {
    // Hardly any data and a held-out part of another kind: it overfits soon.
    Batches few = new Streams(Streams.noisyPattern(200, V, 3), 4, 16);
    try (var model = new Tiny(V, 32, 0)) {
      Fit fit = Fit.of(model, few, HELD, FitOptions.epochs(200).rate(2e-2).patience(3));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.EARLY);
      List<History.Validation> all = fit.history().validations();
      double best = fit.history().best().getAsDouble();
      assertThat(all.subList(all.size() - 3, all.size())).allMatch(v -> v.loss() >= best);
      assertThat(TrainingStep.evaluate(model, HELD.epoch(1, 0))).isEqualTo(best);
    }
  }

  @Test
  void aValidationThatIsNotANumberIsNoImprovementAndAnEmptyOneBurnsNoPatience() {
    try (var model =
        new Tiny(V, 16, 0) {
          private int validations;

          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            return training || validations++ > 0
                ? result
                : new Result(result.loss().mul(Float.NaN), result.state());
          }
        }) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(4).patience(2));
      assertThat(fit.history().validations().get(0).loss()).isNaN();
      assertThat(fit.history().best().getAsDouble()).isFinite();
      assertThat(TrainingStep.evaluate(model, HELD.epoch(1, 0)))
          .isEqualTo(fit.history().best().getAsDouble());
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
    }
    Batches empty =
        new Batches() {
          @Override
          public Iterator<Batch> epoch(long seed, int epoch) {
            return new ArrayList<Batch>().iterator();
          }

          @Override
          public int size(long seed, int epoch) {
            return 0;
          }
        };
    try (var model = new Tiny(V, 16, 0)) {
      Fit fit = Fit.of(model, TRAIN, empty, FitOptions.epochs(4).patience(1));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(fit.history().best()).isEmpty();
      assertThatThrownBy(() -> Fit.of(model, empty, HELD, FitOptions.epochs(1)))
          .hasMessageContaining("no batch");
    }
  }

  @Test
  void showsItselfAtMostFiveTimesASecond() {
    var calls = new ArrayList<String>();
    var fractions = new ArrayList<Double>();
    var atTheEnd = new LinkedHashMap<String, String>();
    Progress.use(
        () ->
            new Progress() {
              @Override
              public void start(String text) {
                calls.add("start");
              }

              @Override
              public void step(
                  double fraction, String text, Map<String, String> metrics, Duration left) {
                fractions.add(fraction);
                assertThat(text).startsWith("epoch ");
                assertThat(metrics).containsKeys("loss", "rate", "tokens/s");
                assertThat(left).isGreaterThanOrEqualTo(Duration.ZERO);
              }

              @Override
              public void finish(String text, Map<String, String> metrics) {
                calls.add(text);
                atTheEnd.putAll(metrics);
              }
            });
    try (var model = new Tiny(V, 16, 0)) {
      long start = System.nanoTime();
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(20));
      double seconds = (System.nanoTime() - start) / 1e9;
      assertThat(fractions.size()).isBetween(1, (int) Math.ceil(5 * seconds));
      assertThat(fractions).isSorted();
      assertThat(calls).hasSize(2).first().isEqualTo("start");
      assertThat(calls.get(1)).startsWith("finished 20 epochs");
      // The figures beside it are those after the last validation.
      List<History.Validation> validations = fit.history().validations();
      assertThat(atTheEnd)
          .containsKeys("loss", "rate")
          .containsEntry(
              "validation",
              String.format(Locale.ROOT, "%.3f", validations.get(validations.size() - 1).loss()));
    }
  }

  private static final Vocabulary LETTERS = Vocabulary.ofCharacters("abcde");
  private static final TokenStreams FIXED =
      TokenStreams.of(Corpus.ofText("letters", "abcde".repeat(200)), LETTERS, 2, 20);

  @Test
  void randomLengthsAreRefusedWithBatchesThatAreCutOtherwise() {
    var texts = Labelled.of("two", List.of(new Example("abc", "x"), new Example("bcd", "y")));
    Batches labelled = TextBatches.of(texts, Reading.characters(texts), 2);
    FitOptions options = FitOptions.epochs(1).rate(1e-3);
    try (var model = new Tiny(LETTERS.size(), 8, 0)) {
      for (Batches own : List.<Batches>of(FIXED, FIXED.shuffled(), labelled)) {
        assertThatThrownBy(() -> Fit.of(model, own, null, options.randomLengths(true)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "randomLengths is on, but these batches have lengths of their own; use"
                    + " TokenStreams.randomLengths()");
      }
      assertThat(Fit.of(model, FIXED.shuffled(), null, options).history().steps())
          .allMatch(step -> step.rate() == 1e-3);
    }
  }

  @Test
  void theRateIsScaledByTheLengthOfTheStreamsOrNotAtAll() {
    TokenStreams varied = FIXED.shuffled().randomLengths();
    var lengths = new ArrayList<Integer>();
    varied.epoch(1, 0).forEachRemaining(batch -> lengths.add(batch.predictions() / 2));
    assertThat(Set.copyOf(lengths)).hasSizeGreaterThan(3);
    FitOptions options = FitOptions.epochs(1).rate(1e-3).bptt(64).randomLengths(true);
    try (var model = new Tiny(LETTERS.size(), 8, 0);
        var other = new Tiny(V, 8, 0)) {
      List<History.Step> steps = Fit.of(model, varied, null, options).history().steps();
      assertThat(steps).hasSameSizeAs(lengths);
      for (int i = 0; i < lengths.size(); i++) {
        assertThat(steps.get(i).rate()).isCloseTo(1e-3 * lengths.get(i) / 20, within(1e-12));
      }
      // Of batches that are not the library's nothing is known, least of all that bptt cut them.
      assertThat(Fit.of(other, TRAIN, null, options).history().steps())
          .allMatch(step -> step.rate() == 1e-3);
    }
  }

  @Test
  void optionsRefuseWhatMakesNoSense() {
    assertThatThrownBy(() -> FitOptions.epochs(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("epochs is 0; it must be at least 1");
    assertThatThrownBy(() -> FitOptions.epochs(1).rate(-1)).hasMessageContaining("-1.0");
    assertThatThrownBy(() -> FitOptions.epochs(1).rate(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> FitOptions.epochs(1).clipNorm(0)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> FitOptions.epochs(1).weightDecay(-0.1)).hasMessageContaining("-0.1");
    assertThatThrownBy(() -> FitOptions.epochs(1).patience(-1)).hasMessageContaining("patience");
    assertThatThrownBy(() -> FitOptions.epochs(1).bptt(0)).hasMessageContaining("bptt");
  }

  @Test
  void aGradientThatIsNoNumberNamesItsParameter() {
    try (var model =
        new Tiny(V, 16, 0) {
          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            var bias = Weights.of(block()).get("decoder.bias");
            NDArray sum = parameters.getValue(bias, manager.getDevice(), true).sum();
            // Zero, with a slope that is infinite.
            NDArray steep = sum.sub(sum.stopGradient()).sqrt();
            return new Result(result.loss().add(steep), result.state());
          }
        }) {
      Map<String, float[]> before = model.weights();
      Fit fit = Fit.of(model, TRAIN, null, FitOptions.epochs(1).rate(1e-3));
      assertThat(fit.stopped().sentence())
          .startsWith("stopped at step 1 (epoch 1): ")
          .contains("the gradient is no longer a number, that of decoder.bias;");
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  @Test
  void ofManyGradientsThatAreNoNumbersTheNearestToTheLossIsNamed() {
    try (var model =
        new Tiny(V, 16, 0) {
          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            NDArray steep = result.loss().sub(result.loss().stopGradient()).sqrt();
            return new Result(result.loss().add(steep), result.state());
          }
        }) {
      Fit fit = Fit.of(model, TRAIN, null, FitOptions.epochs(1).rate(1e-3));
      assertThat(fit.stopped().sentence()).contains("that of decoder.bias;");
    }
  }

  @Test
  void whereNoValidationIsANumberTheLastWeightsStayAndItIsSaid() {
    var last = new LinkedHashMap<String, float[]>();
    try (var model =
        new Tiny(V, 16, 0) {
          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            if (training) {
              return result;
            }
            last.putAll(weights());
            return new Result(result.loss().mul(Float.NaN), result.state());
          }
        }) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(9).patience(2));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.EARLY);
      assertThat(fit.stopped().sentence()).endsWith("so the last weights stay");
      assertThat(last).isNotEmpty();
      last.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  /** Forward, backward, clipping, update, the state handed on, written out. */
  @Test
  void theLoopIsThatWithTheCyclesRateAndMomentumAndTheClippedNorm() {
    OneCycle cycle = OneCycle.of(1e-2);
    double limit = 0.01;
    FitOptions options = FitOptions.epochs(1).schedule(cycle).clipNorm(limit).record(null);
    try (var fitted = new Tiny(V, 16, 0);
        var written = new Tiny(V, 16, 0);
        NDManager scope = NDManager.newBaseManager();
        AdamW optimizer = Fit.optimizer(written, options)) {
      Fit fit = Fit.of(fitted, TRAIN, null, options);
      Iterator<Batch> batches = TRAIN.epoch(options.seed(), 0);
      int size = TRAIN.size(options.seed(), 0);
      var state = new NDList();
      for (int i = 0; i < size; i++) {
        Batch batch = batches.next();
        Leaves leaves = Leaves.taped(scope, i);
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
          Trainable.Result result =
              written.loss(leaves, batch.inputs(scope), batch.labels(scope), state, true);
          leaves.backward(result.loss());
          state = new NDList(result.state().stream().map(NDArray::stopGradient).toList());
        }
        try (var off = Gradients.off()) {
          List<NDArray> gradients = leaves.gradients(written.block());
          double norm = GradientNorm.of(gradients);
          assertThat(norm).isGreaterThan(limit);
          assertThat(fit.history().steps().get(i).gradientNorm()).isCloseTo(norm, within(1e-5));
          double done = (double) i / size;
          optimizer.step(
              gradients, cycle.rate(done), cycle.momentum(done), GradientNorm.scale(norm, limit));
        }
      }
      Map<String, float[]> weights = written.weights();
      fitted
          .weights()
          .forEach((name, w) -> assertThat(w).containsExactly(weights.get(name), within(1e-6f)));
    }
  }
}
