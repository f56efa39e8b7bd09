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
import tinker.nn.Recurrent;

/**
 * ids (B, T) and a state become logits (B, T, V) and a state. The names of the three parts are
 * those of PyTorch's word_language_model example: encoder, rnn, decoder.
 */
final class RecurrentBlock extends AbstractBlock {
  private final Embedding encoder;
  private final Recurrent rnn;
  private final Linear decoder;
  private final RecurrentOptions options;

  RecurrentBlock(Recurrent.Kind kind, int vocabularySize, RecurrentOptions options) {
    this.options = options;
    encoder = addChildBlock("encoder", new Embedding(vocabularySize, options.embedding()));
    var layers =
        new Recurrent(
            kind,
            options.embedding(),
            options.hidden(),
            options.layers(),
            options.layers() > 1 ? options.dropout() : 0);
    rnn = addChildBlock("rnn", options.byHand() ? layers.byHand() : layers);
    decoder = addChildBlock("decoder", Linear.builder().setUnits(vocabularySize).build());
  }

  Recurrent rnn() {
    return rnn;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    encoder.initialize(manager, type, inputShapes);
    rnn.initialize(manager, type, new Shape(1, 1, options.embedding()));
    decoder.initialize(manager, type, new Shape(1, 1, options.hidden()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDList written = rnn.forward(encoder, parameters, inputs, training);
    NDArray hidden = written.get(0); // (B, T, H)
    if (training) {
      hidden = Dropout.apply(hidden, options.dropout(), parameters);
    }
    var result = new NDList(decoder.forward(parameters, new NDList(hidden), training)); // (B,T,V)
    result.addAll(written.subNDList(1));
    return result;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape ids = inputShapes[0];
    Shape[] inner =
        rnn.getOutputShapes(new Shape[] {new Shape(ids.get(0), ids.get(1), options.embedding())});
    inner[0] = decoder.getOutputShapes(new Shape[] {inner[0]})[0];
    return inner;
  }
}
