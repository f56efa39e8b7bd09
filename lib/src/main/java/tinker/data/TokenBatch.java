package tinker.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Objects;

/** Equally long pieces of one stream of tokens, each with the tokens one place further on. */
final class TokenBatch implements Batch {
  private final int[] stream;
  private final int[] starts;
  private final int length;
  private final boolean continuesPrevious;

  /**
   * @param stream not copied
   * @param starts where in the stream each row begins
   * @param length tokens a row reads; the last one is predicted from the stream's next
   */
  TokenBatch(int[] stream, int[] starts, int length, boolean continuesPrevious) {
    this.stream = stream;
    this.starts = starts;
    this.length = length;
    this.continuesPrevious = continuesPrevious;
  }

  /** The ids of all rows, one after another. */
  long[] ids(int shift) {
    long[] ids = new long[starts.length * length];
    int at = 0;
    for (int start : starts) {
      for (int i = 0; i < length; i++) {
        ids[at++] = stream[start + i + shift];
      }
    }
    return ids;
  }

  private NDArray array(NDManager manager, int shift) {
    return BatchArray.of(manager, ids(shift), starts.length, length);
  }

  /** The tokens read: one array, (B, T) int64. */
  @Override
  public NDList inputs(NDManager manager) {
    return new NDList(array(manager, 0));
  }

  /** The token after each of them: one array, (B, T) int64. */
  @Override
  public NDList labels(NDManager manager) {
    return new NDList(array(manager, 1));
  }

  @Override
  public int predictions() {
    return starts.length * length;
  }

  @Override
  public int rows() {
    return starts.length;
  }

  @Override
  public boolean continuesPrevious() {
    return continuesPrevious;
  }

  @Override
  public Batch rows(int from, int to) {
    Objects.checkFromToIndex(from, to, starts.length);
    return new TokenBatch(stream, Arrays.copyOfRange(starts, from, to), length, continuesPrevious);
  }

  @Override
  public String toString() {
    return starts.length
        + " rows of "
        + length
        + " tokens"
        + (continuesPrevious ? ", going on from the batch before" : "");
  }
}
