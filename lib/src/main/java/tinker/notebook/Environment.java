package tinker.notebook;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import tinker.nn.Compute;
import tinker.plot.Line;
import tinker.plot.Plots;

/** What notebooks need of the machine, tried out line by line. */
final class Environment {
  private static final long MEGABYTE = 1 << 20;

  /**
   * @param name what was tried
   * @param good whether it works
   * @param found what was found, or what to do
   */
  record Finding(String name, boolean good, String found) {}

  private final List<Finding> findings = new ArrayList<>();

  static Environment check() {
    var environment = new Environment();
    environment.all();
    return environment;
  }

  private void all() {
    int java = Runtime.version().feature();
    add(
        "Java",
        java >= 17,
        java >= 17 ? "version " + java : "version " + java + "; install JDK 17 or newer");
    long heap = Runtime.getRuntime().maxMemory() / MEGABYTE;
    add(
        "memory",
        heap >= 900,
        String.format(
            Locale.ROOT,
            heap >= 900
                ? "%,d MB for Java"
                : "%,d MB for Java; at least 1,000 are needed: give the machine more, or set the"
                    + " heap as README says",
            heap));
    attempt("engine", "run environment/lab again; it brings the engine", Environment::engine);
    attempt("device", "unset TINKER_DEVICE, or set it to cpu", Compute::said);
    attempt(
        "pictures",
        "install fontconfig and a font, such as fonts-dejavu-core",
        Environment::picture);
    attempt("data", "build the library again: run environment/lab", Environment::data);
    boolean page = Screen.isPage();
    add(
        "kernel",
        page,
        page
            ? "tables, pictures and progress show themselves"
            : "this kernel shows plain text only; choose the kernel \"Java (tinker)\"");
    attempt("disk", "choose a folder that can be written to", Environment::disk);
    String mirror = System.getenv().getOrDefault("TINKER_MIRROR", "");
    boolean there = mirror.isEmpty() || Files.isDirectory(Path.of(mirror));
    add(
        "mirror",
        there,
        mirror.isEmpty()
            ? "none; larger data sets come from the internet"
            : there
                ? mirror
                : "TINKER_MIRROR is \""
                    + mirror
                    + "\", which is no folder; correct it or unset it");
  }

  private void add(String name, boolean good, String found) {
    findings.add(new Finding(name, good, found));
  }

  void attempt(String name, String otherwise, Callable<String> trial) {
    try {
      add(name, true, trial.call());
    } catch (Exception | LinkageError | InternalError e) {
      // The last is what Java 17 throws where there are no fonts.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      add(name, false, Renderings.shortened(reason, 200) + "; " + otherwise);
    }
  }

  private static String engine() {
    try (NDManager manager = NDManager.newBaseManager(Compute.device())) {
      NDArray product = manager.ones(new Shape(3, 4)).dot(manager.ones(new Shape(4, 2)));
      float sum = product.sum().getFloat();
      if (sum != 24) {
        throw new IllegalStateException(
            "a product of matrices of ones sums to " + sum + ", not 24");
      }
    }
    Engine engine = Engine.getInstance();
    return engine.getEngineName() + " " + engine.getVersion() + " multiplies";
  }

  private static String picture() {
    BufferedImage image = Plots.lines("trial", "x", "y", Line.of("line", 1, 2)).image();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xFFFFFF) != 0xFFFFFF) {
          return "drawn";
        }
      }
    }
    throw new IllegalStateException("a picture came out blank");
  }

  private static String data() throws IOException {
    try (InputStream in = Environment.class.getResourceAsStream("/tinker/data/reviews.csv")) {
      if (in == null) {
        throw new IOException("the bundled reviews are not in the library");
      }
      return String.format(Locale.ROOT, "%,d bytes of reviews", in.readAllBytes().length);
    }
  }

  private static String disk() throws IOException {
    Path trial = Files.createTempFile(Path.of(""), ".trial", "");
    try {
      long free = Files.getFileStore(trial).getUsableSpace() / MEGABYTE;
      if (free < 500) {
        throw new IOException(
            String.format(Locale.ROOT, "%,d MB free; at least 500 are needed", free));
      }
      return String.format(Locale.ROOT, "%,d GB free", free / 1024);
    } finally {
      Files.deleteIfExists(trial);
    }
  }

  boolean ready() {
    return findings.stream().allMatch(Finding::good);
  }

  List<Finding> findings() {
    return findings;
  }

  Rich rich() {
    long wrong = findings.stream().filter(f -> !f.good()).count();
    String last =
        wrong == 0 ? "ready" : "not ready: " + Numbers.count(wrong, "thing", "things") + " to mend";
    var html =
        new StringBuilder("<div class=\"tinker-environment\" style=\"" + Markup.TEXT + "\">");
    var text = new StringBuilder();
    for (Finding finding : findings) {
      String sign = finding.good() ? "\u2713" : "\u2717";
      String colour =
          finding.good() ? "var(--jp-success-color1,#2e7d32)" : "var(--jp-error-color1,#b71c1c)";
      html.append(
          String.format(
              Locale.ROOT,
              "<div><span style=\"color:%s\">%s %s</span> %s: %s</div>",
              colour,
              sign,
              finding.good() ? "OK" : "to do",
              Markup.escape(finding.name()),
              Markup.escape(finding.found())));
      text.append(
          String.format(
              Locale.ROOT,
              "%s %-5s %s: %s\n",
              sign,
              finding.good() ? "OK" : "to do",
              finding.name(),
              finding.found()));
    }
    return Rich.html(html + "<b>" + last + "</b></div>", text + last);
  }
}
