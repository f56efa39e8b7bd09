package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tinker.nn.Dropout;
import tinker.nn.Embedding;
import tinker.nn.EngineArray;
import tinker.nn.Recurrent;

/**
 * ids (B, T) become logits (B, T, V); position t sees the tokens 0 to t and no later one. Names of
 * the parts are textgenrnn's: embedding, rnn_1, rnn_2, attention, output.
 */
final class TextGenRnnBlock extends AbstractBlock {
  private final TextGenRnnOptions options;
  private final Embedding embedding;
  private final List<Recurrent> layers = new ArrayList<>();
  private final Linear attention;
  private final Linear output;

  TextGenRnnBlock(int vocabularySize, TextGenRnnOptions options) {
    this.options = options;
    embedding = addChildBlock("embedding", new Embedding(vocabularySize, options.embedding()));
    int read = options.embedding();
    for (int i = 1; i <= options.layers(); i++) {
      layers.add(
          addChildBlock(
              "rnn_" + i, new Recurrent(Recurrent.Kind.LSTM, read, options.hidden(), 1, 0)));
      read = options.hidden();
    }
    attention = addChildBlock("attention", Linear.builder().setUnits(1).optBias(false).build());
    output = addChildBlock("output", Linear.builder().setUnits(vocabularySize).build());
  }

  /** C: how many numbers stand for each position, the embedding and all layers together. */
  private int width() {
    return options.embedding() + options.layers() * options.hidden();
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    embedding.initialize(manager, type, inputShapes);
    for (Recurrent layer : layers) {
      layer.initialize(manager, type, new Shape(1, 1, layer.inputSize()));
    }
    attention.initialize(manager, type, new Shape(1, width()));
    output.initialize(manager, type, new Shape(1, width()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray average = average(parameters, inputs.singletonOrThrow(), training).get(0); // (B, T, C)
    return new NDList(answer(parameters, average, training)); // (B, T, V)
  }

  /** Vectors (..., C) become logits (..., V). */
  NDArray answer(ParameterStore parameters, NDArray vectors, boolean training) {
    NDArray read = training ? Dropout.apply(vectors, options.dropout(), parameters) : vectors;
    return output.forward(parameters, new NDList(read), training).head();
  }

  /**
   * For each position t, the average of the positions up to t, and the weights it is made with.
   *
   * @param ids (B, T)
   * @return (B, T, C), and (B, T, T): row t sums to 1 and is 0 after column t
   */
  NDList average(ParameterStore parameters, NDArray ids, boolean training) {
    long steps = ids.getShape().get(1);
    NDArray read = embedding.forward(parameters, new NDList(ids), training).head(); // (B, T, E)
    if (training) {
      read = Dropout.apply(read, options.dropout(), parameters);
    }
    var parts = new NDList(read);
    for (Recurrent layer : layers) {
      read = layer.forward(parameters, new NDList(read), training).get(0); // (B, T, H)
      parts.add(read);
    }
    NDArray all = NDArrays.concat(parts, 2); // (B, T, C)
    NDArray scores = attention.forward(parameters, new NDList(all), training).head(); // (B, T, 1)
    NDArray future = future(ids.getManager(), Math.toIntExact(steps)); // (T, T)
    NDArray weights = scores.swapAxes(1, 2).add(future).softmax(-1); // (B, T, T)
    return new NDList(weights.matMul(all), weights); // (B, T, C)
  }

  /** (T, T): 0 where a column is not after its row, else so low that its weight is 0. */
  private static NDArray future(NDManager manager, int steps) {
    float[] values = new float[steps * steps];
    for (int row = 0; row < steps; row++) {
      for (int column = row + 1; column < steps; column++) {
        values[row * steps + column] = Float.NEGATIVE_INFINITY;
      }
    }
    return EngineArray.of(manager, values, steps, steps);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return output.getOutputShapes(new Shape[] {inputShapes[0].add(width())});
  }
}
