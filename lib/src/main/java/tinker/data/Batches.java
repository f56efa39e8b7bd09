package tinker.data;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * Names of the classes that the labels number, from 0; empty where labels are something else,
   * such as tokens.
   */
  default List<String> classes() {
    return List.of();
  }

  /**
   * What tells these batches from others: SHA-256, in hexadecimal, over the data they are cut from
   * and over how they are cut; null if nothing is known of that. A training run is resumed only on
   * batches with the checksum it began with; where there is none, only their number is compared.
   */
  default @Nullable String checksum() {
    return null;
  }
}
