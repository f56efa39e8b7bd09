package tinker.train;

import ai.djl.engine.Engine;
import com.google.gson.JsonParseException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tinker.nn.Gradients;
import tinker.nn.Trainable;
import tinker.nn.Weights;

/**
 * The record of runs: each fit adds one line of JSON to a plain file, with its options, seed, data,
 * versions, device, curve and result. So what was tried is known without memory, and a small change
 * can be compared with the known good curve.
 *
 * <pre>{@code
 * var runs = Runs.read(file);
 * runs.table()               // one row a run
 * runs.curves()              // name to history: Plots.loss(runs.curves()) lays them over each other
 * }</pre>
 */
public final class Runs {
  private static final Object WRITING = new Object();

  private final List<Run> runs;
  private final int damaged;

  private Runs(List<Run> runs, int damaged) {
    this.runs = List.copyOf(runs);
    this.damaged = damaged;
  }

  /**
   * One run.
   *
   * @param time when it ended
   * @param model what the model is called
   * @param parameters how many numbers it holds
   * @param options what was asked for, the seed among it
   * @param data SHA-256 of the training texts, or of the batches that the run was given; null if it
   *     was given batches that have none
   * @param versions of Java, this library and the engine
   * @param device what it ran on
   * @param history the curves
   * @param result why it ended, in one word
   * @param seconds it took
   */
  public record Run(
      String time,
      String model,
      long parameters,
      FitOptions options,
      @Nullable String data,
      Map<String, String> versions,
      String device,
      History history,
      Stopped.Reason result,
      double seconds) {

    static Run of(Fit fit, Trainable trainable, @Nullable String data, double seconds) {
      Engine engine = Engine.getInstance();
      Map<String, String> versions = new LinkedHashMap<>();
      versions.put("java", Runtime.version().toString());
      versions.put("tinker", Runs.version());
      versions.put("djl", Engine.getDjlVersion());
      versions.put(engine.getEngineName(), engine.getVersion());
      return new Run(
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
          Fit.name(trainable),
          Weights.count(trainable.block()),
          fit.options(),
          data,
          versions,
          Gradients.device(trainable.block())
              + ", "
              + Runtime.getRuntime().availableProcessors()
              + " processors",
          fit.history(),
          fit.stopped().reason(),
          seconds);
    }

    /** The lowest validation loss; NaN without validation. */
    public double best() {
      return history.best().orElse(Double.NaN);
    }

    /** The training loss of the last whole epoch; NaN if there was none. */
    public double loss() {
      List<History.Epoch> epochs = history.epochs();
      return epochs.isEmpty() ? Double.NaN : epochs.get(epochs.size() - 1).loss();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s, %s: %,d parameters, seed %d, best validation %.4f, %s",
          model,
          time,
          parameters,
          options.seed(),
          best(),
          result);
    }
  }

  /** The version of this library, which stands in its jar. */
  public static String version() {
    String version = Runs.class.getPackage().getImplementationVersion();
    return version == null ? "built from source" : version;
  }

  /**
   * The file that runs are recorded in unless their options say otherwise: what the environment
   * variable {@code TINKER_RUNS} names, or null.
   */
  public static @Nullable Path file() {
    String named = System.getenv().getOrDefault("TINKER_RUNS", "").strip();
    return named.isEmpty() ? null : Path.of(named);
  }

  /**
   * Reads a record. A line that is no run, such as one torn by a crash or of a later version, is
   * passed over and counted.
   *
   * @throws IOException if the file cannot be read
   */
  public static Runs read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new IOException("there is no record of runs at " + file);
    }
    var runs = new ArrayList<Run>();
    int damaged = 0;
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      if (line.isBlank()) {
        continue;
      }
      try {
        Run run = Json.read(line, Run.class);
        if (!whole(run)) {
          throw new JsonParseException("not a run");
        }
        runs.add(run);
      } catch (JsonParseException e) {
        damaged++;
      }
    }
    return new Runs(runs, damaged);
  }

  /** False if something is missing, or was of a kind that came only later: that is read as null. */
  private static boolean whole(Run run) {
    return run.model != null
        && run.options != null
        && run.options.schedule() != null
        && run.device != null
        && run.history != null
        && run.result != null;
  }

  static void append(Path file, Run run) throws IOException {
    byte[] line = (Json.GSON.toJson(run) + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (WRITING) {
      Path folder = file.toAbsolutePath().getParent();
      // As in Safetensors: older JDKs refuse a link to a folder.
      if (folder != null && !Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      if (endsTorn(file)) {
        byte[] whole = new byte[line.length + 1];
        whole[0] = '\n';
        System.arraycopy(line, 0, whole, 1, line.length);
        line = whole;
      }
      // One write to the end of the file, which no other process can come between; and a stream,
      // because a channel would be closed by an interrupt half-way.
      try (var out = new FileOutputStream(file.toFile(), true)) {
        out.write(line);
      }
    }
  }

  private static boolean endsTorn(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return false;
    }
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(in.length() - 1);
      return in.read() != '\n';
    }
  }

  /** The runs, oldest first. */
  public List<Run> all() {
    return runs;
  }

  /** How many lines of the file could not be read. */
  public int damaged() {
    return damaged;
  }

  /** One row a run, oldest first. */
  public Table table() {
    return Table.create(
        "runs",
        text("time", Run::time),
        text("model", Run::model),
        whole("parameters", Run::parameters),
        whole("epochs", run -> run.options.epochs()),
        whole("batch", run -> run.options.batchSize()),
        whole("bptt", run -> run.options.bptt()),
        number("rate", run -> run.options.schedule().maximum()),
        text("schedule", run -> run.options.schedule().getClass().getSimpleName()),
        number("decay", run -> run.options.weightDecay()),
        text("seed", run -> Long.toString(run.options.seed())),
        number("train", Run::loss),
        number("validation", Run::best),
        text("result", run -> run.result.toString().toLowerCase(Locale.ROOT).replace('_', ' ')),
        number("seconds", Run::seconds),
        text(
            "data",
            run -> run.data == null ? "" : run.data.substring(0, Math.min(8, run.data.length()))),
        text("device", Run::device));
  }

  /** The curves of each run, by its number and model, in the order of the file. */
  public Map<String, History> curves() {
    var curves = new LinkedHashMap<String, History>();
    for (int i = 0; i < runs.size(); i++) {
      curves.put((i + 1) + " " + runs.get(i).model, runs.get(i).history);
    }
    return curves;
  }

  private StringColumn text(String name, Function<Run, String> value) {
    return StringColumn.create(name, runs.stream().map(value));
  }

  private LongColumn whole(String name, java.util.function.ToLongFunction<Run> value) {
    return LongColumn.create(name, runs.stream().mapToLong(value));
  }

  private DoubleColumn number(String name, ToDoubleFunction<Run> value) {
    return DoubleColumn.create(name, runs.stream().mapToDouble(value));
  }

  @Override
  public String toString() {
    String line = runs.size() + " runs";
    return damaged == 0 ? line : line + "; " + damaged + " lines could not be read";
  }
}
