package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;
import tinker.nn.Embedding;
import tinker.nn.Recurrent;

/**
 * A vector for every word: a fixed one, joined with what an LSTM makes of the word's letters. The
 * fixed vectors come with the batch and are not trained; the letters' vectors and their LSTM are.
 *
 * <p>It reads the distinct words of a batch and where they stand: vectors (D, W), letters (D, C)
 * int64, letter counts (D) int64, words (N, T) int64 as rows of the vectors. It returns (N, T, W +
 * E). So the LSTM runs once over each word, however often it occurs. What it makes of a word is its
 * state after the word's last letter, however long the words beside it are.
 *
 * <p>Parameters: {@code letters.weight} (A, S), and those of {@code lstm}, a {@link Recurrent}.
 */
public final class WordLayer extends AbstractBlock {
  private final int vectorSize;
  private final int letterSize;
  private final int letterHidden;
  private final @Nullable Embedding letters;
  private final @Nullable Recurrent lstm;

  /**
   * @param vectorSize W, numbers in a fixed vector, at least 1
   * @param alphabet A, how many letters there are, at least 1
   * @param options of which it takes S and E, the sizes of the letters' vectors and of their LSTM
   */
  public WordLayer(int vectorSize, int alphabet, BimpmOptions options) {
    if (vectorSize < 1) {
      throw new IllegalArgumentException(
          "word vectors of " + vectorSize + " numbers; there must be at least 1");
    }
    this.vectorSize = vectorSize;
    letterSize = options.letterSize();
    letterHidden = options.letterHidden();
    if (letterHidden == 0) {
      letters = null;
      lstm = null;
    } else {
      letters = addChildBlock("letters", new Embedding(alphabet, letterSize));
      lstm =
          addChildBlock("lstm", new Recurrent(Recurrent.Kind.LSTM, letterSize, letterHidden, 1, 0));
    }
  }

  /** W + E: how many numbers stand for a word. */
  public int width() {
    return vectorSize + letterHidden;
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    if (letters != null && lstm != null) {
      letters.initialize(manager, type, new Shape(1, 1));
      lstm.initialize(manager, type, new Shape(1, 1, letterSize));
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray vectors = inputs.get(0); // (D, W)
    if (vectors.getShape().dimension() != 2 || vectors.getShape().get(1) != vectorSize) {
      throw new IllegalArgumentException(
          "word vectors of shape " + vectors.getShape() + "; it must be (D, " + vectorSize + ")");
    }
    NDArray words = inputs.get(3); // (N, T)
    NDArray fixed = Embedding.pick(vectors, words); // (N, T, W)
    if (letters == null || lstm == null) {
      return new NDList(fixed);
    }
    NDArray spelled = inputs.get(1); // (D, C)
    NDArray read = letters.forward(parameters, new NDList(spelled), training).head(); // (D, C, S)
    NDArray states = lstm.forward(parameters, new NDList(read), training).head(); // (D, C, E)
    Shape shape = spelled.getShape();
    NDArray ends = Sentences.of(inputs.get(2), shape.get(0), shape.get(1)).end(states, false);
    NDArray made = Embedding.pick(ends, words); // (N, T, E)
    return new NDList(NDArrays.concat(new NDList(fixed, made), 2)); // (N, T, W + E)
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[3].add(width())};
  }
}
