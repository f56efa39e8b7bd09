package tinker.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** One step's worth of examples, still in plain arrays. */
public interface Batch {
  /** What the model reads, as arrays of {@code manager}. */
  NDList inputs(NDManager manager);

  /** What it should answer, as arrays of {@code manager}. */
  NDList labels(NDManager manager);

  /** Number of predictions that the loss of this batch is the mean of; padding is not counted. */
  int predictions();

  /** Number of rows: examples, or streams side by side. */
  int rows();

  /** True if each row goes on where the same row of the batch before ended. */
  boolean continuesPrevious();

  /**
   * The rows [{@code from}, {@code to}) as a batch of their own, for training on several threads.
   */
  Batch rows(int from, int to);
}
