package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;
import tinker.nn.Dropout;
import tinker.nn.Embedding;

/** Histories (..., N) of token ids become logits (..., V). */
final class NeuralNGramBlock extends AbstractBlock {
  private final NeuralNGramOptions options;
  private final Embedding embedding;
  private final Linear hidden;
  private final Linear output;

  NeuralNGramBlock(int vocabularySize, NeuralNGramOptions options) {
    this.options = options;
    embedding = addChildBlock("embedding", new Embedding(vocabularySize, options.embedding()));
    hidden = addChildBlock("hidden", Linear.builder().setUnits(options.hidden()).build());
    output = addChildBlock("output", Linear.builder().setUnits(vocabularySize).build());
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    embedding.initialize(manager, type, inputShapes);
    hidden.initialize(manager, type, new Shape(1, (long) options.order() * options.embedding()));
    output.initialize(manager, type, new Shape(1, options.hidden()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray histories = inputs.singletonOrThrow(); // (..., N)
    Shape shape = histories.getShape();
    NDArray vectors = embedding.forward(parameters, inputs, training).head(); // (..., N, E)
    Shape wide =
        shape.slice(0, shape.dimension() - 1).add((long) options.order() * options.embedding());
    NDArray joined = vectors.reshape(wide); // (..., N E)
    NDArray inner =
        hidden.forward(parameters, new NDList(joined), training).head().tanh(); // (.., H)
    if (training) {
      inner = Dropout.apply(inner, options.dropout(), parameters);
    }
    return output.forward(parameters, new NDList(inner), training); // (..., V)
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape shape = inputShapes[0];
    return output.getOutputShapes(
        new Shape[] {shape.slice(0, shape.dimension() - 1).add(options.hidden())});
  }
}
