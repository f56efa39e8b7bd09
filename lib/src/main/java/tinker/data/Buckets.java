package tinker.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How rows of unequal length are put into batches: what batches of texts and of pairs share. */
final class Buckets {
  // Rows are sorted within this many batches at a time: enough that neighbours are about equally
  // long, few enough that the batches differ from epoch to epoch.
  private static final int BATCHES = 50;

  private Buckets() {}

  /** How many batches of {@code rows} there are in so many items. */
  static int count(int items, int rows) {
    return Math.toIntExact(((long) items + rows - 1) / rows);
  }

  /** Sorts a shuffled order in place, each bucket by itself. */
  static void sort(List<Integer> order, int rows, Comparator<Integer> byLength) {
    cut(order, (long) BATCHES * rows).forEach(bucket -> bucket.sort(byLength));
  }

  /**
   * The order cut into pieces, as views of it.
   *
   * @param size of each, at least 1; the last may have fewer
   */
  static List<List<Integer>> cut(List<Integer> order, long size) {
    var pieces = new ArrayList<List<Integer>>();
    for (long from = 0; from < order.size(); from += size) {
      pieces.add(order.subList((int) from, (int) Math.min(order.size(), from + size)));
    }
    return pieces;
  }
}
