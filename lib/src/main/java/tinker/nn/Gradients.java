package tinker.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether the engine records operations on this thread for a backward pass.
 *
 * <p>The engine switches the recording off only on the thread that started it; on every other
 * thread, such as the ones a notebook's cells run on, it is on, and an update in place of a
 * parameter throws.
 */
public final class Gradients implements AutoCloseable {
  // Not "...": the engine completes that one in place, which is no work for two threads.
  static final NDIndex EVERYTHING = new NDIndex(":");

  private final boolean before;

  private Gradients() {
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
  }

  /** Switches recording off on this thread until the result is closed. */
  public static Gradients off() {
    return new Gradients();
  }

  @Override
  public void close() {
    JniUtils.setGradMode(before);
  }

  /**
   * Sets the gradients of {@code block} to zero. Gradients add up over backward passes until an
   * update or this.
   */
  public static void zero(Block block) {
    trained(block).values().forEach(Gradients::zero);
  }

  static void zero(NDArray parameter) {
    // Neither a product with 0 nor a difference clears what is not a number, and NDArray.set would
    // leave the gradient in memory that Java frees.
    JniUtils.zeroGrad((PtNDArray) parameter);
  }

  /**
   * Overwrites {@code target} with {@code values}, in place. ({@code NDArray.copyTo} would move the
   * target to memory that Java frees, by way of two copies.)
   */
  public static void assign(NDArray target, NDArray values) {
    try (var off = off()) {
      target.set(EVERYTHING, values);
    }
  }

  /** The parameters of {@code block} that are trained, by the names of {@link Weights}. */
  public static Map<String, NDArray> trained(Block block) {
    var trained = new LinkedHashMap<String, NDArray>();
    Weights.of(block)
        .forEach(
            (name, parameter) -> {
              if (parameter.requiresGradient()) {
                trained.put(name, parameter.getArray());
              }
            });
    return trained;
  }

  /**
   * The numbers of gradients, by the names of {@link #trained}.
   *
   * @param gradients one for each trained parameter, in that order
   * @param scale each number is multiplied with it
   */
  public static Map<String, float[]> values(Block block, List<NDArray> gradients, double scale) {
    var values = new LinkedHashMap<String, float[]>();
    int i = 0;
    for (String name : trained(block).keySet()) {
      float[] scaled = gradients.get(i++).toFloatArray();
      for (int k = 0; k < scaled.length; k++) {
        scaled[k] *= (float) scale;
      }
      values.put(name, scaled);
    }
    return values;
  }

  /** Where the trained parameters of {@code block}, of which there is at least one, lie. */
  public static Device device(Block block) {
    return trained(block).values().iterator().next().getDevice();
  }
}
