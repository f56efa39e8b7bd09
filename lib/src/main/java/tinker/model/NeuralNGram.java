package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Initialiser;
import tinker.nn.Interrupts;
import tinker.nn.Loss;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

/**
 * The feed-forward language model (Bengio et al. 2003, "A neural probabilistic language model"): a
 * vector for each of the last n tokens, one after another; a hidden layer with tanh; the next
 * token. Like a counted n-gram it sees n tokens and no further, and none from before the beginning
 * of the document.
 *
 * <pre>{@code
 * var model = NeuralNGram.of(chars, NeuralNGramOptions.of(6, 24, 128).seed(7));
 * }</pre>
 */
public final class NeuralNGram implements NeuralModel {
  /** What a configuration calls this class. */
  static final String TAG = "neural n-gram";

  /** How many tokens are scored in one call of the engine. */
  private static final int CHUNK = 4096;

  private final Vocabulary vocabulary;
  private final NeuralNGramOptions options;
  private final NDManager manager;
  private final NeuralNGramBlock block;

  private NeuralNGram(Vocabulary vocabulary, NeuralNGramOptions options, Weights.Chooser first) {
    this.vocabulary = vocabulary;
    this.options = options;
    this.manager = NDManager.newBaseManager(Compute.device());
    manager.setName(name());
    this.block = new NeuralNGramBlock(vocabulary.size(), options);
    Weights.initialise(block, manager, options.seed(), first, new Shape(1, options.order()));
  }

  /** A model with random weights: normal vectors, Xavier matrices, biases zero. */
  public static NeuralNGram of(Vocabulary vocabulary, NeuralNGramOptions options) {
    return new NeuralNGram(
        vocabulary,
        options,
        name ->
            name.startsWith("embedding.")
                ? Initialiser.normal(1)
                : name.endsWith(".bias") ? Initialiser.constant(0) : Initialiser.xavier());
  }

  static NeuralNGram of(Vocabulary vocabulary, JsonObject json) {
    var options =
        new NeuralNGramOptions(
            json.get("order").getAsInt(),
            json.get("embedding").getAsInt(),
            json.get("hidden").getAsInt(),
            json.get("dropout").getAsDouble(),
            json.get("seed").getAsLong());
    return new NeuralNGram(vocabulary, options, name -> Initialiser.constant(0));
  }

  @Override
  public String configuration() {
    JsonObject json = ModelFile.json(TAG, vocabulary);
    json.addProperty("order", options.order());
    json.addProperty("embedding", options.embedding());
    json.addProperty("hidden", options.hidden());
    json.addProperty("dropout", options.dropout());
    json.addProperty("seed", options.seed());
    return json.toString();
  }

  public NeuralNGramOptions options() {
    return options;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Such as {@code "neural 6-gram, 128 hidden"}, where 6 is the length of the history. */
  @Override
  public String name() {
    return "neural " + options.order() + "-gram, " + options.hidden() + " hidden";
  }

  @Override
  public Block block() {
    return block;
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  /**
   * {@inheritDoc} The state is the last tokens of each row, (N, B), in floating point like every
   * state.
   */
  @Override
  public Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    NDArray ids = TokenIds.of(inputs); // (B, T)
    NDArray histories = histories(ids, state); // (B, T, N)
    NDArray logits = block.forward(parameters, new NDList(histories), training).head(); // (B, T, V)
    NDArray last = histories.get(":, -1").transpose().toType(DataType.FLOAT32, false); // (N, B)
    return new Result(Loss.crossEntropy(logits, labels.singletonOrThrow()), new NDList(last));
  }

  /**
   * For each token that is read, the last N, as {@link History} has them: where one is <i>end</i>,
   * so are all before it. Made where the ids lie, so that a GPU need not wait for them to be read.
   *
   * @param ids (B, T)
   * @param state the last tokens before, (N, B); or none, then a document begins
   * @return (B, T, N), oldest first
   */
  private NDArray histories(NDArray ids, NDList state) {
    int order = options.order();
    long rows = ids.getShape().get(0);
    long steps = ids.getShape().get(1);
    // Filled there as well: a plain number would have to be brought to the device.
    NDArray end = ids.getManager().full(new Shape(1), vocabulary.end(), DataType.INT64);
    NDArray before =
        state.isEmpty()
            ? end.broadcast(rows, order)
            : state.head().transpose().toType(DataType.INT64, false); // (B, N)
    NDArray all = NDArrays.concat(new NDList(before, ids), 1); // (B, N + T)
    NDArray token = ids;
    var newestFirst = new NDList(token);
    for (int back = 1; back < order; back++) {
      NDArray older = all.get(":, {}:{}", order - back, order - back + steps); // (B, T)
      token = NDArrays.where(token.eq(end), token, older);
      newestFirst.add(token);
    }
    Collections.reverse(newestFirst);
    return NDArrays.stack(newestFirst, 2);
  }

  @Override
  public double[] score(int[] tokens) {
    for (int token : tokens) {
      Objects.checkIndex(token, vocabulary.size());
    }
    double[] scores = new double[Math.max(0, tokens.length - 1)];
    var history = new History(options.order(), vocabulary.end());
    for (int from = 0; from < scores.length; from += CHUNK) {
      Interrupts.check("");
      int count = Math.min(scores.length - from, CHUNK);
      long[] histories = new long[count * options.order()];
      long[] next = new long[count];
      for (int i = 0; i < count; i++) {
        history.read(tokens[from + i]);
        history.copyTo(histories, i * options.order());
        next[i] = tokens[from + i + 1];
      }
      try (NDManager scope = manager.newSubManager()) {
        NDArray logs = logits(scope, histories).logSoftmax(-1); // (N, V)
        float[] values = logs.gather(scope.create(next, new Shape(count, 1)), 1).toFloatArray();
        for (int i = 0; i < count; i++) {
          scores[from + i] = values[i];
        }
      }
    }
    return scores;
  }

  private NDArray logits(NDManager scope, long[] histories) {
    int count = histories.length / options.order();
    NDArray read = scope.create(histories, new Shape(count, options.order()));
    return block.forward(new Frozen(scope), new NDList(read), false).head();
  }

  @Override
  public State start() {
    return new Reader(new History(options.order(), vocabulary.end()));
  }

  /** Asks the engine for one history; small enough that no copy of the weights is worth it. */
  private final class Reader implements State {
    private final History history;

    Reader(History history) {
      this.history = history;
    }

    @Override
    public double[] logProbabilities() {
      return atOnce(List.of(this))[0];
    }

    @Override
    public void read(int token) {
      history.read(Objects.checkIndex(token, vocabulary.size()));
    }

    @Override
    public State copy() {
      var copied = new History(options.order(), vocabulary.end());
      for (int i = 0; i < options.order(); i++) {
        copied.read(history.get(i));
      }
      return new Reader(copied);
    }

    @Override
    public States copies(int rows) {
      return SideBySide.copies(this, rows, manager.getDevice().isGpu(), NeuralNGram.this::atOnce);
    }

    @Override
    public int worthAtOnce() {
      return SideBySide.rows(manager.getDevice().isGpu());
    }
  }

  /** The log-probabilities of readers, in one call of the engine. */
  double[][] atOnce(List<State> readers) {
    long[] histories = new long[readers.size() * options.order()];
    for (int row = 0; row < readers.size(); row++) {
      ((Reader) readers.get(row)).history.copyTo(histories, row * options.order());
    }
    try (NDManager scope = manager.newSubManager()) {
      return Logits.logSoftmax(logits(scope, histories).toFloatArray(), readers.size());
    }
  }

  @Override
  public void close() {
    manager.close();
  }

  @Override
  public String toString() {
    return summary();
  }
}
