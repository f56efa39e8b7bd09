package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tinker.nn.Archive;
import tinker.nn.ArchiveException;
import tinker.nn.Safetensors;
import tinker.nn.SafetensorsException;
import tinker.nn.Tensor;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Tokenized;

/**
 * Everything a training run needs to go on as if it had never stopped, in one file: architecture
 * and vocabulary, weights, options and seed, the optimizer's moments, the position in the data, the
 * state carried over from batch to batch, the best weights so far, and the history.
 *
 * <pre>{@code
 * Fit.of(model, split, FitOptions.epochs(20).checkpoint(file));   // writes after each epoch
 * Fit.resume(model, split, file);                                 // goes on where it stopped
 * Checkpoint.read(file)                                           // what is in it
 * }</pre>
 *
 * <p>What dropout draws follows from the seed and the number of the step, and the order of the data
 * from the seed and the number of the epoch, so no other random state has to be kept. The file is a
 * model file as well: {@code NeuralModel.load} reads the model from it.
 */
public final class Checkpoint {
  private static final String KIND = "checkpoint";
  private static final String CONFIGURATION = "configuration";
  private static final String TRAINING = "training";
  private static final String MOMENTS = "train/moment/";
  private static final String BEST = "train/best/";
  private static final String STATE = "train/state/";

  /** Parts of a configuration that say only what the weights began with. */
  private static final Set<String> OF_FIRST_WEIGHTS = Set.of("seed", "initialisation");

  private static final String VOCABULARY = "vocabulary";

  private final Path file;
  private final Position position;
  private final String configuration;
  private final Map<String, Tensor> tensors;

  private Checkpoint(
      Path file, Position position, String configuration, Map<String, Tensor> tensors) {
    this.file = file;
    this.position = position;
    this.configuration = configuration;
    this.tensors = tensors;
  }

  /**
   * Where a run stands.
   *
   * @param data what tells the training data from other data, if that is known
   * @param workers how many shared out each batch, which decides in which order gradients are
   *     summed; 0 if that is not known, as in files written before it was kept
   */
  record Position(
      FitOptions options,
      @Nullable String data,
      int batches,
      int workers,
      int epoch,
      int batchInEpoch,
      long updates,
      double pointLoss,
      int pointSteps,
      double epochLoss,
      long epochPredictions,
      double bestLoss,
      int bestEpoch,
      int withoutImprovement,
      double epochSeconds,
      double epochValidating,
      History history,
      @Nullable Stopped stopped) {}

  /**
   * Reads a checkpoint.
   *
   * @throws ArchiveException if there is none at this place, or it is not whole, not as it was
   *     written, or of another version
   * @throws IOException if it cannot be read
   */
  public static Checkpoint read(Path file) throws IOException {
    Safetensors archive = Archive.read(file);
    Map<String, String> texts = archive.metadata();
    if (!KIND.equals(texts.get("kind"))) {
      throw new ArchiveException(
          String.format(
              Locale.ROOT,
              "%s holds a %s, not a training run that could be resumed",
              file,
              texts.get("kind")));
    }
    try {
      Position position = Json.read(texts.get(TRAINING), Position.class);
      if (!whole(position)) {
        throw new JsonParseException("a part is missing or of a later version");
      }
      return new Checkpoint(
          file, position, texts.getOrDefault(CONFIGURATION, ""), archive.tensors());
    } catch (JsonParseException e) {
      throw new ArchiveException(
          file + " tells of a training run in a form not known here: " + e.getMessage(), e);
    }
  }

  /** False if something is missing, or was of a kind that came only later: that is read as null. */
  private static boolean whole(Position position) {
    Stopped stopped = position.stopped();
    return position.options() != null
        && position.options().schedule() != null
        && position.history() != null
        && position.workers() >= 0
        && (stopped == null || stopped.reason() != null);
  }

  static void write(
      Path file,
      Trainable trainable,
      Position position,
      Map<String, float[]> moments,
      NDList state,
      @Nullable Snapshot best)
      throws IOException {
    Safetensors.Builder builder = Archive.builder(KIND);
    builder.text(CONFIGURATION, trainable.configuration());
    builder.text(TRAINING, Json.GSON.toJson(position));
    Weights.save(trainable.block(), builder);
    moments.forEach(
        (name, values) -> builder.put(MOMENTS + name, Tensor.of(values, values.length)));
    for (int i = 0; i < state.size(); i++) {
      builder.put(STATE + i, tensor(state.get(i)));
    }
    if (best != null) {
      best.arrays().forEach((name, array) -> builder.put(BEST + name, tensor(array)));
    }
    Archive.write(builder, file);
    sweep(file, Files::list);
  }

  /** Lists a folder. */
  interface Listing {
    Stream<Path> of(Path folder) throws IOException;
  }

  /** Removes what a writer that was killed left beside the file. */
  static void sweep(Path file, Listing listing) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      return;
    }
    Pattern part =
        Pattern.compile("\\." + Pattern.quote(target.getFileName() + ".") + "(\\d+)-\\d+\\.part");
    try (Stream<Path> all = listing.of(folder)) {
      for (Path other : all.toList()) {
        Matcher matcher = part.matcher(other.getFileName().toString());
        if (matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
          Files.deleteIfExists(other);
        }
      }
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      // They are only in the way of tidiness. The unchecked one comes while the folder is read.
    }
  }

  private static Tensor tensor(NDArray array) {
    return Tensor.of(Weights.values(array), array.getShape().getShape());
  }

  /** What the run was asked to do. */
  public FitOptions options() {
    return position.options();
  }

  /** What happened so far. */
  public History history() {
    return position.history();
  }

  /** Number of updates made so far. */
  public long updates() {
    return position.updates();
  }

  /** Number of epochs gone through to their end. */
  public int epochs() {
    return position.epoch();
  }

  Position position() {
    return position;
  }

  /** The optimizer's moments, as {@code AdamW.moments} gave them. */
  Map<String, float[]> moments() {
    var moments = new LinkedHashMap<String, float[]>();
    below(MOMENTS).forEach((name, tensor) -> moments.put(name, tensor.floats()));
    return moments;
  }

  /** The state that the next batch goes on from, as arrays of {@code manager}. */
  NDList state(NDManager manager) {
    var state = new NDList();
    Map<String, Tensor> arrays = below(STATE);
    for (int i = 0; i < arrays.size(); i++) {
      Tensor tensor = Objects.requireNonNull(arrays.get(Integer.toString(i)));
      state.add(manager.create(tensor.floats(), new Shape(tensor.shape())));
    }
    return state;
  }

  /**
   * Whether the weights of this checkpoint, and the best ones if it has them, are those of a model;
   * nothing is changed.
   *
   * @throws ArchiveException if it is another one
   */
  void checkWeights(Trainable trainable) throws ArchiveException {
    checkConfiguration(trainable);
    try {
      Weights.check(trainable.block(), weights());
      if (hasBest()) {
        Weights.check(trainable.block(), below(BEST));
      }
    } catch (SafetensorsException e) {
      throw new ArchiveException(file + " does not fit the model: " + e.getMessage(), e);
    }
  }

  /** Whether it is the same model but for its first weights, which the file replaces anyway. */
  private void checkConfiguration(Trainable trainable) throws ArchiveException {
    String own = trainable.configuration();
    if (own.isEmpty() || configuration.isEmpty() || own.equals(configuration)) {
      return;
    }
    JsonObject there = parsed(configuration);
    JsonObject here = parsed(own);
    Set<String> differing = differing(there, here);
    if (differing.isEmpty()) {
      return;
    }
    String vocabulary = otherVocabulary(trainable, there);
    if (!vocabulary.isEmpty()) {
      differing.remove(VOCABULARY);
    }
    throw new ArchiveException(
        String.format(
            Locale.ROOT,
            "%s was written while training another model%s; load the model from the file with"
                + " NeuralModel.load, or make one of the same sizes and vocabulary%s",
            file,
            vocabulary,
            both(differing, there, here)));
  }

  /** What a configuration says; one that is no JSON object, as a whole. */
  private static JsonObject parsed(String configuration) {
    try {
      return JsonParser.parseString(configuration).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      var whole = new JsonObject();
      whole.addProperty(CONFIGURATION, configuration);
      return whole;
    }
  }

  private static Set<String> differing(JsonObject there, JsonObject here) {
    var keys = new LinkedHashSet<String>(there.keySet());
    keys.addAll(here.keySet());
    keys.removeIf(
        key -> OF_FIRST_WEIGHTS.contains(key) || Objects.equals(there.get(key), here.get(key)));
    return keys;
  }

  /** What there is to say of the vocabulary if its size is the difference. */
  private static String otherVocabulary(Trainable trainable, JsonObject configuration) {
    if (!(trainable instanceof Tokenized tokenized)) {
      return "";
    }
    int here = tokenized.vocabulary().textTokens().size();
    int there = tokens(configuration);
    int special = tokenized.vocabulary().size() - here;
    return there < 0 || there == here
        ? ""
        : String.format(
            Locale.ROOT,
            ": the vocabulary has %,d tokens, the weights are for %,d",
            here + special,
            there + special);
  }

  /** How many tokens the vocabulary of a configuration has; -1 if it does not say. */
  private static int tokens(JsonObject configuration) {
    return configuration.get(VOCABULARY) instanceof JsonObject vocabulary
            && vocabulary.get("tokens") instanceof JsonArray tokens
        ? tokens.size()
        : -1;
  }

  /** The values of these keys on both sides; of a vocabulary, which is long, only the size. */
  private static String both(Set<String> keys, JsonObject there, JsonObject here) {
    var said = new ArrayList<String>();
    for (String key : keys) {
      said.add(
          key.equals(VOCABULARY)
              ? String.format(
                  Locale.ROOT,
                  "the vocabulary is another one (%,d tokens there, %,d here)",
                  Math.max(0, tokens(there)),
                  Math.max(0, tokens(here)))
              : key + " is " + shown(there.get(key)) + " there, " + shown(here.get(key)) + " here");
    }
    return said.isEmpty() ? "" : ": " + String.join("; ", said);
  }

  /** 0 and not 0.0, LSTM and not "LSTM". */
  private static String shown(@Nullable JsonElement value) {
    if (value == null) {
      return "missing";
    }
    String text = value.isJsonPrimitive() ? value.getAsString() : value.toString();
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  /** Gives a model the weights of this checkpoint, which {@link #checkWeights} has let through. */
  void putWeights(Trainable trainable) throws IOException {
    Weights.load(trainable.block(), weights());
  }

  /** True if it holds the best weights beside the last ones. */
  boolean hasBest() {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith(BEST));
  }

  /** Gives {@code block} the best weights of this checkpoint. */
  void putBest(Block block) throws IOException {
    Weights.load(block, below(BEST));
  }

  private Map<String, Tensor> weights() {
    var weights = new LinkedHashMap<>(tensors);
    weights.keySet().removeIf(name -> name.startsWith("train/"));
    return weights;
  }

  private Map<String, Tensor> below(String prefix) {
    var found = new LinkedHashMap<String, Tensor>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), tensor);
          }
        });
    return found;
  }

  @Override
  public String toString() {
    Stopped stopped = position.stopped();
    return String.format(
        Locale.ROOT,
        "%s: %d of %d epochs and %d batches, %,d steps%s",
        file.getFileName(),
        position.epoch(),
        position.options().epochs(),
        position.batchInEpoch(),
        position.updates(),
        stopped == null ? "" : "; " + stopped.sentence());
  }
}
