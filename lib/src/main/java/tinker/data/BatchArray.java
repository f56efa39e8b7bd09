package tinker.data;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/**
 * The numbers of a batch, in memory that is free again when the array is closed. Those of {@code
 * manager.create(values)} lie in a buffer of Java's until its garbage is collected.
 */
final class BatchArray {
  private BatchArray() {}

  static NDArray of(NDManager manager, float[] values, long... shape) {
    return of(manager, FloatBuffer.wrap(values), new Shape(shape));
  }

  static NDArray of(NDManager manager, long[] values, long... shape) {
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
