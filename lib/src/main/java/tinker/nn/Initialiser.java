package tinker.nn;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a matrix of weights, or a vector of biases, gets its first values. The same generator gives
 * the same values on every machine.
 *
 * <p>A recurrent layer stacks the matrices of its gates; each gate's matrix is drawn on its own.
 */
public sealed interface Initialiser {
  /**
   * The values of a matrix, row by row.
   *
   * @param rows how many numbers come out of the product with it, at least 1
   * @param columns how many go in, at least 1; 1 for a vector of biases
   * @param random where chance comes from
   */
  float[] values(int rows, int columns, RandomGenerator random);

  /**
   * Uniform in [-bound, bound).
   *
   * @param bound above 0
   */
  static Initialiser uniform(double bound) {
    return new Uniform(bound);
  }

  /**
   * Uniform in [-1/√rows, 1/√rows): what PyTorch does to all weights and biases of a recurrent
   * layer.
   */
  static Initialiser uniformByRows() {
    return new UniformByRows();
  }

  /**
   * Normal with mean 0.
   *
   * @param deviation standard deviation, above 0
   */
  static Initialiser normal(double deviation) {
    return new Normal(deviation);
  }

  /** The same value everywhere. */
  static Initialiser constant(double value) {
    return new Constant(value);
  }

  /**
   * Uniform in ±√(6 / (rows + columns)): keeps the size of signals in both directions where the
   * activation is near linear (Glorot and Bengio 2010).
   */
  static Initialiser xavier() {
    return new Xavier();
  }

  /**
   * Normal with deviation √(2 / columns): keeps the size of signals where half of them are cut off
   * by a ReLU (He et al. 2015).
   */
  static Initialiser he() {
    return new He();
  }

  /**
   * Rows at right angles and of length {@code gain} (columns, where there are more rows): a product
   * with it neither grows nor shrinks a signal, however often it is repeated (Saxe et al. 2014).
   *
   * @param gain above 0
   */
  static Initialiser orthogonal(double gain) {
    return new Orthogonal(gain);
  }

  /**
   * The initialiser whose {@code toString} this is, such as {@code "orthogonal(1.0)"}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Initialiser parse(String text) {
    Matcher matcher = Pattern.compile("([a-z-]+)(?:\\(([^)]*)\\))?").matcher(text);
    if (matcher.matches()) {
      String number = matcher.group(2);
      boolean plain = number == null;
      try {
        double value = plain ? 0 : Double.parseDouble(number);
        switch (matcher.group(1) + (plain ? "" : "()")) {
          case "uniform-by-rows":
            return uniformByRows();
          case "xavier":
            return xavier();
          case "he":
            return he();
          case "uniform()":
            return uniform(value);
          case "normal()":
            return normal(value);
          case "constant()":
            return constant(value);
          case "orthogonal()":
            return orthogonal(value);
          default:
            break;
        }
      } catch (NumberFormatException e) {
        // Refused below like every other unknown text.
      }
    }
    throw new IllegalArgumentException(
        "no initialiser \""
            + text
            + "\"; there are uniform(b), uniform-by-rows, normal(d), constant(v), xavier, he,"
            + " orthogonal(g)");
  }

  private static double positive(String what, double value) {
    if (!(value > 0) || value == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %s; it must be above 0 and finite", what, value));
    }
    return value;
  }

  private static float[] drawUniform(int size, double bound, RandomGenerator random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    return values;
  }

  private static float[] drawNormal(int size, double deviation, RandomGenerator random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** See {@link Initialiser#uniform}. */
  record Uniform(double bound) implements Initialiser {
    public Uniform {
      positive("bound", bound);
    }

    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      return drawUniform(rows * columns, bound, random);
    }

    @Override
    public String toString() {
      return "uniform(" + bound + ")";
    }
  }

  /** See {@link Initialiser#uniformByRows}. */
  record UniformByRows() implements Initialiser {
    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      return drawUniform(rows * columns, 1 / Math.sqrt(rows), random);
    }

    @Override
    public String toString() {
      return "uniform-by-rows";
    }
  }

  /** See {@link Initialiser#normal}. */
  record Normal(double deviation) implements Initialiser {
    public Normal {
      positive("deviation", deviation);
    }

    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      return drawNormal(rows * columns, deviation, random);
    }

    @Override
    public String toString() {
      return "normal(" + deviation + ")";
    }
  }

  /** See {@link Initialiser#constant}. */
  record Constant(double value) implements Initialiser {
    public Constant {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("value is " + value + "; it must be finite");
      }
    }

    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      float[] values = new float[rows * columns];
      Arrays.fill(values, (float) value);
      return values;
    }

    @Override
    public String toString() {
      return "constant(" + value + ")";
    }
  }

  /** See {@link Initialiser#xavier}. */
  record Xavier() implements Initialiser {
    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      return drawUniform(rows * columns, Math.sqrt(6.0 / (rows + columns)), random);
    }

    @Override
    public String toString() {
      return "xavier";
    }
  }

  /** See {@link Initialiser#he}. */
  record He() implements Initialiser {
    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      return drawNormal(rows * columns, Math.sqrt(2.0 / columns), random);
    }

    @Override
    public String toString() {
      return "he";
    }
  }

  /** See {@link Initialiser#orthogonal}. */
  record Orthogonal(double gain) implements Initialiser {
    public Orthogonal {
      positive("gain", gain);
    }

    @Override
    public float[] values(int rows, int columns, RandomGenerator random) {
      boolean wide = rows <= columns;
      int count = Math.min(rows, columns);
      int length = Math.max(rows, columns);
      double[][] basis = new double[count][length];
      for (double[] vector : basis) {
        for (int i = 0; i < length; i++) {
          vector[i] = random.nextGaussian();
        }
      }
      // Gram and Schmidt, in the order that is stable: each vector, once done, is taken out of all
      // later ones at once.
      for (int i = 0; i < count; i++) {
        scale(basis[i], 1 / Math.sqrt(dot(basis[i], basis[i])));
        for (int j = i + 1; j < count; j++) {
          addScaled(basis[j], -dot(basis[i], basis[j]), basis[i]);
        }
      }
      float[] values = new float[rows * columns];
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          double value = wide ? basis[row][column] : basis[column][row];
          values[row * columns + column] = (float) (gain * value);
        }
      }
      return values;
    }

    private static double dot(double[] a, double[] b) {
      // Four sums side by side: the processor need not wait for one addition before the next.
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = 0;
      for (; i + 3 < a.length; i += 4) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
      }
      for (; i < a.length; i++) {
        s0 += a[i] * b[i];
      }
      return s0 + s1 + s2 + s3;
    }

    private static void scale(double[] a, double factor) {
      for (int i = 0; i < a.length; i++) {
        a[i] *= factor;
      }
    }

    private static void addScaled(double[] a, double factor, double[] b) {
      for (int i = 0; i < a.length; i++) {
        a[i] += factor * b[i];
      }
    }

    @Override
    public String toString() {
      return "orthogonal(" + gain + ")";
    }
  }
}
