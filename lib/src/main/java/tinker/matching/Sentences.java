package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import tinker.nn.Embedding;
import tinker.nn.EngineArray;

/** Which positions of a batch of rows are words: what every layer needs so as to ignore padding. */
final class Sentences {
  /** Far below anything a cosine or a product of states can be. */
  private static final float OUT = -1e9f;

  private final long[] lengths;
  private final int steps;
  private final boolean padded;
  private final boolean empty;

  private Sentences(long[] lengths, int steps) {
    this.lengths = lengths;
    this.steps = steps;
    boolean isPadded = false;
    boolean isEmpty = false;
    for (int row = 0; row < lengths.length; row++) {
      if (lengths[row] < 0 || lengths[row] > steps) {
        throw new IllegalArgumentException(
            "row " + row + " has length " + lengths[row] + "; it must lie in [0, " + steps + "]");
      }
      isPadded |= lengths[row] < steps;
      isEmpty |= lengths[row] == 0;
    }
    padded = isPadded;
    empty = isEmpty;
  }

  /**
   * @param lengths (N) int64
   * @param rows N
   * @param steps T, to which all rows are padded
   */
  static Sentences of(NDArray lengths, long rows, long steps) {
    if (!lengths.getShape().equals(new Shape(rows))) {
      throw new IllegalArgumentException(
          "lengths of shape " + lengths.getShape() + "; it must be (" + rows + ")");
    }
    return new Sentences(
        lengths.toType(DataType.INT64, false).toLongArray(), Math.toIntExact(steps));
  }

  int rows() {
    return lengths.length;
  }

  /** The first sentences of the pairs alone. */
  Sentences firstHalf() {
    return new Sentences(Arrays.copyOfRange(lengths, 0, rows() / 2), steps);
  }

  /** The second sentences of the pairs alone. */
  Sentences secondHalf() {
    return new Sentences(Arrays.copyOfRange(lengths, rows() / 2, rows()), steps);
  }

  /** First and second sentences in each other's place. */
  Sentences swapped() {
    long[] other = new long[lengths.length];
    int half = other.length / 2;
    System.arraycopy(lengths, half, other, 0, half);
    System.arraycopy(lengths, 0, other, half, half);
    return new Sentences(other, steps);
  }

  boolean padded() {
    return padded;
  }

  boolean anyEmpty() {
    return empty;
  }

  /** Lengths of which none is 0, for layers that must read something: (N) int64. */
  NDArray atLeastOne(NDManager manager) {
    long[] read = new long[lengths.length];
    for (int row = 0; row < read.length; row++) {
      read[row] = Math.max(1, lengths[row]);
    }
    return EngineArray.of(manager, read, read.length);
  }

  /** What to add before a maximum over the words, so that padding never wins: (N, 1, T). */
  NDArray bias(NDManager manager) {
    float[] values = new float[lengths.length * steps];
    for (int row = 0; row < lengths.length; row++) {
      Arrays.fill(values, row * steps + (int) lengths[row], (row + 1) * steps, OUT);
    }
    return EngineArray.of(manager, values, lengths.length, 1, steps);
  }

  /** 1 for a row with words, 0 for one without: (N, 1, 1). */
  NDArray notEmpty(NDManager manager) {
    float[] values = new float[lengths.length];
    for (int row = 0; row < values.length; row++) {
      values[row] = lengths[row] > 0 ? 1 : 0;
    }
    return EngineArray.of(manager, values, values.length, 1, 1);
  }

  /**
   * The state at which a direction has read everything: the last word's, or for the direction that
   * reads from the end the first word's.
   *
   * @param states (N, T, H)
   * @return (N, 1, H)
   */
  NDArray end(NDArray states, boolean backward) {
    long[] at = new long[lengths.length];
    for (int row = 0; row < at.length; row++) {
      at[row] = (long) row * steps + (backward ? 0 : Math.max(0, lengths[row] - 1));
    }
    return Embedding.pick(states, EngineArray.of(states.getManager(), at, at.length, 1));
  }
}
