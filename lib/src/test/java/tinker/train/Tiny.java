package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.LinkedHashMap;
import java.util.Map;
import tinker.nn.Embedding;
import tinker.nn.Initialiser;
import tinker.nn.Loss;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;

/** The smallest language model worth the name: a one-layer LSTM with dropout. */
class Tiny implements Trainable, AutoCloseable {
  final NDManager manager = NDManager.newBaseManager();
  final Net net;

  Tiny(int vocabulary, int hidden, double dropout) {
    this(vocabulary, hidden, dropout, 1);
  }

  Tiny(int vocabulary, int hidden, double dropout, long seed) {
    net = new Net(vocabulary, hidden, dropout);
    Weights.initialise(
        net,
        manager,
        seed,
        (name, shape, random) ->
            Initialiser.uniform(1 / Math.sqrt(hidden))
                .values((int) shape.get(0), (int) (shape.size() / shape.get(0)), random),
        new Shape(1, 1));
  }

  @Override
  public Block block() {
    return net;
  }

  @Override
  public Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    var read = new NDList(inputs.singletonOrThrow());
    read.addAll(state);
    NDList written = net.forward(parameters, read, training);
    var result =
        new Result(
            Loss.crossEntropy(written.get(0), labels.singletonOrThrow()), written.subNDList(1));
    return after(result, parameters, training);
  }

  /** What a test watches or changes of a pass; here nothing. */
  Result after(Result result, ParameterStore parameters, boolean training) {
    return result;
  }

  /** All weights as plain numbers. */
  Map<String, float[]> weights() {
    var weights = new LinkedHashMap<String, float[]>();
    Weights.of(net).forEach((name, p) -> weights.put(name, p.getArray().toFloatArray()));
    return weights;
  }

  @Override
  public void close() {
    manager.close();
  }

  static final class Net extends AbstractBlock {
    private final Embedding encoder;
    private final Recurrent rnn;
    private final Linear decoder;
    private final int hidden;
    private final double dropout;

    Net(int vocabulary, int hidden, double dropout) {
      this.hidden = hidden;
      this.dropout = dropout;
      encoder = addChildBlock("encoder", new Embedding(vocabulary, hidden));
      rnn = addChildBlock("rnn", new Recurrent(Recurrent.Kind.LSTM, hidden, hidden, 1, 0));
      decoder = addChildBlock("decoder", Linear.builder().setUnits(vocabulary).build());
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
      encoder.initialize(manager, type, shapes);
      rnn.initialize(manager, type, new Shape(1, 1, hidden));
      decoder.initialize(manager, type, new Shape(1, 1, hidden));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        PairList<String, Object> params) {
      NDArray x = encoder.forward(parameters, new NDList(inputs.get(0)), training).get(0);
      var read = new NDList(x);
      read.addAll(inputs.subNDList(1));
      NDList written = rnn.forward(parameters, read, training);
      NDArray h = written.get(0);
      if (training && dropout > 0) {
        h = h.getNDArrayInternal().dropout(h, (float) dropout, true).get(0);
      }
      var result = new NDList(decoder.forward(parameters, new NDList(h), training));
      result.addAll(written.subNDList(1));
      return result;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
