package tinker.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import tinker.data.Batch;
import tinker.data.Batches;

/** A stream of ids cut into rows side by side, for tests: small, and easy to check by eye. */
final class Streams implements Batches {
  private final int[] ids;
  private final int rows;
  private final int length;

  Streams(int[] ids, int rows, int length) {
    this.ids = ids;
    this.rows = rows;
    this.length = length;
  }

  /** Ids of a text that repeats a pattern with some noise: there is something to learn. */
  static int[] noisyPattern(int count, int vocabulary, long seed) {
    var random = new Random(seed);
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] =
          random.nextInt(10) == 0
              ? random.nextInt(vocabulary)
              : (int) ((long) i * i % 7 % vocabulary);
    }
    return ids;
  }

  @Override
  public Iterator<Batch> epoch(long seed, int epoch) {
    // Each epoch begins elsewhere, as a shuffled one would.
    int offset = new Random(seed * 31 + epoch).nextInt(length);
    int perRow = (ids.length - length - 1) / rows;
    List<Batch> batches = new ArrayList<>();
    for (int at = 0; at + length <= perRow; at += length) {
      long[][] in = new long[rows][length];
      long[][] out = new long[rows][length];
      for (int r = 0; r < rows; r++) {
        for (int t = 0; t < length; t++) {
          in[r][t] = ids[offset + r * perRow + at + t];
          out[r][t] = ids[offset + r * perRow + at + t + 1];
        }
      }
      batches.add(new Cut(in, out, at > 0));
    }
    return batches.iterator();
  }

  @Override
  public int size(long seed, int epoch) {
    return (ids.length - length - 1) / rows / length;
  }

  record Cut(long[][] in, long[][] out, boolean continuesPrevious) implements Batch {
    @Override
    public NDList inputs(NDManager manager) {
      return new NDList(array(manager, in));
    }

    @Override
    public NDList labels(NDManager manager) {
      return new NDList(array(manager, out));
    }

    private static ai.djl.ndarray.NDArray array(NDManager manager, long[][] rows) {
      long[] flat = new long[rows.length * rows[0].length];
      for (int r = 0; r < rows.length; r++) {
        System.arraycopy(rows[r], 0, flat, r * rows[0].length, rows[0].length);
      }
      return manager.create(flat, new Shape(rows.length, rows[0].length));
    }

    @Override
    public int predictions() {
      return in.length * in[0].length;
    }

    @Override
    public int rows() {
      return in.length;
    }

    @Override
    public Batch rows(int from, int to) {
      return new Cut(
          java.util.Arrays.copyOfRange(in, from, to),
          java.util.Arrays.copyOfRange(out, from, to),
          continuesPrevious);
    }
  }
}
