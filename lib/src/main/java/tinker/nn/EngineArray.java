package tinker.nn;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/**
 * Numbers of Java's, copied into memory of the engine's own, which is free again when the array is
 * closed. {@code manager.create(values)} keeps them in a buffer of Java's instead, and so does
 * every operation with a plain number, such as {@code x.mul(2)}. Such a buffer stays until Java
 * collects its garbage, perhaps hundreds of training steps later, and until then breaks up the free
 * memory around it: a training takes more and more of it.
 */
public final class EngineArray {
  private EngineArray() {}

  /**
   * @param manager owns the array
   * @param values as many as {@code shape} holds, row after row
   * @return float32
   */
  public static NDArray of(NDManager manager, float[] values, long... shape) {
    return of(manager, FloatBuffer.wrap(values), new Shape(shape));
  }

  /**
   * @param manager owns the array
   * @param values as many as {@code shape} holds, row after row
   * @return int64
   */
  public static NDArray of(NDManager manager, long[] values, long... shape) {
    return of(manager, LongBuffer.wrap(values), new Shape(shape));
  }

  private static NDArray of(NDManager manager, Buffer values, Shape shape) {
    DataType type = DataType.fromBuffer(values);
    if (manager.getDevice().isGpu()) {
      return manager.create(values, shape, type);
    }
    NDArray array = manager.create(shape, type);
    BaseNDManager.copyBuffer(values, array.toByteBuffer(true));
    return array;
  }
}
