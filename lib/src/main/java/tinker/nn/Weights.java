package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * The parameters of a block under the names PyTorch would give them: {@code "rnn.weight_ih_l0"} is
 * parameter {@code weight_ih_l0} of the child {@code rnn}.
 */
public final class Weights {
  private Weights() {}

  /** Every parameter of {@code block} by its name, in the order of the forward pass. */
  public static Map<String, Parameter> of(Block block) {
    var named = new LinkedHashMap<String, Parameter>();
    collect("", block, named);
    return Collections.unmodifiableMap(named);
  }

  private static void collect(String prefix, Block block, Map<String, Parameter> named) {
    for (var entry : block.getDirectParameters()) {
      named.put(prefix + entry.getKey(), entry.getValue());
    }
    for (var child : block.getChildren()) {
      // DJL puts a two-digit number before the name of a child.
      collect(prefix + child.getKey().replaceFirst("^\\d\\d", "") + ".", child.getValue(), named);
    }
  }

  /**
   * The values of one parameter.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public static NDArray array(Block block, String name) {
    Parameter parameter = of(block).get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(
          "no parameter \"" + name + "\"; there are " + of(block).keySet());
    }
    return parameter.getArray();
  }

  /** The parameters of {@code block} as rows of a table. */
  public static List<Layer> table(Block block) {
    return of(block).entrySet().stream()
        .map(e -> new Layer(e.getKey(), shape(e.getValue()), shape(e.getValue()).size()))
        .toList();
  }

  /** How many numbers the parameters of {@code block} hold. */
  public static long count(Block block) {
    return of(block).values().stream().mapToLong(p -> shape(p).size()).sum();
  }

  private static Shape shape(Parameter parameter) {
    return parameter.getArray().getShape();
  }

  /**
   * The values of an array that lives long, such as a parameter, row by row. The engine's own
   * {@code toFloatArray} leaves a copy of what lies on a GPU with the manager of the array, until
   * that is closed; this leaves nothing.
   *
   * @param array (N, ...), float32
   */
  public static float[] values(NDArray array) {
    if (!array.getDevice().isGpu()) {
      return array.toFloatArray();
    }
    return readOnce(array);
  }

  static float[] readOnce(NDArray array) {
    try (var off = Gradients.off();
        NDManager scope = array.getManager().newSubManager()) {
      return array.get(scope, Gradients.EVERYTHING).toFloatArray();
    }
  }

  /** The values of every parameter of {@code block}, added to a file under their names. */
  public static void save(Block block, Safetensors.Builder file) {
    of(block)
        .forEach(
            (name, parameter) -> {
              NDArray array = parameter.getArray();
              file.put(name, Tensor.of(values(array), array.getShape().getShape()));
            });
  }

  /**
   * Sets every parameter of {@code block} to the values of the same name. All names and shapes are
   * checked before the first value is changed.
   *
   * @throws SafetensorsException if a name is missing, stands for nothing, or has another shape
   */
  public static void load(Block block, Map<String, Tensor> values) throws SafetensorsException {
    check(block, values);
    of(block)
        .forEach(
            (name, parameter) ->
                set(parameter.getArray(), Objects.requireNonNull(values.get(name)).floats()));
  }

  /**
   * Whether {@link #load} would take these values; nothing is changed.
   *
   * @throws SafetensorsException if a name is missing, stands for nothing, or has another shape
   */
  public static void check(Block block, Map<String, Tensor> values) throws SafetensorsException {
    Map<String, Parameter> parameters = of(block);
    for (var e : parameters.entrySet()) {
      Tensor tensor = values.get(e.getKey());
      long[] shape = shape(e.getValue()).getShape();
      if (tensor == null) {
        throw new SafetensorsException(
            SafetensorsException.Fault.MISSING,
            String.format(
                Locale.ROOT,
                "the parameter \"%s\" %s is missing; the file has %s",
                e.getKey(),
                shape(e.getValue()),
                values.keySet()));
      }
      if (!Arrays.equals(tensor.shape(), shape)) {
        throw new SafetensorsException(
            SafetensorsException.Fault.OTHER_SHAPE,
            String.format(
                Locale.ROOT,
                "\"%s\" has the shape %s in the file; the parameter has %s",
                e.getKey(),
                new Shape(tensor.shape()),
                shape(e.getValue())));
      }
      if (!tensor.type().isFloatingPoint()) {
        throw new SafetensorsException(
            SafetensorsException.Fault.UNKNOWN_TYPE,
            String.format(
                Locale.ROOT,
                "\"%s\" is of type %s; a parameter takes floating point numbers",
                e.getKey(),
                tensor.type()));
      }
    }
    for (String name : values.keySet()) {
      if (!parameters.containsKey(name)) {
        throw new SafetensorsException(
            SafetensorsException.Fault.EXTRA,
            String.format(
                Locale.ROOT,
                "the file has \"%s\", for which there is no parameter; there are %s",
                name,
                parameters.keySet()));
      }
    }
  }

  /**
   * Overwrites the values of {@code array} in place.
   *
   * @param values row by row, as many as it holds
   */
  public static void set(NDArray array, float... values) {
    try (NDManager scope = array.getManager().newSubManager()) {
      Gradients.assign(array, scope.create(values, array.getShape()));
    }
  }

  /**
   * Gives every parameter of {@code block} its first values. What a parameter gets follows from the
   * seed and its name alone, so that another layer more or less changes nothing for it.
   *
   * @param manager the model's own: it owns the arrays from now on, and is closed if this fails,
   *     since nobody then gets the model to close it
   * @param seed any number
   * @param drawer what a parameter gets
   * @param inputShapes shapes of what the block reads
   */
  public static void initialise(
      Block block, NDManager manager, long seed, Drawer drawer, Shape... inputShapes) {
    of(block)
        .forEach(
            (name, parameter) ->
                parameter.setInitializer(
                    (m, shape, type) ->
                        m.create(
                            FloatBuffer.wrap(drawer.values(name, shape, random(seed, name))),
                            shape,
                            DataType.FLOAT32)));
    try {
      block.initialize(manager, DataType.FLOAT32, inputShapes);
      if (manager.getDevice().isGpu()) {
        OnePiece.lay(block);
      }
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Gives every parameter of {@code block} its first values, each drawn by one initialiser as one
   * matrix. See {@link #initialise(Block, NDManager, long, Drawer, Shape...)}.
   */
  public static void initialise(
      Block block, NDManager manager, long seed, Chooser chooser, Shape... inputShapes) {
    Drawer drawer =
        (name, shape, random) -> {
          int rows = Math.toIntExact(shape.get(0));
          int columns = shape.dimension() > 1 ? Math.toIntExact(shape.get(1)) : 1;
          return chooser.choose(name).values(rows, columns, random);
        };
    initialise(block, manager, seed, drawer, inputShapes);
  }

  // SplittableRandom goes on by 0x9E3779B97F4A7C15 at each number: of two seeds that are so far
  // apart, one would give the numbers of the other, shifted by a place. These lie elsewhere on its
  // way, and begin so that seed 7, that of the notebooks, gives what it gave before.
  private static final long APART = 0xD1342543DE82EF95L;
  private static final long AT = 0x9B174F376574D780L;

  private static SplittableRandom random(long seed, String name) {
    var crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return new SplittableRandom(seed * APART + AT + crc.getValue());
  }

  /** What a parameter begins with. */
  @FunctionalInterface
  public interface Drawer {
    /**
     * The first values of a parameter, row by row.
     *
     * @param name such as {@code "rnn.weight_ih_l0"}
     * @param shape of the parameter
     * @param random where chance comes from
     */
    float[] values(String name, Shape shape, RandomGenerator random);
  }

  /** Which initialiser draws a parameter. */
  @FunctionalInterface
  public interface Chooser {
    /**
     * @param name such as {@code "rnn.weight_ih_l0"}
     */
    Initialiser choose(String name);
  }
}
