package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/**
 * Sets a random share of numbers to zero and enlarges the others, so that the mean stays
 * (Srivastava et al. 2014).
 *
 * <p>In a training step chance comes from the step's {@link Leaves}: the same step draws the same
 * numbers, whatever other threads draw beside it. The engine's own dropout draws from one generator
 * for all threads.
 */
public final class Dropout {
  /** Sixteen bits of chance for each number, four numbers from each long. */
  private static final int LEVELS = 1 << 16;

  private static final int PIECE = 4096;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Dropout() {}

  /**
   * {@code x} after dropout, for use in training only.
   *
   * @param x any shape, float32
   * @param rate share set to zero, in [0, 1), taken to 16 bits
   * @param parameters what the forward pass was given
   * @return the same shape, in the manager of {@code x}
   */
  public static NDArray apply(NDArray x, double rate, ParameterStore parameters) {
    if (rate == 0) {
      return x;
    }
    SplittableRandom random = parameters instanceof Leaves leaves ? leaves.random() : null;
    if (random == null || x.getDevice().isGpu()) {
      return x.getNDArrayInternal().dropout(x, (float) rate, true).head();
    }
    return x.mul(mask(x.getManager(), x.getShape(), rate, random.nextLong()));
  }

  /** Zeros, and {@code 1 / (1 - rate)}. */
  static NDArray mask(NDManager manager, Shape shape, double rate, long seed) {
    int dropped = (int) Math.round(rate * LEVELS);
    float kept = (float) LEVELS / (LEVELS - dropped);
    NDArray mask = manager.create(shape, DataType.FLOAT32);
    // Written where the engine keeps it: a buffer of Java's would stay until the next collection.
    FloatBuffer view = mask.toByteBuffer(true).asFloatBuffer();
    float[] piece = new float[PIECE];
    long state = seed;
    while (view.hasRemaining()) {
      for (int i = 0; i < PIECE; i += 4) {
        // SplitMix64 (Steele, Lea and Flood 2014).
        state += GOLDEN;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        piece[i] = (z & 0xFFFF) < dropped ? 0 : kept;
        piece[i + 1] = (z >>> 16 & 0xFFFF) < dropped ? 0 : kept;
        piece[i + 2] = (z >>> 32 & 0xFFFF) < dropped ? 0 : kept;
        piece[i + 3] = (z >>> 48) < dropped ? 0 : kept;
      }
      view.put(piece, 0, Math.min(PIECE, view.remaining()));
    }
    return mask;
  }
}
