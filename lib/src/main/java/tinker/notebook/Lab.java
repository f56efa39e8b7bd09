package tinker.notebook;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tinker.nn.Compute;
import tinker.train.Progress;
import tinker.train.Runs;

/**
 * What each notebook opens with, and where it asks how much work to do.
 *
 * <pre>{@code
 * Lab.open("03");
 * int epochs = Lab.budget(8, 1);          // 8 in a full run, 1 in a quick one
 * int wide   = Lab.budget(128, 32, 512);  // 512 in a full run on a GPU
 * }</pre>
 */
public final class Lab {
  private Lab() {}

  /**
   * Makes the page ready and says in one line what this run stands on: versions, device, threads,
   * run mode.
   *
   * @param notebook its number, such as {@code "03"}
   */
  public static void open(String notebook) {
    try {
      KernelExtension.installIfMissing();
    } catch (NoClassDefFoundError e) {
      // Another kernel than JJava, or none: outputs stay text.
    }
    if (Screen.isPage()) {
      Progress.use(PageProgress::new);
    }
    String line = "Notebook " + notebook + " \u00B7 " + versions();
    // A GPU that is there or asked for and cannot be used is said aloud.
    if (!Compute.isGpu() && !Compute.said().equals("CPU")) {
      line += "\n" + Compute.said();
    }
    Screen.current()
        .show(
            Rich.html(
                "<div class=\"tinker-versions\" style=\""
                    + Markup.QUIET
                    + "\">"
                    + Markup.escape(line).replace("\n", "<br>")
                    + "</div>",
                line));
  }

  private static String versions() {
    Engine engine = Engine.getInstance();
    return String.format(
        Locale.ROOT,
        "tinker %s \u00B7 DJL %s \u00B7 %s %s \u00B7 Java %s \u00B7 %s \u00B7 %s run",
        Runs.version(),
        Engine.getDjlVersion(),
        engine.getEngineName(),
        engine.getVersion(),
        Runtime.version().feature(),
        Compute.isGpu() ? Compute.said() : "CPU, " + Numbers.count(threads(), "thread", "threads"),
        mode().name().toLowerCase(Locale.ROOT));
  }

  /** How many threads one operation of the engine uses on the CPU. */
  private static int threads() {
    return Integer.getInteger(
        "ai.djl.pytorch.num_threads", Runtime.getRuntime().availableProcessors());
  }

  /** How much work this run does. */
  public static RunMode mode() {
    return RunMode.of(System.getenv().getOrDefault("TINKER_RUN_MODE", ""));
  }

  /** {@code full} in a full run, {@code quick} in a quick one. */
  public static int budget(int full, int quick) {
    return budget(full, quick, full);
  }

  /**
   * {@code full} in a full run on the CPU, {@code quick} in a quick one on either, {@code gpu} in a
   * full run on a GPU, where there is time for more.
   *
   * <pre>{@code
   * int hidden = Lab.budget(128, 32, 512);
   * }</pre>
   */
  public static int budget(int full, int quick, int gpu) {
    return budget(mode(), Compute.isGpu(), full, quick, gpu);
  }

  static int budget(RunMode mode, boolean onGpu, int full, int quick, int gpu) {
    return mode == RunMode.QUICK ? quick : onGpu ? gpu : full;
  }

  /**
   * Real data if it can be had here, so that a notebook goes on without it.
   *
   * <pre>{@code
   * var plays = Lab.ifAvailable(TinyShakespeare::load);   // empty without internet, mirror or cache
   * }</pre>
   *
   * @param loader reads a data set, downloading it at first use
   * @return what it gave; empty, after one sentence on the page that says why, if it gave none
   */
  public static <T> Optional<T> ifAvailable(Loader<T> loader) {
    try {
      return Optional.of(loader.load());
    } catch (IOException e) {
      Screen.current().show(Rich.text("Going on without it: " + e.getMessage()));
      return Optional.empty();
    }
  }

  /**
   * A Java program of its own, outside the notebook, with the class path and the options of the
   * notebook's Java (threads, memory, system properties).
   *
   * <pre>{@code
   * Lab.java("tinker.generate.WriteText", "--model", "review.tinker").inheritIO().start()
   * }</pre>
   *
   * @param command a class with a {@code main} method, or a source file, and its arguments
   * @return ready to start; its error stream is separate, and it works in the notebook's folder
   */
  public static ProcessBuilder java(String... command) {
    String classPath =
        Stream.of(System.getenv("JJAVA_CLASSPATH"), System.getenv("IJAVA_CLASSPATH"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(System.getProperty("java.class.path", ""));
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    // Not its modules and agents: they serve the kernel, and an agent's port is taken.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(Lab::handedOn)
        .forEach(words::add);
    words.addAll(List.of("-cp", classPath));
    words.addAll(List.of(command));
    return new ProcessBuilder(words);
  }

  /** Properties, memory, and what keeps newer JDKs from warning of native code. */
  static boolean handedOn(String option) {
    return Stream.of("-D", "-X", "--enable-native-access=", "--sun-misc-unsafe-memory-access=")
        .anyMatch(option::startsWith);
  }

  /**
   * Puts Apache Spark on the class path of the notebook, so that its cells can import it. Where it
   * has not been fetched yet, this does so with the command {@code environment/spark}: once, about
   * 150 MB.
   *
   * @throws IOException if it cannot be had, with what to do
   * @throws InterruptedException if the thread is interrupted; what was fetched so far is dropped
   */
  public static void addSpark() throws IOException, InterruptedException {
    Spark.add(System.getenv("TINKER_SPARK"));
  }

  /** Something that reads a data set. */
  @FunctionalInterface
  public interface Loader<T> {
    T load() throws IOException;
  }

  /** Checks all that notebooks need, line by line, each with what to do if it is missing. */
  public static void check() {
    Screen.current().show(Environment.check().rich());
  }
}
