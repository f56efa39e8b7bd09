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
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UnrolledTest {
  private static final int BATCH = 3;
  private static final int STEPS = 7;
  private static final int INPUT = 5;
  private static final int HIDDEN = 6;

  private final NDManager owner = NDManager.newBaseManager();

  @AfterEach
  void free() {
    owner.close();
  }

  /** Outputs and every gradient there is, by name, of one pass. */
  private record Found(List<String> names, List<float[]> values) {
    Found() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(String name, NDArray array) {
      add(name, array.toFloatArray());
    }

    void add(String name, float[] numbers) {
      names.add(name);
      values.add(numbers);
    }

    void addGradients(Block block, Leaves leaves) {
      Gradients.values(block, leaves.gradients(block), 1)
          .forEach((name, numbers) -> add("gradient of " + name, numbers));
    }

    void isCloseTo(Found other) {
      assertThat(names).isEqualTo(other.names);
      for (int i = 0; i < values.size(); i++) {
        assertThat(values.get(i)).as(names.get(i)).hasSameSizeAs(other.values.get(i));
        for (int k = 0; k < values.get(i).length; k++) {
          assertThat(values.get(i)[k])
              .as("%s, number %d", names.get(i), k)
              .isCloseTo(other.values.get(i)[k], within(1e-5f));
        }
      }
    }
  }

  /**
   * The layer with weights on what it returns at every step and at the last one, and with its input
   * used a second time past it, so that a gradient comes on every way there is.
   */
  private static Found pass(Block layer, Recurrent.Kind kind, int layers, boolean taped) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray table = random(manager, 1, 11, INPUT);
      NDArray begin = random(manager, 2, layers, BATCH, HIDDEN);
      table.setRequiresGradient(true);
      begin.setRequiresGradient(true);
      long[] ids = new Random(3).longs((long) BATCH * STEPS, 0, 11).toArray();
      Leaves leaves = leaves(manager, taped);
      var found = new Found();
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray read = table.get(manager.create(ids, new Shape(BATCH, STEPS))); // (B, T, I)
        var inputs = new NDList(read, begin);
        if (kind == Recurrent.Kind.LSTM) {
          inputs.add(random(manager, 9, layers, BATCH, HIDDEN));
        }
        NDList out = layer.forward(leaves, inputs, true);
        NDArray loss =
            out.get(0)
                .mul(random(manager, 6, BATCH, STEPS, HIDDEN))
                .sum()
                .add(out.get(1).mul(random(manager, 7, layers, BATCH, HIDDEN)).sum())
                .add(read.mul(random(manager, 8, BATCH, STEPS, INPUT)).sum());
        back(loss, leaves, collector);
        found.add("outputs", out.get(0));
        found.add("last state", out.get(1));
      }
      found.add("gradient of the embedding", table.getGradient());
      found.add("gradient of the first state", begin.getGradient());
      found.addGradients(layer, leaves);
      return found;
    }
  }

  static Leaves leaves(NDManager manager, boolean taped) {
    return taped ? Leaves.taped(manager, 5) : new Leaves(manager, 5);
  }

  static void back(NDArray loss, Leaves leaves, GradientCollector collector) {
    if (leaves.tape() != null) {
      leaves.backward(loss);
    } else {
      collector.backward(loss);
    }
  }

  static NDArray random(NDManager manager, long seed, long... shape) {
    var random = new Random(seed);
    float[] values = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return manager.create(values, new Shape(shape));
  }

  private Recurrent layers(Recurrent.Kind kind, int layers, double dropout) {
    return filled(new Recurrent(kind, INPUT, HIDDEN, layers, dropout));
  }

  private <B extends Block> B filled(B block) {
    block.initialize(owner, DataType.FLOAT32, new Shape(1, 1, INPUT));
    for (Parameter parameter : Weights.of(block).values()) {
      NDArray values = parameter.getArray();
      NDArray drawn = random(owner, 4, values.getShape().getShape()).mul(0.4);
      Weights.set(values, drawn.toFloatArray());
      drawn.close();
    }
    return block;
  }

  @ParameterizedTest
  @EnumSource
  void outputsAndGradientsAreThoseOfTheEngine(Recurrent.Kind kind) {
    Recurrent layer = layers(kind, 1, 0);
    pass(layer, kind, 1, true).isCloseTo(pass(layer, kind, 1, false));
  }

  @ParameterizedTest
  @EnumSource
  void outputsAndGradientsAreThoseOfTheEquationsOfTheCell(Recurrent.Kind kind) {
    Recurrent layer = layers(kind, 3, 0);
    pass(layer, kind, 3, true).isCloseTo(pass(layer.byHand(), kind, 3, false));
  }

  @ParameterizedTest
  @EnumSource
  void dropoutBetweenLayersDrawsTheSame(Recurrent.Kind kind) {
    Recurrent layer = layers(kind, 2, 0.5);
    pass(layer, kind, 2, true).isCloseTo(pass(layer, kind, 2, false));
  }

  @Test
  void weightsThatAreNotTrainedStayWithoutGradient() {
    Recurrent layer = layers(Recurrent.Kind.GRU, 1, 0);
    layer.freezeParameters(true, p -> p.getName().startsWith("weight_hh"));
    Found found = pass(layer, Recurrent.Kind.GRU, 1, true);
    assertThat(found.names).contains("gradient of weight_ih_l0");
    assertThat(found.names).doesNotContain("gradient of weight_hh_l0");
    found.isCloseTo(pass(layer, Recurrent.Kind.GRU, 1, false));
  }

  @ParameterizedTest
  @EnumSource
  void bothDirectionsRespectLengths(Recurrent.Kind kind) {
    Bidirectional both = filled(new Bidirectional(kind, INPUT, HIDDEN, 2, 0));
    padded(both, true, STEPS).isCloseTo(padded(both, false, STEPS));
    padded(both, true, STEPS + 4).isCloseTo(padded(both, true, STEPS));
  }

  private static Found padded(Bidirectional both, boolean taped, int steps) {
    try (NDManager manager = NDManager.newBaseManager()) {
      float[] values = random(manager, 1, BATCH, STEPS, INPUT).toFloatArray();
      float[] wide = new float[BATCH * steps * INPUT];
      for (int b = 0; b < BATCH; b++) {
        System.arraycopy(values, b * STEPS * INPUT, wide, b * steps * INPUT, STEPS * INPUT);
      }
      NDArray lengths = manager.create(new long[] {STEPS, 3, 1});
      Leaves leaves = leaves(manager, taped);
      var found = new Found();
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDList out =
            both.forward(
                leaves,
                new NDList(manager.create(wide, new Shape(BATCH, steps, INPUT)), lengths),
                true);
        NDArray loss =
            out.get(0)
                .get(":, :{}", STEPS)
                .mul(random(manager, 6, BATCH, STEPS, 2 * HIDDEN))
                .sum()
                .add(out.get(1).mul(random(manager, 7, 4, BATCH, HIDDEN)).sum());
        back(loss, leaves, collector);
        found.add("last states", out.get(1));
      }
      found.addGradients(both, leaves);
      return found;
    }
  }

  @Test
  void aNumberThatIsNoneComesOut() {
    Recurrent layer = layers(Recurrent.Kind.GRU, 1, 0);
    layer.parameter("bias_ih_l0").muli(Float.NaN);
    Found found = pass(layer, Recurrent.Kind.GRU, 1, true);
    assertThat(found.values.get(0)[0]).isNaN();
    assertThat(found.values.get(found.values.size() - 1)[0]).isNaN();
  }

  @Test
  void nothingIsLeftWithTheWeights() {
    Recurrent layer = layers(Recurrent.Kind.GRU, 2, 0);
    int before = owner.getManagedArrays().size();
    pass(layer, Recurrent.Kind.GRU, 2, true);
    assertThat(owner.getManagedArrays()).hasSize(before);
  }

  /** One step, one row, an output that nothing reads: each has its own shapes. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 4", "4, 1"})
  void smallShapes(int batch, int steps) {
    Recurrent layer = layers(Recurrent.Kind.GRU, 2, 0);
    List<float[]> ours = lastStateAlone(layer, batch, steps, true);
    List<float[]> engine = lastStateAlone(layer, batch, steps, false);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i)).containsExactly(engine.get(i), within(1e-6f));
    }
  }

  private static List<float[]> lastStateAlone(Block layer, int batch, int steps, boolean taped) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Leaves leaves = leaves(manager, taped);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        NDArray read = random(manager, 1, batch, steps, INPUT);
        NDArray loss = layer.forward(leaves, new NDList(read), true).get(1).square().sum();
        back(loss, leaves, collector);
      }
      return leaves.gradients(layer).stream().map(NDArray::toFloatArray).toList();
    }
  }

  @Test
  void withoutRecordingTheEngineComputes() {
    Recurrent layer = layers(Recurrent.Kind.GRU, 1, 0);
    try (NDManager manager = NDManager.newBaseManager();
        var off = Gradients.off()) {
      NDList out =
          layer.forward(
              Leaves.taped(manager, 1), new NDList(random(manager, 1, 2, 3, INPUT)), false);
      assertThat(out.get(0).hasGradient()).isFalse();
    }
  }

  @Test
  void leavesWithoutATapeSaySo() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> new Leaves(manager).backward(manager.ones(new Shape())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no tape");
    }
  }

  @Test
  void aWayBackPastTheTapeOrASecondOneIsRefused() {
    Recurrent layer = layers(Recurrent.Kind.GRU, 1, 0);
    try (NDManager manager = NDManager.newBaseManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      Leaves leaves = Leaves.taped(manager, 1);
      NDArray read = random(manager, 1, 2, 3, INPUT);
      NDArray loss = layer.forward(leaves, new NDList(read), true).get(0).sum();
      assertThatThrownBy(() -> leaves.gradients(layer))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("call backward of these leaves");
      leaves.backward(loss);
      assertThat(leaves.gradients(layer)).hasSize(4);
      assertThatThrownBy(() -> leaves.backward(loss))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("gone back already");
    }
  }

  @ParameterizedTest
  @EnumSource
  void dropoutBetweenLayersByHandDrawsTheSame(Recurrent.Kind kind) {
    Recurrent layer = layers(kind, 2, 0.5);
    pass(layer.byHand(), kind, 2, false).isCloseTo(pass(layer, kind, 2, false));
  }
}
