package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import tinker.nn.Bidirectional;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Layer;
import tinker.nn.TrainableClassifier;
import tinker.nn.Weights;

/**
 * Bilateral multi-perspective matching (Wang, Hamza and Florian, IJCAI 2017, arXiv 1702.03814v3):
 * says of two sentences which of K labels they have together.
 *
 * <pre>{@code
 * var bimpm = BimpmModel.of(vectors.width(), letters.size(), 3, BimpmOptions.paper().seed(7));
 * Fit.of(bimpm, train, validation, FitOptions.epochs(10).rate(1e-3));
 * bimpm.probabilities(batch.inputs(manager));        // (B, 3)
 * bimpm.layers(batch.inputs(manager));               // what every layer gave
 * }</pre>
 *
 * <p>It reads seven arrays: vectors (D, W) float32 of the distinct words of the batch, their
 * letters (D, C) int64 and how many (D) int64, then the first sentences (B, S) int64 as rows of the
 * vectors, their lengths (B) int64, and the second sentences (B, T) with their lengths. Lengths may
 * be 0. Padding changes nothing.
 */
public final class BimpmModel implements TrainableClassifier, AutoCloseable {
  private final BimpmOptions options;
  private final NDManager manager;
  private final BimpmBlock block;

  private BimpmModel(int vectorSize, int alphabet, int classes, BimpmOptions options) {
    this.options = options;
    block = new BimpmBlock(vectorSize, alphabet, classes, options);
    manager = NDManager.newBaseManager(Compute.device());
    manager.setName("BiMPM");
    Weights.initialise(block, manager, options.seed(), this::first, new Shape(1, 1));
  }

  /**
   * @param vectorSize W, numbers in a word's fixed vector, at least 1
   * @param alphabet how many letters there are, at least 1
   * @param classes K, how many labels there are, at least 2
   */
  public static BimpmModel of(int vectorSize, int alphabet, int classes, BimpmOptions options) {
    return new BimpmModel(vectorSize, alphabet, classes, options);
  }

  private float[] first(String name, Shape shape, RandomGenerator random) {
    if (name.startsWith("matching.") && options.perspectives() == 0) {
      float[] ones = new float[Math.toIntExact(shape.size())];
      Arrays.fill(ones, 1);
      return ones;
    }
    return options.first(name, shape, random);
  }

  public BimpmOptions options() {
    return options;
  }

  @Override
  public Block block() {
    return block;
  }

  /** The first layer: words become vectors. */
  public WordLayer words() {
    return block.words;
  }

  /** The second layer: words become words in their sentence. */
  public Bidirectional context() {
    return block.context;
  }

  /** The third layer: each word is compared with the other sentence. */
  public MatchingLayer matching() {
    return block.matching;
  }

  /** The fourth layer: a sentence's comparisons become one vector. */
  public Bidirectional aggregation() {
    return block.aggregation;
  }

  /** The last layer: what stands for the pair becomes logits. */
  public PredictionLayer prediction() {
    return block.prediction;
  }

  /** The parameters, as rows of a table. */
  public List<Layer> parameters() {
    return Weights.table(block);
  }

  /**
   * What every layer gives for a batch, without gradients and without dropout, in the manager of
   * the inputs: words (2B, T, W + E), context (2B, T, 2H), matched (2B, T, 2MP), summary (B, 4A),
   * logits (B, K). T is the length of the longest sentence; the first B rows of the first three are
   * the first sentences, the others the second ones.
   */
  public NDList layers(NDList inputs) {
    return block.forward(new Frozen(inputs.head().getManager()), inputs, false);
  }

  /** How likely each label is, (B, K), in the manager of the inputs; rows sum to 1. */
  public NDArray probabilities(NDList inputs) {
    return layers(inputs).get(4).softmax(1);
  }

  @Override
  public NDArray logits(ParameterStore parameters, NDList inputs, boolean training) {
    return block.forward(parameters, inputs, training).get(4);
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "BiMPM %d, %d perspectives: %s, %,d parameters",
        options.hidden(),
        options.perspectives(),
        options.matchings(),
        Weights.count(block));
  }
}
