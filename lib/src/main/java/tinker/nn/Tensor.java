package tinker.nn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Numbers with a shape, as a safetensors file holds them: outside the engine, in little-endian
 * bytes, row by row. It never changes.
 */
public final class Tensor {
  /** The types of numbers that a file may hold, with their size. */
  public enum Type {
    BOOL(1),
    U8(1),
    I8(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    I64(8),
    U64(8),
    F64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    boolean isFloatingPoint() {
      return this == F16 || this == BF16 || this == F32 || this == F64;
    }

    /** How many bytes one number takes. */
    public int bytes() {
      return bytes;
    }
  }

  private final Type type;
  private final long[] shape;
  private final ByteBuffer data;

  Tensor(Type type, long[] shape, ByteBuffer data) {
    this.type = type;
    this.shape = shape;
    this.data = data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * A tensor of 32-bit floating point numbers.
   *
   * @param values row by row; copied
   * @param shape its product is the number of values; none for a single number
   */
  public static Tensor of(float[] values, long... shape) {
    ByteBuffer data = allocate(Type.F32, values.length, shape);
    data.asFloatBuffer().put(values);
    return new Tensor(Type.F32, shape.clone(), data);
  }

  /** A tensor of 64-bit integers. See {@link #of(float[], long...)}. */
  public static Tensor of(long[] values, long... shape) {
    ByteBuffer data = allocate(Type.I64, values.length, shape);
    data.asLongBuffer().put(values);
    return new Tensor(Type.I64, shape.clone(), data);
  }

  /** A tensor of 64-bit floating point numbers. See {@link #of(float[], long...)}. */
  public static Tensor of(double[] values, long... shape) {
    ByteBuffer data = allocate(Type.F64, values.length, shape);
    data.asDoubleBuffer().put(values);
    return new Tensor(Type.F64, shape.clone(), data);
  }

  private static ByteBuffer allocate(Type type, int count, long[] shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    if (product != count) {
      throw new IllegalArgumentException(
          count + " values for shape " + Arrays.toString(shape) + ", which holds " + product);
    }
    return ByteBuffer.allocate(Math.multiplyExact(count, type.bytes))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  public Type type() {
    return type;
  }

  public long[] shape() {
    return shape.clone();
  }

  /** How many numbers it holds. */
  public int count() {
    return data.remaining() / type.bytes;
  }

  /** Its bytes, read-only, little-endian. */
  ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The numbers as 32-bit floating point, row by row.
   *
   * @throws IllegalArgumentException if they are integers
   */
  public float[] floats() {
    float[] values = new float[count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F32 -> data.getFloat(at(i));
            case F64 -> (float) data.getDouble(at(i));
            case BF16 -> Float.intBitsToFloat(data.getShort(at(i)) << 16);
            case F16 -> half(data.getShort(at(i)));
            default -> throw new IllegalArgumentException("these are numbers of type " + type);
          };
    }
    return values;
  }

  /**
   * The numbers as 64-bit floating point, row by row.
   *
   * @throws IllegalArgumentException if they are integers
   */
  public double[] doubles() {
    if (type == Type.F64) {
      double[] values = new double[count()];
      for (int i = 0; i < values.length; i++) {
        values[i] = data.getDouble(at(i));
      }
      return values;
    }
    float[] floats = floats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  /**
   * The numbers as 64-bit integers, row by row; true is 1.
   *
   * @throws IllegalArgumentException if they are floating point
   */
  public long[] longs() {
    long[] values = new long[count()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case BOOL, U8 -> data.get(at(i)) & 0xFF;
            case I8 -> data.get(at(i));
            case I16 -> data.getShort(at(i));
            case U16 -> data.getShort(at(i)) & 0xFFFF;
            case I32 -> data.getInt(at(i));
            case U32 -> data.getInt(at(i)) & 0xFFFFFFFFL;
            case I64, U64 -> data.getLong(at(i));
            default -> throw new IllegalArgumentException("these are numbers of type " + type);
          };
    }
    return values;
  }

  private int at(int index) {
    return data.position() + index * type.bytes;
  }

  /** A 16-bit floating point number: sign, 5 bits of exponent, 10 of fraction (IEEE 754). */
  static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0) {
      float value = fraction * 0x1p-24f;
      return sign == 0 ? value : -value;
    }
    int wide = exponent == 31 ? 0xFF : exponent + 112;
    return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor t
        && t.type == type
        && Arrays.equals(t.shape, shape)
        && t.data.equals(data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, Arrays.hashCode(shape), data);
  }

  @Override
  public String toString() {
    return type.name().toLowerCase(Locale.ROOT) + " " + Arrays.toString(shape);
  }
}
