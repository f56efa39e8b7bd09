package tinker.nn;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * A vector for every token: ids (...) int64 become (..., width) float32. Its one parameter, {@code
 * weight} (count, width), has the name and the shape it has in PyTorch's {@code nn.Embedding}.
 *
 * <p>The result lies in the manager of the ids. DJL's {@code weights.get(ids)} would leave it, and
 * with it every batch ever seen, in the manager of the weights.
 */
public final class Embedding extends AbstractBlock {
  private final Parameter weight;
  private final int count;
  private final int width;

  /**
   * @param count number of tokens, at least 1
   * @param width numbers in a vector, at least 1
   */
  public Embedding(int count, int width) {
    if (count < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an embedding of " + count + " x " + width + "; both must be at least 1");
    }
    this.count = count;
    this.width = width;
    weight =
        addParameter(
            Parameter.builder()
                .setName("weight")
                .setType(Parameter.Type.WEIGHT)
                .optShape(new Shape(count, width))
                .build());
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @org.jspecify.annotations.Nullable PairList<String, Object> params) {
    NDArray ids = inputs.singletonOrThrow();
    return rows(parameters.getValue(weight, ids.getDevice(), training), ids);
  }

  private static NDList rows(NDArray table, NDArray ids) {
    try {
      return ids.getNDArrayInternal().embedding(ids, table, SparseFormat.DENSE);
    } catch (EngineException e) {
      throw OutOfRange.named(
          ids,
          table.getShape().get(0),
          "token id %d; this model knows the ids 0 to %d: was the text cut with another vocabulary?",
          e);
    }
  }

  /**
   * True if {@link #oneHot} times {@link #folded} takes fewer multiplications than vectors times
   * weights, as where there are fewer tokens than numbers in a vector.
   *
   * @param ids how many are read
   */
  boolean shouldFold(long ids) {
    return count * (ids + width) < ids * width;
  }

  /** ids (...) become (..., count), a one at the place of the id: what these vectors stand for. */
  NDArray oneHot(NDArray ids) {
    return rows(ids.getManager().eye(count), ids).head();
  }

  /**
   * What a layer's weights make of the vector of every token.
   *
   * @param weights (O, width)
   * @return (O, count)
   */
  NDArray folded(NDArray weights, ParameterStore parameters, boolean training) {
    NDArray table = parameters.getValue(weight, weights.getDevice(), training); // (count, width)
    return weights.getNDArrayInternal().linear(weights, table, null).head();
  }

  /**
   * Rows of a sequence in one list, looked up as vectors are.
   *
   * @param sequence (N, T, F)
   * @param positions in [0, N·T), any shape, int64
   * @return (..., F)
   */
  public static NDArray pick(NDArray sequence, NDArray positions) {
    NDArray flat =
        sequence.reshape(-1, sequence.getShape().get(sequence.getShape().dimension() - 1));
    return rows(flat, positions).head();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0].add(width)};
  }
}
