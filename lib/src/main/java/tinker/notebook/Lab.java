package tinker.notebook;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.Locale;
import tinker.nn.Compute;
import tinker.train.Progress;

/**
 * What each notebook opens with, and where it asks how much work to do.
 *
 * <pre>{@code
 * Lab.open("03");
 * int epochs = Lab.budget(8, 1);          // 8 in a full run, 1 in a quick one
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
    Screen.current()
        .show(
            Rich.html(
                "<div class=\"tinker-versions\" style=\""
                    + Markup.QUIET
                    + "\">"
                    + Markup.escape(line)
                    + "</div>",
                line));
  }

  private static String versions() {
    Device device = Compute.device();
    Engine engine = Engine.getInstance();
    return String.format(
        Locale.ROOT,
        "tinker %s \u00B7 DJL %s \u00B7 %s %s \u00B7 Java %s \u00B7 %s \u00B7 %s run",
        version(),
        Engine.getDjlVersion(),
        engine.getEngineName(),
        engine.getVersion(),
        Runtime.version().feature(),
        device.isGpu() ? "GPU" : "CPU, " + Numbers.count(threads(), "thread", "threads"),
        mode().name().toLowerCase(Locale.ROOT));
  }

  /** How many threads one operation of the engine uses on the CPU. */
  private static int threads() {
    return Integer.getInteger(
        "ai.djl.pytorch.num_threads", Runtime.getRuntime().availableProcessors());
  }

  private static String version() {
    String version = Lab.class.getPackage().getImplementationVersion();
    return version == null ? "1.0" : version;
  }

  /** How much work this run does. */
  public static RunMode mode() {
    return RunMode.of(System.getenv().getOrDefault("TINKER_RUN_MODE", ""));
  }

  /** {@code full} in a full run, {@code quick} in a quick one. */
  public static int budget(int full, int quick) {
    return mode() == RunMode.FULL ? full : quick;
  }

  /** Checks all that notebooks need, line by line, each with what to do if it is missing. */
  public static void check() {
    Screen.current().show(Environment.check().rich());
  }
}
