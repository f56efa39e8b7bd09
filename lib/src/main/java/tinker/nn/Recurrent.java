package tinker.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.recurrent.RNN;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One or more one-way recurrent layers, computed by the engine in one call, or in training on the
 * CPU, where that is faster, by {@link Unrolled}. Parameters have the names, shapes and gate order
 * of PyTorch's {@code nn.RNN}, {@code nn.GRU} and {@code nn.LSTM}: {@code weight_ih_l0} (G·H, I),
 * {@code weight_hh_l0} (G·H, H), {@code bias_ih_l0} (G·H), {@code bias_hh_l0} (G·H), {@code
 * weight_ih_l1} and so on, where G is 1, 3 (r, z, n) or 4 (i, f, g, o).
 *
 * <p>It reads (B, T, I), and optionally the state to begin with: h (L, B, H), and for an LSTM c (L,
 * B, H). It returns (B, T, H), then h, and for an LSTM c. All results lie in the manager of the
 * input.
 *
 * <pre>{@code
 * var lstm = new Recurrent(Recurrent.Kind.LSTM, 65, 128, 2, 0.0);
 * NDList out = lstm.forward(parameters, new NDList(x), false);   // (B, T, 128), (2, B, 128) twice
 * }</pre>
 */
public final class Recurrent extends AbstractBlock {
  /** Which equations a recurrent layer follows. */
  public enum Kind {
    /** {@code h' = tanh(W x + b + U h + c)}. */
    RNN_TANH("RNN", 1, 1),
    /** {@code h' = max(0, W x + b + U h + c)}. */
    RNN_RELU("ReLU RNN", 1, 1),
    /**
     * Gated recurrent unit (Cho et al. 2014), in cuDNN's form: the reset gate after the product.
     */
    GRU("GRU", 3, 1),
    /** Long short-term memory (Hochreiter and Schmidhuber 1997) with forget gate (Gers 2000). */
    LSTM("LSTM", 4, 2);

    private final String shown;
    private final int gates;
    private final int states;

    Kind(String shown, int gates, int states) {
      this.shown = shown;
      this.gates = gates;
      this.states = states;
    }

    /** How many blocks of H rows the weights hold. */
    public int gates() {
      return gates;
    }

    /** How many arrays a state consists of: 2 for an LSTM, which has a cell, else 1. */
    public int states() {
      return states;
    }

    @Override
    public String toString() {
      return shown;
    }
  }

  /** Beginnings of the names of a layer's parameters, PyTorch's, in its order. */
  static final String[] STEMS = {"weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"};

  private final Kind kind;
  private final int inputSize;
  private final int hidden;
  private final int layers;
  private final double dropout;
  private final List<Parameter> ordered = new ArrayList<>();
  private final boolean byHand;

  /**
   * @param inputSize I, at least 1
   * @param hidden H, at least 1
   * @param layers L, at least 1
   * @param dropout share of the outputs of every layer but the last set to zero in training, in [0,
   *     1)
   */
  public Recurrent(Kind kind, int inputSize, int hidden, int layers, double dropout) {
    checkSizes(inputSize, hidden, layers, dropout);
    this.kind = kind;
    this.inputSize = inputSize;
    this.hidden = hidden;
    this.layers = layers;
    this.dropout = dropout;
    this.byHand = false;
    long rows = (long) kind.gates * hidden;
    for (int layer = 0; layer < layers; layer++) {
      Shape[] shapes = {
        new Shape(rows, layer == 0 ? inputSize : hidden),
        new Shape(rows, hidden),
        new Shape(rows),
        new Shape(rows)
      };
      for (int i = 0; i < STEMS.length; i++) {
        ordered.add(addParameter(parameter(i, String.valueOf(layer), shapes[i])));
      }
    }
  }

  /** One of a layer's parameters, by its place in {@link #STEMS}. */
  static Parameter parameter(int place, String suffix, Shape shape) {
    return Parameter.builder()
        .setName(STEMS[place] + suffix)
        .setType(place < 2 ? Parameter.Type.WEIGHT : Parameter.Type.BIAS)
        .optShape(shape)
        .build();
  }

  static void checkSizes(int inputSize, int hidden, int layers, double dropout) {
    if (inputSize < 1 || hidden < 1 || layers < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "input size %d, hidden size %d, layers %d: each must be at least 1",
              inputSize,
              hidden,
              layers));
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout is " + dropout + "; it must lie in [0, 1)");
    }
  }

  private Recurrent(Recurrent other, boolean byHand) {
    kind = other.kind;
    inputSize = other.inputSize;
    hidden = other.hidden;
    layers = other.layers;
    dropout = other.dropout;
    inputShapes = other.inputShapes;
    this.byHand = byHand;
    other.ordered.forEach(parameter -> ordered.add(addParameter(parameter)));
  }

  /**
   * The same layers with the same parameters, but computed step by step from the equations of
   * {@link Cell}: slower, and proof that the engine does what they say.
   */
  public Recurrent byHand() {
    return new Recurrent(this, true);
  }

  public Kind kind() {
    return kind;
  }

  /** I: how many numbers it reads at a step. */
  public int inputSize() {
    return inputSize;
  }

  /** H: how many numbers it remembers and returns at a step. */
  public int hidden() {
    return hidden;
  }

  /** L: how many layers stand on each other. */
  public int layers() {
    return layers;
  }

  /**
   * The values of one parameter.
   *
   * @param name such as {@code "weight_ih_l0"}
   * @throws IllegalArgumentException if there is none of this name
   */
  public NDArray parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "no parameter \"" + name + "\"; there are " + parameters.keySet());
    }
    return parameter.getArray();
  }

  /**
   * The state of a reader who has read nothing: zeros.
   *
   * @param manager owns the arrays
   * @param batch B, at least 1
   * @return h, and for an LSTM c; each (L, B, H)
   */
  public NDList zeroState(NDManager manager, long batch) {
    var state = new NDList();
    for (int i = 0; i < kind.states; i++) {
      state.add(manager.zeros(new Shape(layers, batch, hidden), DataType.FLOAT32));
    }
    return state;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray input = inputs.get(0);
    Shape shape = input.getShape();
    if (shape.dimension() != 3 || shape.get(2) != inputSize) {
      throw new IllegalArgumentException(
          "input of shape " + shape + "; it must be (B, T, " + inputSize + ")");
    }
    NDList weights = weights(parameters, input.getDevice(), training);
    return compute(input, inputs.subNDList(1), weights, parameters, training);
  }

  /**
   * Reads token ids: what {@code embedding} and then these layers give, up to rounding. On the CPU
   * it is computed as {@code (W E) x} in place of {@code W (E x)} where that is sooner done, x
   * being the token as a row of zeros with a single one.
   *
   * @param embedding of width I
   * @param inputs ids (B, T), and optionally the state to begin with
   * @return as after vectors: (B, T, H), then h, and for an LSTM c
   */
  public NDList forward(
      Embedding embedding, ParameterStore parameters, NDList inputs, boolean training) {
    NDArray ids = inputs.head();
    Device device = ids.getDevice();
    if (byHand || device.isGpu() || !embedding.shouldFold(ids.size())) {
      NDList vectors = embedding.forward(parameters, new NDList(ids), training); // (B, T, I)
      return forward(parameters, vectors.addAll(inputs.subNDList(1)), training);
    }
    NDList weights = weights(parameters, device, training);
    weights.set(0, embedding.folded(weights.get(0), parameters, training));
    NDArray x = embedding.oneHot(ids);
    return compute(x, inputs.subNDList(1), weights, parameters, training);
  }

  private NDList weights(ParameterStore parameters, Device device, boolean training) {
    var weights = new NDList(ordered.size());
    for (Parameter parameter : ordered) {
      weights.add(parameters.getValue(parameter, device, training));
    }
    return weights;
  }

  private NDList compute(
      NDArray input, NDList given, NDList weights, ParameterStore parameters, boolean training) {
    long batch = input.getShape().get(0);
    checkState(given, batch);
    NDList state = given.isEmpty() ? zeroState(input.getManager(), batch) : given;
    double rate = training ? dropout : 0;
    boolean atOnce = rate == 0 && !byHand && Unrolled.tape(kind, input, parameters) == null;
    // On a GPU the weights lie as the calls in training want them.
    return atOnce && !(input.getDevice().isGpu() && eachAlone())
        ? fused(kind, input, state, weights, layers, training)
        : layerByLayer(input, state, weights, rate, parameters, training);
  }

  private void checkState(NDList state, long batch) {
    if (!state.isEmpty() && state.size() != kind.states) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d arrays of state; %s takes %d or none",
              state.size(),
              kind,
              kind.states));
    }
    for (NDArray part : state) {
      if (!part.getShape().equals(new Shape(layers, batch, hidden))) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "state of shape %s; it must be (%d, %d, %d)",
                part.getShape(),
                layers,
                batch,
                hidden));
      }
    }
  }

  /** True if the engine computes each layer in a call of its own in training. */
  private boolean eachAlone() {
    return dropout > 0;
  }

  /** The parameters of each call of the engine in training, in its order. */
  List<List<Parameter>> calls() {
    return OnePiece.cut(ordered, eachAlone() ? STEMS.length : ordered.size());
  }

  /** All layers and all steps in one call of the engine. */
  private static NDList fused(
      Kind kind, NDArray input, NDList state, NDList weights, int layers, boolean training) {
    NDArrayEx engine = input.getNDArrayInternal();
    // On a GPU the engine can go back only through what it was told to train, and gradients are
    // asked of a model in evaluation too. Without dropout that is all the flag does.
    boolean back = training || input.getDevice().isGpu() && JniUtils.isGradMode();
    return switch (kind) {
      case LSTM -> engine.lstm(input, state, weights, true, layers, 0, back, false, true);
      case GRU -> engine.gru(input, state.head(), weights, true, layers, 0, back, false, true);
      case RNN_TANH, RNN_RELU ->
          engine.rnn(
              input,
              state.head(),
              weights,
              true,
              layers,
              kind == Kind.RNN_TANH ? RNN.Activation.TANH : RNN.Activation.RELU,
              0,
              back,
              false,
              true);
    };
  }

  /**
   * One layer, computed by the engine or unrolled.
   *
   * @param sequence (B, T, I)
   * @param begin h (B, H), and for an LSTM c
   * @return (B, T, H), then the last state
   */
  static NDList oneLayer(
      Kind kind,
      NDArray sequence,
      NDList begin,
      NDList weights,
      ParameterStore parameters,
      boolean training) {
    Tape tape = Unrolled.tape(kind, sequence, parameters);
    if (tape != null) {
      return Unrolled.forward(kind, sequence, begin.head(), weights, tape);
    }
    var wide = new NDList();
    begin.forEach(part -> wide.add(part.expandDims(0))); // (1, B, H)
    NDList written = fused(kind, sequence, wide, weights, 1, training);
    var result = new NDList(written.head());
    written.subNDList(1).forEach(part -> result.add(part.squeeze(0))); // (B, H)
    return result;
  }

  private NDList layerByLayer(
      NDArray input,
      NDList state,
      NDList weights,
      double rate,
      ParameterStore parameters,
      boolean training) {
    NDManager manager = input.getManager();
    NDArray sequence = input; // (B, T, I), then (B, T, H)
    var ends = new ArrayList<NDList>();
    for (int layer = 0; layer < layers; layer++) {
      int at = STEMS.length * layer;
      var own = new NDList(weights.subList(at, at + STEMS.length));
      var begin = new NDList();
      for (NDArray part : state) {
        begin.add(part.get(manager, layer)); // (B, H)
      }
      NDList result =
          byHand
              ? stepByStep(sequence, begin, own)
              : oneLayer(kind, sequence, begin, own, parameters, training);
      sequence = result.get(0); // (B, T, H)
      if (layer < layers - 1) {
        sequence = Dropout.apply(sequence, rate, parameters);
      }
      ends.add(result.subNDList(1));
    }
    var all = new NDList(sequence);
    for (int i = 0; i < kind.states; i++) {
      int part = i;
      all.add(NDArrays.stack(new NDList(ends.stream().map(e -> e.get(part)).toList()), 0));
    }
    return all;
  }

  /** One layer from the equations of its cell: (B, T, H), then the last state (B, H). */
  private NDList stepByStep(NDArray sequence, NDList begin, NDList weights) {
    Cell cell = Cell.of(kind, weights.get(0), weights.get(1), weights.get(2), weights.get(3));
    NDList now = begin;
    var outputs = new NDList();
    for (NDArray x : sequence.split(sequence.getShape().get(1), 1)) {
      now = cell.step(x.squeeze(1), now); // (B, I) -> (B, H)
      outputs.add(now.get(0));
    }
    var result = new NDList(NDArrays.stack(outputs, 1)); // (B, T, H)
    result.addAll(now);
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long batch = inputShapes[0].get(0);
    var shapes = new ArrayList<Shape>();
    shapes.add(new Shape(batch, inputShapes[0].get(1), hidden));
    for (int i = 0; i < kind.states; i++) {
      shapes.add(new Shape(layers, batch, hidden));
    }
    return shapes.toArray(new Shape[0]);
  }
}
