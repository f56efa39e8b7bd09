package tinker.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tinker.data.Batch;
import tinker.nn.Embedding;
import tinker.nn.Layer;
import tinker.nn.Weights;

/**
 * About how much memory training needs, from the shapes of the parameters and of the batch: enough
 * to say what would save most when there is none left.
 *
 * <p>For each weight: itself, its gradient, two moments, and a copy for the case that the loss is
 * no number. For each token that is read: what each layer gives, the gates inside a recurrent
 * layer, and the gradients of these. What a model compares token by token, as BiMPM does, comes on
 * top.
 *
 * @param rows of the batch
 * @param length tokens in a row
 * @param hidden numbers that the model remembers; what a factor of it is in the shapes is scaled
 *     with it
 * @param shapes of all parameters
 */
record StepMemory(long rows, long length, long hidden, List<Of> shapes) {
  private static final int FLOAT = 4;
  private static final int COPIES_OF_A_WEIGHT = 5;

  /**
   * A parameter.
   *
   * @param embedding true if its rows are looked up and not multiplied with
   */
  record Of(String name, Shape shape, boolean embedding) {}

  static StepMemory of(Block block, Batch batch) {
    var shapes = new ArrayList<Of>();
    List<String> looked = embeddings("", block);
    long hidden = 1;
    boolean recurrent = false;
    for (Layer layer : Weights.table(block)) {
      Shape shape = layer.shape();
      shapes.add(new Of(layer.name(), shape, looked.contains(layer.name())));
      boolean remembers = layer.name().contains("weight_hh");
      if (shape.dimension() == 2 && (remembers || !recurrent)) {
        // Without a recurrent layer, what the last layer reads.
        hidden = remembers ? Math.max(recurrent ? hidden : 1, shape.get(1)) : shape.get(1);
        recurrent |= remembers;
      }
    }
    return new StepMemory(batch.rows(), length(batch), hidden, List.copyOf(shapes));
  }

  private static List<String> embeddings(String prefix, Block block) {
    var names = new ArrayList<String>();
    for (var child : block.getChildren()) {
      String name = prefix + child.getKey().replaceFirst("^\\d\\d", "") + ".";
      if (child.getValue() instanceof Embedding) {
        names.add(name + "weight");
      }
      names.addAll(embeddings(name, child.getValue()));
    }
    return names;
  }

  /** The longest row of token ids among the inputs. */
  private static long length(Batch batch) {
    long longest = 0;
    // In the machine's own memory: the card's is what is missing.
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      for (NDArray array : batch.inputs(manager)) {
        Shape shape = array.getShape();
        if (array.getDataType() == DataType.INT64
            && shape.dimension() == 2
            && shape.get(0) == batch.rows()) {
          longest = Math.max(longest, shape.get(1));
        }
      }
    }
    return longest > 0 ? longest : Math.max(1, batch.predictions() / Math.max(1, batch.rows()));
  }

  /** Weights, gradients, moments and the copy, in bytes. */
  long held() {
    return held(1);
  }

  private long held(int divisor) {
    long numbers = 0;
    for (Of of : shapes) {
      long size = 1;
      for (long axis : of.shape().getShape()) {
        size *= scaled(axis, divisor);
      }
      numbers += size;
    }
    return COPIES_OF_A_WEIGHT * FLOAT * numbers;
  }

  /** What a step needs for its batch, in bytes. */
  long step() {
    return step(rows, length, 1);
  }

  private long step(long someRows, long someLength, int divisor) {
    long perToken = 0;
    for (Of of : shapes) {
      if (of.shape().dimension() < 2 || of.name().contains("weight_hh")) {
        continue;
      }
      long out = scaled(of.shape().get(of.embedding() ? 1 : 0), divisor);
      if (of.name().contains("weight_ih")) {
        // Gates, then the state and, before it, the cell.
        out += 2 * scaled(hidden, divisor);
      }
      perToken += out;
    }
    // Each number and its gradient.
    return 2 * FLOAT * perToken * someRows * someLength;
  }

  private long scaled(long axis, int divisor) {
    return divisor > 1 && hidden > 1 && axis % hidden == 0 ? axis / divisor : axis;
  }

  /** What halving the batch, the length and the hidden size would save, in bytes. */
  Map<String, Long> savings() {
    return Map.of(
        "batch", step() - step(Math.max(1, rows / 2), length, 1),
        "length", step() - step(rows, Math.max(1, length / 2), 1),
        "hidden", step() - step(rows, length, 2) + held() - held(2));
  }

  /** The same in words. */
  String sentence() {
    Map<String, Long> savings = savings();
    return String.format(
        Locale.ROOT,
        "a step of %,d rows of %,d tokens with a hidden size of %,d needs about %s beside %s for"
            + " weights and moments: half the batch would save about %s, half the length %s, half"
            + " the hidden size %s",
        rows,
        length,
        hidden,
        readable(step()),
        readable(held()),
        readable(savings.getOrDefault("batch", 0L)),
        readable(savings.getOrDefault("length", 0L)),
        readable(savings.getOrDefault("hidden", 0L)));
  }

  static String readable(long bytes) {
    return bytes >= 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f GB", bytes / 1e9)
        : String.format(Locale.ROOT, "%,d MB", Math.max(1, Math.round(bytes / 1e6)));
  }
}
