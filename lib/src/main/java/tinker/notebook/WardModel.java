package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tinker.nn.Dropout;
import tinker.nn.Embedding;
import tinker.nn.Initialiser;
import tinker.nn.Loss;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.train.Fault;

/**
 * A small character model for the {@link Clinic}: embedding, one recurrent layer, a layer of ReLUs,
 * a linear layer. It is sound, but for the one fault it is given.
 */
final class WardModel implements Trainable, AutoCloseable {
  private static final int EMBEDDING = 12;

  /**
   * @param kind of the recurrent layer
   * @param hidden H
   * @param dropout before the last layer
   * @param seed of the weights
   */
  record Build(Recurrent.Kind kind, int hidden, double dropout, long seed) {}

  private final Build build;
  private final @Nullable Fault fault;
  private final NDManager manager = NDManager.newBaseManager();
  private final Net net;

  WardModel(Build build, @Nullable Fault fault) {
    this.build = build;
    this.fault = fault;
    net = new Net();
    Weights.initialise(net, manager, build.seed(), this::first, new Shape(1, 1));
  }

  private float[] first(String name, Shape shape, java.util.random.RandomGenerator random) {
    int rows = Math.toIntExact(shape.get(0));
    int columns = shape.dimension() > 1 ? Math.toIntExact(shape.get(1)) : 1;
    float[] values = new float[rows * columns];
    boolean bias = shape.dimension() == 1;
    if (fault == Fault.WEIGHTS_EQUAL && !bias) {
      Arrays.fill(values, 0.1f);
      return values;
    }
    if (fault == Fault.NO_CLIPPING && name.equals("rnn.weight_hh_l0")) {
      return Initialiser.orthogonal(4).values(rows, columns, random);
    }
    if (fault == Fault.DEAD_RELUS && name.equals("wide.bias")) {
      Arrays.fill(values, -8f);
      return values;
    }
    if (bias) {
      return values;
    }
    values = Initialiser.uniform(1 / Math.sqrt(columns)).values(rows, columns, random);
    double scale =
        fault == Fault.WEIGHTS_TOO_LARGE ? 20 : fault == Fault.WEIGHTS_TOO_SMALL ? 1e-3 : 1;
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) scale;
    }
    return values;
  }

  @Override
  public Block block() {
    return net;
  }

  @Override
  public Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    NDList written = net.forward(parameters, read(inputs, state), training);
    NDArray outputs = written.get(0); // (B, T, V)
    NDArray answers = labels.get(0);
    NDArray mask = labels.get(1);
    NDArray loss;
    if (fault == Fault.SOFTMAX_OVER_WRONG_AXIS) {
      NDArray chosen = outputs.logSoftmax(1).gather(answers.expandDims(2), 2).squeeze(2).neg();
      loss = chosen.mul(mask).sum().div(mask.sum());
    } else if (fault == Fault.PADDING_IN_LOSS) {
      loss = Loss.crossEntropy(outputs, answers);
    } else {
      loss = Loss.crossEntropy(outputs, answers, mask);
    }
    if (fault == Fault.LOSS_MEAN_TWICE) {
      loss = loss.div(mask.sum());
    }
    var carried = new NDList();
    written.subNDList(2).forEach(array -> carried.add(array.stopGradient()));
    return new Result(loss, carried);
  }

  /** Outputs (B, T, V), activations (B, T, H), then the state. */
  NDList forward(ParameterStore parameters, NDList inputs, NDList state) {
    return net.forward(parameters, read(inputs, state), false);
  }

  private static NDList read(NDList inputs, NDList state) {
    var read = new NDList(inputs.get(0));
    read.addAll(state);
    return read;
  }

  @Override
  public void close() {
    manager.close();
  }

  private final class Net extends AbstractBlock {
    private final Embedding encoder;
    private final Recurrent rnn;
    private final Linear wide;
    private final Linear decoder;

    Net() {
      encoder = addChildBlock("encoder", new Embedding(WardText.classes(), EMBEDDING));
      rnn = addChildBlock("rnn", new Recurrent(build.kind(), EMBEDDING, build.hidden(), 1, 0));
      wide = addChildBlock("wide", Linear.builder().setUnits(build.hidden()).build());
      decoder = addChildBlock("decoder", Linear.builder().setUnits(WardText.classes()).build());
    }

    @Override
    protected void initializeChildBlocks(NDManager owner, DataType type, Shape... shapes) {
      encoder.initialize(owner, type, shapes);
      rnn.initialize(owner, type, new Shape(1, 1, EMBEDDING));
      wide.initialize(owner, type, new Shape(1, 1, build.hidden()));
      decoder.initialize(owner, type, new Shape(1, 1, build.hidden()));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDArray x = encoder.forward(parameters, new NDList(inputs.get(0)), training).get(0);
      var read = new NDList(x); // (B, T, E)
      read.addAll(inputs.subNDList(1));
      NDList written = rnn.forward(parameters, read, training);
      NDArray h = written.get(0); // (B, T, H)
      if (fault == Fault.EXAMPLES_MIX) {
        Shape shape = h.getShape();
        h = h.reshape(shape.get(1), shape.get(0), shape.get(2)).transpose(1, 0, 2);
      }
      NDArray active =
          Activation.relu(wide.forward(parameters, new NDList(h), training).get(0)); // (B, T, H)
      NDArray kept =
          training || fault == Fault.DROPOUT_IN_EVALUATION
              ? Dropout.apply(active, build.dropout(), parameters)
              : active;
      NDArray outputs = decoder.forward(parameters, new NDList(kept), training).get(0); // (B, T, V)
      if (fault == Fault.SOFTMAX_BEFORE_LOSS) {
        outputs = outputs.softmax(-1);
      }
      var result = new NDList(outputs, active);
      result.addAll(written.subNDList(1));
      return result;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {inputShapes[0].add(WardText.classes())};
    }
  }
}
