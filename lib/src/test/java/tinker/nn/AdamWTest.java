package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import com.google.gson.Gson;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {
  /** Twenty updates made by PyTorch; src/test/fixtures/adamw.py wrote them. */
  private static final Fixture FIXTURE = read();

  private record Fixture(
      String torch,
      long[][] shapes,
      float[][] start,
      float[][][] gradients,
      double[] rates,
      double[][] betas,
      double maxNorm,
      List<Case> cases) {}

  private record Case(
      String name,
      boolean clip,
      double[] norms,
      float[][] weights,
      float[][] means,
      float[][] variances) {}

  private static Fixture read() {
    try (Reader reader =
        new InputStreamReader(
            Objects.requireNonNull(AdamWTest.class.getResourceAsStream("adamw.json")),
            StandardCharsets.UTF_8)) {
      return new Gson().fromJson(reader, Fixture.class);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Parameters alone, whose gradients a test chooses. */
  private static final class Free extends AbstractBlock {
    private final List<Parameter> all = new ArrayList<>();

    Free(NDManager manager, float[][] values, long[][] shapes) {
      for (int i = 0; i < values.length; i++) {
        Parameter parameter =
            addParameter(
                Parameter.builder()
                    .setName("p" + i)
                    .setType(Parameter.Type.WEIGHT)
                    .optShape(new Shape(shapes[i]))
                    .build());
        float[] start = values[i];
        parameter.setInitializer((m, shape, type) -> m.create(start, shape));
        all.add(parameter);
      }
      initialize(manager, DataType.FLOAT32);
    }

    /** Backward of the sum of parameter times wanted gradient. */
    void gradients(float[][] wanted) {
      try (NDManager scope = NDManager.newBaseManager();
          GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray total = scope.create(0f);
        for (int i = 0; i < wanted.length; i++) {
          NDArray array = all.get(i).getArray();
          total = total.add(scope.create(wanted[i], array.getShape()).mul(array).sum());
        }
        collector.backward(total);
      }
    }

    float[] values(int i) {
      return all.get(i).getArray().toFloatArray();
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  private static AdamW optimizer(Free block, int number) {
    return AdamW.of(block, new AdamW.Options(0.9, 0.99, 1e-8, 0.1, number < 2));
  }

  private static void update(Free block, AdamW optimizer, Case made, int step) {
    block.gradients(FIXTURE.gradients[step]);
    double scale = 1;
    if (made.clip) {
      double norm = GradientNorm.clip(block, FIXTURE.maxNorm);
      assertThat(norm).isCloseTo(made.norms[step], within(1e-5 * made.norms[step]));
    }
    optimizer.step(FIXTURE.rates[step], FIXTURE.betas[step][0], scale);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void equalsPyTorchOverTwentyUpdates(int number) {
    Case made = FIXTURE.cases.get(number);
    try (NDManager manager = NDManager.newBaseManager()) {
      Free block = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      try (AdamW optimizer = optimizer(block, number)) {
        for (int step = 0; step < 20; step++) {
          update(block, optimizer, made, step);
        }
        assertThat(optimizer.updates()).isEqualTo(20);
        Map<String, float[]> moments = optimizer.moments();
        for (int i = 0; i < 2; i++) {
          assertThat(block.values(i)).containsExactly(made.weights[i], within(1e-6f));
          float[] mean = Objects.requireNonNull(moments.get("p" + i + ".mean"));
          float[] variance = Objects.requireNonNull(moments.get("p" + i + ".variance"));
          for (int j = 0; j < mean.length; j++) {
            float m = made.means[i][j];
            float v = made.variances[i][j];
            assertThat(mean[j]).isCloseTo(m, within(1e-6f * Math.max(1, Math.abs(m))));
            assertThat(variance[j]).isCloseTo(v, within(1e-6f * Math.max(1, v)));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void theEnginesOperationsGiveTheSameAsOnAGpu(int number) {
    Case made = FIXTURE.cases.get(number);
    AdamW.Options options = new AdamW.Options(0.9, 0.99, 1e-8, 0.1, number < 2);
    try (NDManager manager = NDManager.newBaseManager()) {
      Free block = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      try (AdamW optimizer = AdamW.onDevice(block, options)) {
        for (int step = 0; step < 10; step++) {
          update(block, optimizer, made, step);
        }
        // The moments go to a plain one and back, as between a GPU and a CPU.
        try (AdamW plain = optimizer(block, number)) {
          plain.restore(optimizer.moments(), optimizer.updates());
          for (int step = 10; step < 15; step++) {
            update(block, plain, made, step);
          }
          optimizer.restore(plain.moments(), plain.updates());
        }
        for (int step = 15; step < 20; step++) {
          update(block, optimizer, made, step);
        }
        Map<String, float[]> moments = optimizer.moments();
        for (int i = 0; i < 2; i++) {
          assertThat(block.values(i)).containsExactly(made.weights[i], within(2e-6f));
          assertThat(moments.get("p" + i + ".mean"))
              .containsExactly(made.means[i], within(2e-6f * largest(made.means[i])));
          assertThat(moments.get("p" + i + ".variance"))
              .containsExactly(made.variances[i], within(1e-5f * largest(made.variances[i])));
        }
      }
    }
  }

  private static float largest(float[] values) {
    float most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  @Test
  void clippingWithoutReadingIsClipping() {
    try (NDManager manager = NDManager.newBaseManager()) {
      for (double limit : new double[] {0.5, 13, 14}) {
        // 3, 4 and 12 have the length 13.
        var gradients = List.of(manager.create(new float[] {3, 4}), manager.create(12f));
        NDArray norm = GradientNorm.unread(gradients);
        assertThat(norm.getFloat()).isCloseTo(13, within(1e-5f));
        GradientNorm.clip(gradients, norm, manager.create((float) limit));
        float scale = (float) GradientNorm.scale(13, limit);
        assertThat(gradients.get(0).toFloatArray())
            .containsExactly(new float[] {3 * scale, 4 * scale}, within(1e-5f));
        assertThat(gradients.get(1).getFloat()).isCloseTo(12 * scale, within(1e-5f));
      }
    }
  }

  @Test
  void readingALongLivedArrayLeavesNothingWithItsManager() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
      int before = manager.getManagedArrays().size();
      assertThat(Weights.readOnce(array)).containsExactly(1, 2, 3, 4);
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void clippingInTheUpdateIsClippingBefore() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Free before = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      Free within = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      try (AdamW one = optimizer(before, 0);
          AdamW two = optimizer(within, 0)) {
        for (float[][] gradients : FIXTURE.gradients) {
          before.gradients(gradients);
          within.gradients(gradients);
          GradientNorm.clip(before, 0.5);
          one.step(1e-2);
          two.step(1e-2, 0.9, GradientNorm.scale(GradientNorm.of(within), 0.5));
        }
      }
      assertThat(within.values(0)).containsExactly(before.values(0), within(1e-6f));
    }
  }

  @Test
  void goesOnFromSavedMomentsInEveryBitAndNotWithoutThem() {
    Case made = FIXTURE.cases.get(0);
    try (NDManager manager = NDManager.newBaseManager()) {
      Free whole = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      Map<String, float[]> saved = new LinkedHashMap<>();
      float[][] half = new float[2][];
      try (AdamW optimizer = optimizer(whole, 0)) {
        for (int step = 0; step < 20; step++) {
          if (step == 10) {
            saved.putAll(optimizer.moments());
            half[0] = whole.values(0);
            half[1] = whole.values(1);
          }
          update(whole, optimizer, made, step);
        }
      }
      Free resumed = new Free(manager, half, FIXTURE.shapes);
      Free control = new Free(manager, half, FIXTURE.shapes);
      try (AdamW optimizer = optimizer(resumed, 0);
          AdamW fresh = optimizer(control, 0)) {
        optimizer.restore(saved, 10);
        for (int step = 10; step < 20; step++) {
          update(resumed, optimizer, made, step);
          update(control, fresh, made, step);
        }
        assertThat(resumed.values(0)).isEqualTo(whole.values(0));
        assertThat(resumed.values(1)).isEqualTo(whole.values(1));
        assertThat(control.values(0)).isNotEqualTo(whole.values(0));

        saved.remove("p1.mean");
        assertThatThrownBy(() -> optimizer.restore(saved, 10))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("missing [p1.mean]");
        saved.put("p1.mean", new float[6]);
        assertThatThrownBy(() -> optimizer.restore(saved, 10))
            .hasMessage("moment p1.mean has 6 values; it must have 5");
        Locale before = Locale.getDefault();
        try {
          Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
          assertThat(String.format(Locale.getDefault(), "%d", 6)).isNotEqualTo("6");
          assertThatThrownBy(() -> optimizer.restore(saved, 10))
              .hasMessage("moment p1.mean has 6 values; it must have 5");
        } finally {
          Locale.setDefault(before);
        }
      }
    }
  }

  @Test
  void worksOnAThreadThatRecordsGradients() throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      Free block = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      var failure = new ArrayList<Throwable>();
      // The engine records on every thread but the one that loaded it.
      var thread =
          new Thread(
              () -> {
                try (AdamW optimizer = optimizer(block, 0)) {
                  block.gradients(FIXTURE.gradients[0]);
                  GradientNorm.clip(block, 0.1);
                  optimizer.step(1e-2);
                } catch (RuntimeException e) {
                  failure.add(e);
                }
              });
      thread.start();
      thread.join();
      assertThat(failure).isEmpty();
      assertThat(block.values(0)).isNotEqualTo(FIXTURE.start[0]);
    }
  }

  @Test
  void theEnginesOwnClippingCutsOnOneSideOnlyAndOursKeepsTheDirection() {
    float[][] steep = {{3, -4}};
    long[][] shape = {{2}};
    try (NDManager manager = NDManager.newBaseManager()) {
      Free theirs = new Free(manager, new float[][] {{0, 0}}, shape);
      theirs.gradients(steep);
      Optimizer sgd =
          Optimizer.sgd().setLearningRateTracker(Tracker.fixed(1)).optClipGrad(1).build();
      NDArray weight = theirs.all.get(0).getArray();
      try (var off = Gradients.off()) {
        sgd.update("w", weight, weight.getGradient());
      }
      // Cut at 1 on one side, let through with -4 on the other.
      assertThat(theirs.values(0)).containsExactly(-1, 4);

      Free ours = new Free(manager, new float[][] {{0, 0}}, shape);
      ours.gradients(steep);
      assertThat(GradientNorm.clip(ours, 1)).isEqualTo(5);
      assertThat(ours.all.get(0).getArray().getGradient().toFloatArray())
          .containsExactly(new float[] {0.6f, -0.8f}, within(1e-6f));
      assertThat(GradientNorm.clip(ours, 10)).isCloseTo(1, within(1e-5));
      assertThatThrownBy(() -> GradientNorm.clip(ours, 0))
          .hasMessage("maxNorm is 0.0; it must be above 0");
    }
  }

  @Test
  void aGradientThatIsNotANumberIsClearedByZero() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Free block = new Free(manager, FIXTURE.start, FIXTURE.shapes);
      float[][] broken = {new float[12], new float[5]};
      broken[0][3] = Float.NaN;
      broken[1][0] = Float.POSITIVE_INFINITY;
      block.gradients(broken);
      assertThat(GradientNorm.of(block)).isNaN();
      Gradients.zero(block);
      assertThat(GradientNorm.of(block)).isZero();
    }
  }

  @Test
  void optionsRefuseWhatMakesNoSense() {
    assertThatThrownBy(() -> new AdamW.Options(1, 0.9, 1e-8, 0, true))
        .hasMessage("betas are 1.0 and 0.9; they must be in [0, 1)");
    assertThatThrownBy(() -> new AdamW.Options(0.9, 0.9, 0, 0, true)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> AdamW.Options.decay(-1)).hasMessageContaining("-1.0");
  }
}
