package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Initialisation;
import tinker.nn.Initialiser;
import tinker.nn.Interrupts;
import tinker.nn.Loss;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

/**
 * The model of textgenrnn (Woolf 2017): embedding, LSTM layers, and from all of them together an
 * average over the window, weighted by attention; from it the next token. It looks at the last 40
 * tokens and no further.
 *
 * <pre>{@code
 * var model = TextGenRnn.of(chars, TextGenRnnOptions.characters().seed(7));
 * var other = Fit.file(path, TextGenRnn::words, FitOptions.epochs(10));   // trained, in one line
 * model.similarity("a warm and gentle record", "gentle, warm songs");
 * }</pre>
 *
 * <p>The original reads a window of its own for every token it learns from. Here one window teaches
 * all its positions, each from what stands before it, so the same text costs a fortieth. The loss
 * in training is therefore a mean over histories of 1 to 40 tokens, and higher than in {@link
 * #score}, where each token is predicted from as many as there are. Train with steps of a window's
 * length or several of them: a model whose steps are shorter never sees a full window, and is lost
 * where {@link #score} and a generator give it one.
 */
public final class TextGenRnn implements NeuralModel {
  /** What a configuration calls this class. */
  static final String TAG = "textgenrnn";

  /** How many windows go through the engine in one call. */
  private static final int CHUNK = 256;

  private final Vocabulary vocabulary;
  private final TextGenRnnOptions options;
  private final NDManager manager;
  private final TextGenRnnBlock block;

  private TextGenRnn(Vocabulary vocabulary, TextGenRnnOptions options, Weights.Drawer first) {
    this.vocabulary = vocabulary;
    this.options = options;
    this.manager = NDManager.newBaseManager(Compute.device());
    manager.setName(name());
    this.block = new TextGenRnnBlock(vocabulary.size(), options);
    Weights.initialise(block, manager, options.seed(), first, new Shape(1, 1));
  }

  /** A model with random weights. */
  public static TextGenRnn of(Vocabulary vocabulary, TextGenRnnOptions options) {
    // As textgenrnn's library does it, but for the embeddings: Xavier, orthogonal, forget gates
    // open.
    Initialisation start = Initialisation.orthogonal();
    Initialiser embedding = Initialiser.normal(1);
    return new TextGenRnn(
        vocabulary,
        options,
        (name, shape, random) ->
            name.startsWith("embedding.")
                ? embedding.values((int) shape.get(0), (int) shape.get(1), random)
                : start.values(Recurrent.Kind.LSTM, name, shape, random));
  }

  /** A new model of the usual size that reads the characters of {@code training}. */
  public static TextGenRnn characters(Corpus training) {
    return of(Vocabulary.ofCharacters(training), TextGenRnnOptions.characters());
  }

  /**
   * A new model of the usual size that reads words: those that occur at least twice in {@code
   * training}. The others teach it where to expect a word that it does not know.
   */
  public static TextGenRnn words(Corpus training) {
    return of(Vocabulary.ofWords(training, 2), TextGenRnnOptions.words());
  }

  static TextGenRnn of(Vocabulary vocabulary, JsonObject json) {
    var options =
        new TextGenRnnOptions(
            json.get("window").getAsInt(),
            json.get("embedding").getAsInt(),
            json.get("layers").getAsInt(),
            json.get("hidden").getAsInt(),
            json.get("dropout").getAsDouble(),
            json.get("seed").getAsLong());
    return new TextGenRnn(
        vocabulary, options, (name, shape, random) -> new float[Math.toIntExact(shape.size())]);
  }

  @Override
  public String configuration() {
    JsonObject json = ModelFile.json(TAG, vocabulary);
    json.addProperty("window", options.window());
    json.addProperty("embedding", options.embedding());
    json.addProperty("layers", options.layers());
    json.addProperty("hidden", options.hidden());
    json.addProperty("dropout", options.dropout());
    json.addProperty("seed", options.seed());
    return json.toString();
  }

  public TextGenRnnOptions options() {
    return options;
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Such as {@code "textgenrnn 2x128"}. */
  @Override
  public String name() {
    return "textgenrnn " + options.layers() + "x" + options.hidden();
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
   * {@inheritDoc} Rows longer than the window are cut into windows; nothing is carried from one
   * batch to the next.
   */
  @Override
  public Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    NDArray ids = TokenIds.of(inputs); // (B, T)
    long steps = ids.getShape().get(1);
    var logits = new NDList();
    for (long from = 0; from < steps; from += options.window()) {
      long to = Math.min(steps, from + options.window());
      NDArray window = steps <= options.window() ? ids : ids.get(new NDIndex(":, {}:{}", from, to));
      logits.add(block.forward(parameters, new NDList(window), training).head()); // (B, W, V)
    }
    NDArray all = logits.size() == 1 ? logits.head() : NDArrays.concat(logits, 1); // (B, T, V)
    return new Result(Loss.crossEntropy(all, labels.singletonOrThrow()), new NDList());
  }

  @Override
  public double[] score(int[] tokens) {
    for (int token : tokens) {
      Objects.checkIndex(token, vocabulary.size());
    }
    double[] scores = new double[Math.max(0, tokens.length - 1)];
    // Each place has a window of its own, so the cores share them out.
    IntStream chunks = IntStream.range(0, (scores.length + CHUNK - 1) / CHUNK);
    Thread asking = Thread.currentThread();
    // A card works on one after the other anyway, and would hold what all of them need.
    (manager.getDevice().isGpu() ? chunks : chunks.parallel())
        .forEach(
            chunk -> {
              if (!asking.isInterrupted()) {
                score(tokens, scores, CHUNK * chunk);
              }
            });
    Interrupts.check("");
    return scores;
  }

  /** Fills in the scores from this place on, as many as are asked for at once. */
  private void score(int[] tokens, double[] scores, int from) {
    int count = Math.min(scores.length - from, CHUNK);
    int[][] windows = new int[count][];
    long[] next = new long[count];
    for (int i = 0; i < count; i++) {
      int end = from + i + 1;
      windows[i] = Arrays.copyOfRange(tokens, Math.max(0, end - options.window()), end);
      next[i] = tokens[end];
    }
    try (NDManager scope = manager.newSubManager()) {
      NDArray logs = logits(scope, windows).logSoftmax(-1); // (N, V)
      float[] values = logs.gather(scope.create(next, new Shape(count, 1)), 1).toFloatArray();
      for (int i = 0; i < count; i++) {
        scores[from + i] = values[i];
      }
    }
  }

  /** What comes after each window: (N, V). */
  private NDArray logits(NDManager scope, int[]... windows) {
    NDArray vectors = vectors(scope, windows); // (N, C)
    return block.answer(new Frozen(scope), vectors, false);
  }

  /** The average that stands for each window: (N, C). */
  private NDArray vectors(NDManager scope, int[]... windows) {
    int longest = Arrays.stream(windows).mapToInt(w -> w.length).max().orElse(1);
    long[] ids = new long[windows.length * longest];
    long[] last = new long[windows.length];
    for (int row = 0; row < windows.length; row++) {
      // What fills a row up stands after its tokens, where none of them sees it.
      for (int t = 0; t < windows[row].length; t++) {
        ids[row * longest + t] = windows[row][t];
      }
      last[row] = (long) row * longest + windows[row].length - 1;
    }
    NDArray read = scope.create(ids, new Shape(windows.length, longest));
    NDArray averages = block.average(new Frozen(scope), read, false).get(0); // (N, T, C)
    NDArray flat = averages.reshape(-1, averages.getShape().get(2));
    return flat.get(scope.create(last)); // (N, C)
  }

  /**
   * How much each of the last tokens of a text counts for what comes next.
   *
   * @param history token ids, at least 1
   * @return one weight for each of the last tokens of {@code history}, at most {@link
   *     TextGenRnnOptions#window} of them, oldest first; they sum to 1
   */
  public float[] attention(int... history) {
    int[] window = window(history);
    try (NDManager scope = manager.newSubManager()) {
      long[] ids = Arrays.stream(window).asLongStream().toArray();
      NDArray read = scope.create(ids, new Shape(1, ids.length));
      NDArray weights = block.average(new Frozen(scope), read, false).get(1); // (1, T, T)
      float[] all = weights.toFloatArray();
      return Arrays.copyOfRange(all, all.length - window.length, all.length);
    }
  }

  /**
   * A vector for a text, from which texts can be compared: the mean over its windows, one after the
   * other, of what the model makes its prediction from.
   *
   * @param text at least one token long
   * @throws IllegalArgumentException if it is empty
   */
  public float[] vector(String text) {
    int[] tokens = vocabulary.encode(text);
    if (tokens.length == 0) {
      throw new IllegalArgumentException("the text is empty; it must have at least one token");
    }
    int windows = (tokens.length + options.window() - 1) / options.window();
    int[][] parts = new int[windows][];
    for (int i = 0; i < windows; i++) {
      // Full windows, the last one ending with the text.
      int end = i == windows - 1 ? tokens.length : (i + 1) * options.window();
      parts[i] = Arrays.copyOfRange(tokens, Math.max(0, end - options.window()), end);
    }
    double[] sum = {};
    for (int from = 0; from < windows; from += CHUNK) {
      int[][] some = Arrays.copyOfRange(parts, from, Math.min(windows, from + CHUNK));
      try (NDManager scope = manager.newSubManager()) {
        float[] part = vectors(scope, some).sum(new int[] {0}).toFloatArray();
        sum = Arrays.copyOf(sum, part.length);
        for (int i = 0; i < part.length; i++) {
          sum[i] += part[i];
        }
      }
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / windows);
    }
    return mean;
  }

  /**
   * How alike the model holds two texts: the cosine of their {@link #vector vectors}, in [-1, 1].
   */
  public double similarity(String one, String other) {
    float[] a = vector(one);
    float[] b = vector(other);
    double dot = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      squareA += (double) a[i] * a[i];
      squareB += (double) b[i] * b[i];
    }
    return Math.max(-1, Math.min(1, dot / Math.sqrt(squareA * squareB)));
  }

  private int[] window(int[] history) {
    if (history.length == 0) {
      throw new IllegalArgumentException("the history is empty; it must have at least one token");
    }
    for (int token : history) {
      Objects.checkIndex(token, vocabulary.size());
    }
    return Arrays.copyOfRange(
        history, Math.max(0, history.length - options.window()), history.length);
  }

  @Override
  public State start() {
    return new Reader(new int[] {vocabulary.end()});
  }

  /** Asks the engine anew for each window, since every token moves its beginning. */
  private final class Reader implements State {
    private int[] history;

    Reader(int[] history) {
      this.history = history;
    }

    @Override
    public double[] logProbabilities() {
      return atOnce(List.of(this))[0];
    }

    @Override
    public void read(int token) {
      Objects.checkIndex(token, vocabulary.size());
      int[] longer = Arrays.copyOf(history, history.length + 1);
      longer[history.length] = token;
      history = window(longer);
    }

    @Override
    public State copy() {
      return new Reader(history);
    }

    @Override
    public States copies(int rows) {
      return SideBySide.copies(this, rows, manager.getDevice().isGpu(), TextGenRnn.this::atOnce);
    }

    @Override
    public int worthAtOnce() {
      // As many windows as a card holds when it scores.
      return manager.getDevice().isGpu() ? CHUNK : State.super.worthAtOnce();
    }
  }

  /** The log-probabilities of readers, in one call of the engine. */
  double[][] atOnce(List<State> readers) {
    int[][] windows =
        readers.stream().map(reader -> ((Reader) reader).history).toArray(int[][]::new);
    try (NDManager scope = manager.newSubManager()) {
      return Logits.logSoftmax(logits(scope, windows).toFloatArray(), windows.length);
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
