package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.Layer;
import tinker.nn.TrainableClassifier;
import tinker.nn.Weights;
import tinker.text.Reading;

/**
 * A text classifier that is trained. What it makes of a text does not depend on the texts beside it
 * in a batch, nor on how far it is filled up.
 *
 * <pre>{@code
 * var lstm = RecurrentClassifier.lstm(reading, classes, RecurrentOptions.of(1, 128));
 * Fit.of(lstm, TextBatches.of(split.train(), reading, 32), null, FitOptions.epochs(10));
 * }</pre>
 *
 * <p>It owns native memory: close it, or let it live as long as the program. Training changes it
 * from one thread; meanwhile no other may use it.
 */
public abstract sealed class NeuralClassifier
    implements Classifier, TrainableClassifier, AutoCloseable
    permits BagOfWords, RecurrentClassifier, TextCnn {
  /** How many places, texts times their length, are read in one call of the engine. */
  private static final int PLACES = 16_384;

  private final Reading reading;
  private final List<String> classes;
  private final NDManager manager;

  NeuralClassifier(Reading reading, List<String> classes) {
    if (classes.size() < 2) {
      throw new IllegalArgumentException(
          "the classes are " + classes + "; there must be at least two to tell apart");
    }
    this.reading = reading;
    this.classes = List.copyOf(classes);
    this.manager = NDManager.newBaseManager(Compute.device());
  }

  /** Reads ids (B, T) int64 and lengths (B) int64; its first output are logits (B, C). */
  @Override
  public abstract Block block();

  /** How it cuts texts into tokens. */
  public Reading reading() {
    return reading;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  /** The manager that owns the weights, and nothing else. */
  public NDManager manager() {
    return manager;
  }

  /** How many numbers it has learned or will learn. */
  public long parameters() {
    return Weights.count(block());
  }

  /** Every parameter with its shape and size. */
  public List<Layer> layers() {
    return Weights.table(block());
  }

  /** {@inheritDoc} The inputs are ids (B, T) int64 and lengths (B) int64. */
  @Override
  public NDArray logits(ParameterStore parameters, NDList inputs, boolean training) {
    if (inputs.size() != 2) {
      throw new IllegalArgumentException(
          "a batch of "
              + inputs.size()
              + " arrays; a text classifier reads two, ids and lengths, as TextBatches makes them");
    }
    return block().forward(parameters, inputs, training).get(0); // (B, C)
  }

  /**
   * Scores of the classes before the softmax, without dropout.
   *
   * @param ids (B, T) int64; what stands after a row's length is not looked at
   * @param lengths (B) int64, each in [1, T]
   * @return (B, C), in the manager of {@code ids}
   */
  public NDArray logits(NDArray ids, NDArray lengths) {
    try (var off = Gradients.off()) {
      return logits(new Frozen(ids.getManager()), new NDList(ids, lengths), false);
    }
  }

  int[] read(String text) {
    int[] ids = reading.ids(text);
    if (ids.length == 0 || text.isBlank()) {
      throw new IllegalArgumentException(
          "there is nothing to read in \"" + text + "\"; a text needs at least one token");
    }
    return ids;
  }

  @Override
  public double[] logProbabilities(String text) {
    return logProbabilities(List.of(text)).get(0);
  }

  @Override
  public List<double[]> logProbabilities(List<String> texts) {
    List<int[]> read = texts.stream().map(this::read).toList();
    // By length, so that little is filled up.
    List<Integer> order =
        IntStream.range(0, read.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> read.get(i).length))
            .toList();
    double[][] answers = new double[read.size()][];
    for (int from = 0; from < order.size(); ) {
      Interrupts.check("");
      int to = from + 1;
      while (to < order.size() && (to + 1 - from) * read.get(order.get(to)).length <= PLACES) {
        to++;
      }
      List<Integer> rows = order.subList(from, to);
      float[] logs = logs(rows.stream().map(read::get).toList());
      for (int row = 0; row < rows.size(); row++) {
        double[] scores = new double[classes.size()];
        for (int c = 0; c < scores.length; c++) {
          scores[c] = logs[row * scores.length + c];
        }
        answers[rows.get(row)] = Logits.logSoftmax(scores);
      }
      from = to;
    }
    return List.of(answers);
  }

  private float[] logs(List<int[]> rows) {
    try (NDManager scope = manager.newSubManager()) {
      NDList inputs = inputs(scope, rows);
      return logits(inputs.get(0), inputs.get(1)).toFloatArray();
    }
  }

  /** Ids (B, T), filled up at the end, and lengths (B). */
  static NDList inputs(NDManager scope, List<int[]> rows) {
    int steps = rows.stream().mapToInt(r -> r.length).max().orElse(1);
    long[] ids = new long[rows.size() * steps];
    long[] lengths = new long[rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      int[] own = rows.get(row);
      lengths[row] = own.length;
      for (int t = 0; t < own.length; t++) {
        ids[row * steps + t] = own[t];
      }
    }
    return new NDList(scope.create(ids, new Shape(rows.size(), steps)), scope.create(lengths));
  }

  /** Lengths of a batch, checked. */
  static int[] lengths(NDArray ids, NDArray lengths) {
    long steps = ids.getShape().get(1);
    var checked = new ArrayList<Integer>();
    for (long length : lengths.toLongArray()) {
      if (length < 1 || length > steps) {
        throw new IllegalArgumentException(
            "row "
                + checked.size()
                + " has length "
                + length
                + "; it must lie in [1, "
                + steps
                + "]");
      }
      checked.add((int) length);
    }
    return checked.stream().mapToInt(i -> i).toArray();
  }

  /** Frees the weights. */
  @Override
  public void close() {
    manager.close();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %d classes, %,d parameters",
        name(),
        reading,
        classes.size(),
        parameters());
  }
}
