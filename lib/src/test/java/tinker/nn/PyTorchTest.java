package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every recurrent layer against what PyTorch computed (environment/peers/fixtures.py). */
class PyTorchTest {
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @CsvSource({
    "RNN_TANH, 1, false", "RNN_TANH, 2, false", "RNN_RELU, 1, false", "RNN_RELU, 2, false",
    "GRU, 1, false", "GRU, 2, false", "LSTM, 1, false", "LSTM, 2, false",
    "RNN_TANH, 1, true", "RNN_TANH, 2, true", "RNN_RELU, 1, true", "RNN_RELU, 2, true",
    "GRU, 1, true", "GRU, 2, true", "LSTM, 1, true", "LSTM, 2, true"
  })
  void oneWayOutputsStatesAndGradients(Recurrent.Kind kind, int layers, boolean byHand)
      throws IOException {
    Map<String, Tensor> file = fixture(kind, layers, "");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Recurrent(kind, 4, 6, layers, 0);
      load(layer, manager, file, new Shape(3, 5, 4));
      Recurrent used = byHand ? layer.byHand() : layer;
      var inputs = new NDList(array(manager, file, "x"), array(manager, file, "h_start"));
      if (kind == Recurrent.Kind.LSTM) {
        inputs.add(array(manager, file, "c_start"));
      }
      inputs.forEach(input -> input.setRequiresGradient(true));
      var names = List.of("output", "h_end", "c_end").subList(0, 1 + kind.states());
      forwardAndBack(used, inputs, names, file, true);
      assertClose(inputs.get(0).getGradient(), file, "grad.x");
      assertClose(inputs.get(1).getGradient(), file, "grad.h_start");
      if (kind == Recurrent.Kind.LSTM) {
        assertClose(inputs.get(2).getGradient(), file, "grad.c_start");
      }
    }
  }

  /** What checks by finite differences rely on. */
  @ParameterizedTest
  @EnumSource
  void gradientsWithoutTraining(Recurrent.Kind kind) throws IOException {
    Map<String, Tensor> file = fixture(kind, 2, "");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Recurrent(kind, 4, 6, 2, 0.5);
      load(layer, manager, file, new Shape(3, 5, 4));
      var inputs = new NDList(array(manager, file, "x"), array(manager, file, "h_start"));
      if (kind == Recurrent.Kind.LSTM) {
        inputs.add(array(manager, file, "c_start"));
      }
      var names = List.of("output", "h_end", "c_end").subList(0, 1 + kind.states());
      forwardAndBack(layer, inputs, names, file, false);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RNN_TANH, 1",
    "RNN_TANH, 2",
    "RNN_RELU, 1",
    "RNN_RELU, 2",
    "GRU, 1",
    "GRU, 2",
    "LSTM, 1",
    "LSTM, 2"
  })
  void twoWayWithLengths(Recurrent.Kind kind, int layers) throws IOException {
    Map<String, Tensor> file = fixture(kind, layers, "_two_way");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Bidirectional(kind, 4, 6, layers, 0);
      load(layer, manager, file, new Shape(3, 5, 4));
      NDArray x = array(manager, file, "x");
      x.setRequiresGradient(true);
      var inputs = new NDList(x, manager.create(tensor(file, "lengths").longs()));
      forwardAndBack(layer, inputs, List.of("output", "h_end"), file, true);
      assertClose(x.getGradient(), file, "grad.x");
    }
  }

  @ParameterizedTest
  @EnumSource
  void paddingChangesNothing(Recurrent.Kind kind) throws IOException {
    Map<String, Tensor> file = fixture(kind, 2, "_two_way");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Bidirectional(kind, 4, 6, 2, 0);
      load(layer, manager, file, new Shape(3, 5, 4));
      var store = new Frozen(manager);
      NDArray x = array(manager, file, "x");
      long[] lengths = tensor(file, "lengths").longs();
      NDArray padding = manager.full(new Shape(3, 4, 4), 1e3f);
      NDArray wide = x.concat(padding, 1);
      NDArray given = manager.create(lengths);
      NDList narrowResult = layer.forward(store, new NDList(x, given), false);
      NDList wideResult = layer.forward(store, new NDList(wide, given), false);
      assertThat(wideResult.get(0).get(":, :5").toFloatArray())
          .containsExactly(narrowResult.get(0).toFloatArray());
      assertThat(wideResult.get(1).toFloatArray())
          .containsExactly(narrowResult.get(1).toFloatArray());
      for (int row = 0; row < 3; row++) {
        NDArray alone = x.get(row + ":" + (row + 1) + ", :" + lengths[row]);
        NDList one = layer.forward(store, new NDList(alone), false);
        assertThat(one.get(1).squeeze(1).sub(narrowResult.get(1).get(":, " + row)).abs().max())
            .matches(d -> d.getFloat() < 1e-6, "a row alone gives what it gives in a batch");
      }
    }
  }

  /** Why this library has a layer of its own: DJL's, given the very same weights. */
  @ParameterizedTest
  @EnumSource
  void theEnginesOwnBidirectionalLayerIsWrong(Recurrent.Kind kind) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      var ours = new Bidirectional(kind, 6, 6, 1, 0);
      Weights.initialise(
          ours,
          manager,
          5,
          (name, shape, random) -> Initialisation.pytorch().values(kind, name, shape, random),
          new Shape(2, 4, 6));
      Block theirs = djl(kind);
      theirs.initialize(manager, DataType.FLOAT32, new Shape(2, 4, 6));
      Map<String, NDArray> byPlace = new LinkedHashMap<>();
      for (var e : theirs.getParameters()) {
        String name = e.getKey();
        String place =
            (name.endsWith("WEIGHT") ? "weight_" : "bias_")
                + (name.contains("i2h") ? "ih" : "hh")
                + "_l0"
                + (name.startsWith("r_") ? "_reverse" : "");
        byPlace.put(place, e.getValue().getArray());
      }
      assertThat(byPlace.keySet()).containsExactlyInAnyOrderElementsOf(Weights.of(ours).keySet());
      Weights.of(ours)
          .forEach((name, p) -> p.getArray().copyTo(Objects.requireNonNull(byPlace.get(name))));
      float[] values = Initialiser.normal(1).values(8, 6, new Random(1));
      NDArray x = manager.create(values, new Shape(2, 4, 6));
      var store = new Frozen(manager);
      NDArray right = ours.forward(store, new NDList(x), false).get(0);
      if (kind == Recurrent.Kind.LSTM) {
        NDArray wrong = theirs.forward(store, new NDList(x), false).get(0);
        assertThat(wrong.getShape()).isEqualTo(right.getShape());
        assertThat(wrong.sub(right).abs().max().getFloat()).isGreaterThan(0.1f);
      } else {
        assertThatThrownBy(() -> theirs.forward(store, new NDList(x), false))
            .isInstanceOf(EngineException.class);
      }
    }
  }

  private static Block djl(Recurrent.Kind kind) {
    return switch (kind) {
      case LSTM ->
          ai.djl
              .nn
              .recurrent
              .LSTM
              .builder()
              .setStateSize(6)
              .setNumLayers(1)
              .optBatchFirst(true)
              .optBidirectional(true)
              .build();
      case GRU ->
          ai.djl
              .nn
              .recurrent
              .GRU
              .builder()
              .setStateSize(6)
              .setNumLayers(1)
              .optBatchFirst(true)
              .optBidirectional(true)
              .build();
      case RNN_TANH, RNN_RELU ->
          ai.djl
              .nn
              .recurrent
              .RNN
              .builder()
              .setStateSize(6)
              .setNumLayers(1)
              .optBatchFirst(true)
              .optBidirectional(true)
              .setActivation(
                  kind == Recurrent.Kind.RNN_TANH
                      ? ai.djl.nn.recurrent.RNN.Activation.TANH
                      : ai.djl.nn.recurrent.RNN.Activation.RELU)
              .build();
    };
  }

  @ParameterizedTest
  @EnumSource
  void weightsGoBackUnderTheSameNames(Recurrent.Kind kind) throws IOException {
    Map<String, Tensor> file = fixture(kind, 2, "");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Recurrent(kind, 4, 6, 2, 0);
      load(layer, manager, file, new Shape(3, 5, 4));
      var builder = new Safetensors.Builder();
      Weights.save(layer, builder);
      Map<String, Tensor> back = Safetensors.parse(builder.bytes(), "memory").tensors();
      assertThat(back).hasSize(8).isEqualTo(weights(file));
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesWhatDoesNotFit(Recurrent.Kind kind) throws IOException {
    Map<String, Tensor> values = new LinkedHashMap<>(weights(fixture(kind, 1, "")));
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Recurrent(kind, 4, 6, 1, 0);
      load(layer, manager, values, new Shape(3, 5, 4));
      float[] before = layer.parameter("weight_ih_l0").toFloatArray();
      values.put("weight_ih_l0", Tensor.of(new float[before.length], before.length / 4, 4));
      values.put("weight_ih_l1", Tensor.of(new float[2], 2));
      assertThatThrownBy(() -> Weights.load(layer, values))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageStartingWith("the file has \"weight_ih_l1\", for which there is no parameter");
      values.remove("weight_ih_l1");
      values.put("bias_hh_l0", Tensor.of(new float[3], 3));
      assertThatThrownBy(() -> Weights.load(layer, values))
          .hasMessage(
              "\"bias_hh_l0\" has the shape (3) in the file; the parameter has ("
                  + 6 * kind.gates()
                  + ")");
      values.remove("bias_hh_l0");
      assertThatThrownBy(() -> Weights.load(layer, values))
          .hasMessageStartingWith("the parameter \"bias_hh_l0\"")
          .hasMessageContaining("is missing");
      assertThat(layer.parameter("weight_ih_l0").toFloatArray()).containsExactly(before);
    }
  }

  private static void forwardAndBack(
      Block block, NDList inputs, List<String> names, Map<String, Tensor> file, boolean training) {
    NDManager manager = inputs.get(0).getManager();
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDList outputs = block.forward(new ParameterStore(manager, false), inputs, training);
      assertThat(outputs).hasSize(names.size());
      NDArray loss = manager.zeros(new Shape());
      for (int i = 0; i < names.size(); i++) {
        assertClose(outputs.get(i), file, names.get(i));
        loss = loss.add(outputs.get(i).mul(array(manager, file, "probe." + names.get(i))).sum());
      }
      collector.backward(loss);
    }
    Weights.of(block)
        .forEach((name, p) -> assertClose(p.getArray().getGradient(), file, "grad." + name));
  }

  private static void assertClose(NDArray actual, Map<String, Tensor> file, String name) {
    Tensor expected = tensor(file, name);
    assertThat(actual.getShape().getShape()).as(name).containsExactly(expected.shape());
    float[] a = actual.toFloatArray();
    float[] e = expected.floats();
    for (int i = 0; i < a.length; i++) {
      assertThat((double) a[i])
          .as("%s[%d]", name, i)
          .isCloseTo(e[i], org.assertj.core.api.Assertions.within(TOLERANCE));
    }
  }

  private static void load(Block block, NDManager manager, Map<String, Tensor> file, Shape input)
      throws IOException {
    Weights.initialise(block, manager, 0, (name, shape, r) -> new float[(int) shape.size()], input);
    Weights.load(block, weights(file));
  }

  private static Map<String, Tensor> weights(Map<String, Tensor> file) {
    var weights = new LinkedHashMap<String, Tensor>();
    for (String name : new ArrayList<>(file.keySet())) {
      if (name.startsWith("weight_") || name.startsWith("bias_")) {
        weights.put(name, tensor(file, name));
      }
    }
    return weights;
  }

  private static NDArray array(NDManager manager, Map<String, Tensor> file, String name) {
    Tensor tensor = tensor(file, name);
    return manager.create(tensor.floats(), new Shape(tensor.shape()));
  }

  private static Tensor tensor(Map<String, Tensor> file, String name) {
    return Objects.requireNonNull(file.get(name), name);
  }

  private static Map<String, Tensor> fixture(Recurrent.Kind kind, int layers, String suffix)
      throws IOException {
    String name =
        kind.name().toLowerCase(java.util.Locale.ROOT) + "_" + layers + suffix + ".safetensors";
    return Safetensors.parse(bytes(name), name).tensors();
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = PyTorchTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  /** Byte for byte what safetensors' own writer made of the same tensors: PyTorch reads ours. */
  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsWhatPyTorchsWriterWrites(Recurrent.Kind kind) throws IOException {
    String stem = kind.name().toLowerCase(java.util.Locale.ROOT);
    for (String rest : List.of("_1", "_2", "_1_two_way", "_2_two_way")) {
      String name = stem + rest + ".safetensors";
      byte[] theirs = bytes(name);
      var ours = new Safetensors.Builder();
      Safetensors.parse(theirs, name).tensors().forEach(ours::put);
      assertThat(ours.bytes()).as(name).isEqualTo(theirs);
    }
  }

  @ParameterizedTest
  @EnumSource
  void weightsOfBothWaysGoBackUnderTheSameNames(Recurrent.Kind kind) throws IOException {
    Map<String, Tensor> file = fixture(kind, 2, "_two_way");
    try (NDManager manager = NDManager.newBaseManager()) {
      var layer = new Bidirectional(kind, 4, 6, 2, 0);
      load(layer, manager, file, new Shape(3, 5, 4));
      var builder = new Safetensors.Builder();
      Weights.save(layer, builder);
      assertThat(Safetensors.parse(builder.bytes(), "memory").tensors())
          .hasSize(16)
          .isEqualTo(weights(file));
    }
  }
}
