package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Objects;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Initialisation;
import tinker.nn.Interrupts;
import tinker.nn.Loss;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

/**
 * A language model that remembers: embedding, recurrent layers, dropout, linear layer.
 *
 * <pre>{@code
 * var lstm = RecurrentModel.lstm(chars, RecurrentOptions.of(2, 128).dropout(0.3).seed(7));
 * lstm                                       // LSTM 2x128: 78 characters, 285,646 parameters
 * }</pre>
 */
public final class RecurrentModel implements NeuralModel {
  /** What a configuration calls this class. */
  static final String TAG = "recurrent";

  /** How many tokens are scored in one call of the engine. */
  private static final int CHUNK = 512;

  private final Recurrent.Kind kind;
  private final Vocabulary vocabulary;
  private final RecurrentOptions options;
  private final NDManager manager;
  private final RecurrentBlock block;
  private PlainRecurrent plain;

  private RecurrentModel(
      Recurrent.Kind kind,
      Vocabulary vocabulary,
      RecurrentOptions options,
      Weights.Drawer firstValues) {
    this.kind = kind;
    this.vocabulary = vocabulary;
    this.options = options;
    this.manager = NDManager.newBaseManager(Compute.device());
    manager.setName(name());
    this.block = new RecurrentBlock(kind, vocabulary.size(), options);
    Weights.initialise(block, manager, options.seed(), firstValues, new Shape(1, 1));
    this.plain = PlainRecurrent.of(kind, block);
  }

  /** A language model of LSTM layers. */
  public static RecurrentModel lstm(Vocabulary vocabulary, RecurrentOptions options) {
    return of(Recurrent.Kind.LSTM, vocabulary, options);
  }

  /** A language model of GRU layers. */
  public static RecurrentModel gru(Vocabulary vocabulary, RecurrentOptions options) {
    return of(Recurrent.Kind.GRU, vocabulary, options);
  }

  /** A language model of simple recurrent layers with tanh. */
  public static RecurrentModel rnn(Vocabulary vocabulary, RecurrentOptions options) {
    return of(Recurrent.Kind.RNN_TANH, vocabulary, options);
  }

  /** A language model of layers of any kind. */
  public static RecurrentModel of(
      Recurrent.Kind kind, Vocabulary vocabulary, RecurrentOptions options) {
    return new RecurrentModel(
        kind,
        vocabulary,
        options,
        (name, shape, random) -> options.initialisation().values(kind, name, shape, random));
  }

  /** The model of a {@link #configuration}, with all weights zero. */
  static RecurrentModel of(Vocabulary vocabulary, JsonObject json) {
    var options =
        new RecurrentOptions(
            json.get("layers").getAsInt(),
            json.get("hidden").getAsInt(),
            json.get("embedding").getAsInt(),
            json.get("dropout").getAsDouble(),
            json.get("seed").getAsLong(),
            Initialisation.parse(json.get("initialisation").getAsString()),
            json.get("byHand").getAsBoolean());
    return new RecurrentModel(
        Recurrent.Kind.valueOf(json.get("kind").getAsString()),
        vocabulary,
        options,
        (name, shape, random) -> new float[Math.toIntExact(shape.size())]);
  }

  @Override
  public String configuration() {
    JsonObject json = ModelFile.json(TAG, vocabulary);
    json.addProperty("kind", kind.name());
    json.addProperty("layers", options.layers());
    json.addProperty("hidden", options.hidden());
    json.addProperty("embedding", options.embedding());
    json.addProperty("dropout", options.dropout());
    json.addProperty("seed", options.seed());
    json.addProperty("initialisation", options.initialisation().toString());
    json.addProperty("byHand", options.byHand());
    return json.toString();
  }

  public Recurrent.Kind kind() {
    return kind;
  }

  public RecurrentOptions options() {
    return options;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Such as {@code "LSTM 2x128"}. */
  @Override
  public String name() {
    String by = options.byHand() ? " by hand" : "";
    return kind + " " + options.layers() + "x" + options.hidden() + by;
  }

  @Override
  public Block block() {
    return block;
  }

  /** The recurrent layers alone. */
  public Recurrent recurrent() {
    return block.rnn();
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  /**
   * What the model makes of some tokens, without gradients and without dropout.
   *
   * @param ids (B, T) int64
   * @param state of an earlier call, or empty
   * @return logits (B, T, V), then the state after the last token, in the manager of {@code ids}
   */
  public NDList forward(NDArray ids, NDList state) {
    var inputs = new NDList(ids);
    inputs.addAll(state);
    return block.forward(new Frozen(ids.getManager()), inputs, false);
  }

  @Override
  public Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    var read = new NDList(TokenIds.of(inputs));
    read.addAll(state);
    NDList written = block.forward(parameters, read, training);
    NDArray loss = Loss.crossEntropy(written.get(0), labels.singletonOrThrow());
    var carried = new NDList();
    for (NDArray array : written.subNDList(1)) {
      carried.add(array.stopGradient());
    }
    return new Result(loss, carried);
  }

  @Override
  public double[] score(int[] tokens) {
    for (int token : tokens) {
      Objects.checkIndex(token, vocabulary.size());
    }
    double[] scores = new double[Math.max(0, tokens.length - 1)];
    try (NDManager carrier = manager.newSubManager()) {
      NDList state = new NDList();
      for (int from = 0; from < scores.length; from += CHUNK) {
        Interrupts.check("");
        int to = Math.min(scores.length, from + CHUNK);
        try (NDManager scope = carrier.newSubManager()) {
          NDArray ids = row(scope, tokens, from, to);
          NDArray next = row(scope, tokens, from + 1, to + 1);
          NDList result = forward(ids, state);
          float[] logs = result.get(0).logSoftmax(-1).gather(next.expandDims(2), 2).toFloatArray();
          for (int i = 0; i < logs.length; i++) {
            scores[from + i] = logs[i];
          }
          state.close();
          state = result.subNDList(1);
          state.attach(carrier);
        }
      }
    }
    return scores;
  }

  private static NDArray row(NDManager manager, int[] tokens, int from, int to) {
    long[] ids = Arrays.stream(tokens, from, to).asLongStream().toArray();
    return manager.create(ids, new Shape(1, ids.length));
  }

  /**
   * {@inheritDoc} The state works on a copy of the weights as they are now, in plain Java: further
   * training does not change it, and no native memory is held. Many copies of it side by side may
   * be stepped on a GPU, with the weights as they are then.
   */
  @Override
  public State start() {
    plain = plain.refreshed(block);
    PlainRecurrent.Reader reader = plain.reader();
    reader.read(vocabulary.end());
    return manager.getDevice().isGpu() ? new OnGpu(reader) : reader;
  }

  /** A plain state whose copies, if they are many, are stepped on the device. */
  private final class OnGpu implements State {
    private final PlainRecurrent.Reader reader;

    OnGpu(PlainRecurrent.Reader reader) {
      this.reader = reader;
    }

    @Override
    public double[] logProbabilities() {
      return reader.logProbabilities();
    }

    @Override
    public void read(int token) {
      reader.read(token);
    }

    @Override
    public State copy() {
      return new OnGpu(reader.duplicate());
    }

    @Override
    public States copies(int rows) {
      return SideBySide.onDevice(true, rows, parameters())
          ? new EngineStates(RecurrentModel.this, reader, rows)
          : reader.copies(rows);
    }

    @Override
    public int worthAtOnce() {
      return SideBySide.rows(true);
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
