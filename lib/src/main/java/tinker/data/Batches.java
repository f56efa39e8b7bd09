package tinker.data;

import java.util.Iterator;

/**
 * A training set cut into batches. What an epoch contains, and in which order, follows from the
 * seed and the epoch's number alone, so that a run can be resumed at any batch and finds the same
 * data there.
 */
public interface Batches {
  /**
   * The batches of one epoch.
   *
   * @param seed of the run
   * @param epoch counted from 0
   */
  Iterator<Batch> epoch(long seed, int epoch);

  /** Number of batches in that epoch. */
  int size(long seed, int epoch);
}
