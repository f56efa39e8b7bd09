package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tinker.nn.Bidirectional;
import tinker.nn.Compute;
import tinker.nn.Recurrent;
import tinker.nn.TrainableClassifier;
import tinker.nn.Weights;

/**
 * The baseline that BiMPM is built against: one bidirectional LSTM makes a vector of each sentence,
 * and only these two vectors are compared. No word ever meets a word of the other sentence.
 *
 * <pre>{@code
 * var siamese = SiameseLstm.of(vectors.width(), letters.size(), 3, BimpmOptions.paper().seed(7));
 * }</pre>
 *
 * <p>Its layers for words, context and prediction are those of {@link BimpmModel} with the same
 * options, and it reads the same seven arrays. Of two sentences p and q the prediction layer reads
 * {@code [p, q, |p - q|, p ∘ q]}, each of 2H numbers: the last state of both directions. What the
 * paper's own Siamese LSTM does with the two vectors may be less: the two first layers are what it
 * is said to share with BiMPM.
 */
public final class SiameseLstm implements TrainableClassifier, AutoCloseable {
  private final BimpmOptions options;
  private final NDManager manager;
  private final Layers block;

  private SiameseLstm(int vectorSize, int alphabet, int classes, BimpmOptions options) {
    this.options = options;
    block = new Layers(vectorSize, alphabet, classes, options);
    manager = NDManager.newBaseManager(Compute.device());
    manager.setName("Siamese LSTM");
    Weights.initialise(block, manager, options.seed(), options::first, new Shape(1, 1));
  }

  /**
   * @param vectorSize W, numbers in a word's fixed vector, at least 1
   * @param alphabet how many letters there are, at least 1
   * @param classes K, how many labels there are, at least 2
   * @param options of which it takes what concerns words, context, prediction, dropout and seed
   */
  public static SiameseLstm of(int vectorSize, int alphabet, int classes, BimpmOptions options) {
    return new SiameseLstm(vectorSize, alphabet, classes, options);
  }

  public BimpmOptions options() {
    return options;
  }

  @Override
  public Block block() {
    return block;
  }

  @Override
  public NDArray logits(ParameterStore parameters, NDList inputs, boolean training) {
    return block.forward(parameters, inputs, training).head();
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "Siamese LSTM %d: %,d parameters", options.hidden(), Weights.count(block));
  }

  private static final class Layers extends AbstractBlock {
    private final BimpmOptions options;
    private final WordLayer words;
    private final Bidirectional context;
    private final PredictionLayer prediction;

    Layers(int vectorSize, int alphabet, int classes, BimpmOptions options) {
      this.options = options;
      words = addChildBlock("words", new WordLayer(vectorSize, alphabet, options));
      context =
          addChildBlock(
              "context",
              new Bidirectional(Recurrent.Kind.LSTM, words.width(), options.hidden(), 1, 0));
      prediction =
          addChildBlock("prediction", new PredictionLayer(8 * options.hidden(), classes, options));
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
      words.initialize(manager, type, inputShapes);
      context.initialize(manager, type, new Shape(1, 1, words.width()));
      prediction.initialize(manager, type, new Shape(1, 8L * options.hidden()));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDArray ids = BimpmBlock.together(inputs.get(3), inputs.get(5)); // (2B, T)
      NDArray lengths = NDArrays.concat(new NDList(inputs.get(4), inputs.get(6)), 0); // (2B)
      Sentences sentences = Sentences.of(lengths, ids.getShape().get(0), ids.getShape().get(1));
      var spelled = new NDList(inputs.get(0), inputs.get(1), inputs.get(2), ids);
      NDArray word = words.forward(parameters, spelled, training).head(); // (2B, T, W + E)
      NDArray ends =
          BimpmBlock.read(
                  context,
                  options.dropPairs(word, parameters, training),
                  sentences,
                  parameters,
                  training)
              .get(1); // (2, 2B, H)
      NDArray both = ends.transpose(1, 0, 2).reshape(sentences.rows(), -1); // (2B, 2H)
      int half = sentences.rows() / 2;
      NDArray p = both.get(new NDIndex("0:{}", half)); // (B, 2H)
      NDArray q = both.get(new NDIndex("{}:", half)); // (B, 2H)
      NDArray compared = NDArrays.concat(new NDList(p, q, p.sub(q).abs(), p.mul(q)), 1); // (B, 8H)
      return prediction.forward(
          parameters, new NDList(options.drop(compared, parameters, training)), training);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return prediction.getOutputShapes(new Shape[] {new Shape(inputShapes[3].get(0), 1)});
    }
  }
}
