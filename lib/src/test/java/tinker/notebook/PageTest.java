package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Progress, the opening line, the environment check and the run mode. */
class PageTest {
  @Test
  void progressUpdatesInPlaceAtMostTwiceASecondAndEndsAsOneLine() throws InterruptedException {
    try (var screen = new Recorder()) {
      var progress = new PageProgress();
      progress.start("Training");
      long began = System.nanoTime();
      for (int i = 0; i < 60; i++) {
        progress.step(i / 60.0, "epoch 1 of 2", Map.of("loss", "2.5<"), Duration.ofSeconds(75));
        Thread.sleep(10);
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      assertThat(screen.shown).hasSize(1);
      assertThat(screen.updates).hasSizeBetween(1, (int) Math.ceil(2 * seconds));
      assertThat(screen.updates.get(0).html())
          .contains("role=\"progressbar\"", "1 min 15 s left", "2.5&lt;", "var(--jp-")
          .doesNotContain("2.5<");
      progress.finish("finished 2 epochs", Map.of("loss", "2.4<"));
      Rich last = screen.updates.get(screen.updates.size() - 1);
      assertThat(last.text()).isEqualTo("Training: finished 2 epochs");
      assertThat(last.html())
          .contains("tinker-progress-done", "loss 2.4&lt;")
          .doesNotContain("progressbar", "2.5");
    }
  }

  @Test
  void openingSaysWhatTheRunStandsOn() {
    try (var screen = new Recorder()) {
      Lab.open("03");
      assertThat(screen.text())
          .startsWith("Notebook 03")
          .contains("tinker", "DJL 0.35", "PyTorch 2", "Java ", "CPU", "run");
      assertThat(screen.text().lines()).hasSize(1);
    }
  }

  @Test
  void dataThatCannotBeHadIsSaidInASentence() {
    try (var screen = new Recorder()) {
      assertThat(Lab.ifAvailable(() -> "read")).contains("read");
      assertThat(screen.shown).isEmpty();
      assertThat(
              Lab.<String>ifAvailable(
                  () -> {
                    throw new IOException("plays.txt is not here");
                  }))
          .isEmpty();
      assertThat(screen.text()).isEqualTo("Going on without it: plays.txt is not here");
    }
  }

  @Test
  void aProgramOfItsOwnFindsTheLibrary() throws IOException {
    Process process = Lab.java("tinker.generate.WriteText", "--help").start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).startsWith("usage: ");
  }

  @Test
  void aProgramOfItsOwnRunsUnderTheOptionsOfThisOne() {
    List<String> command = Lab.java("Program.java", "-Dnot=anOption").command();
    List<String> options = command.subList(0, command.indexOf("-cp"));
    List<String> here = ManagementFactory.getRuntimeMXBean().getInputArguments();
    assertThat(options)
        .containsAll(here.stream().filter(option -> option.startsWith("-D")).toList())
        .noneMatch(option -> option.startsWith("-javaagent") || option.startsWith("--add-"))
        .doesNotContain("-Dnot=anOption");
    assertThat(command).endsWith("Program.java", "-Dnot=anOption");
    assertThat(Lab.handedOn("--enable-native-access=ALL-UNNAMED")).isTrue();
    assertThat(Lab.handedOn("--sun-misc-unsafe-memory-access=allow")).isTrue();
    assertThat(Lab.handedOn("--add-opens=java.base/java.lang=ALL-UNNAMED")).isFalse();
  }

  @Test
  void aMachineWithoutFontsIsToldWhatToInstall() {
    var environment = new Environment();
    environment.attempt(
        "pictures",
        "install fontconfig",
        () -> {
          throw new InternalError(new RuntimeException("Fontconfig head is null"));
        });
    assertThat(environment.ready()).isFalse();
    assertThat(environment.findings().get(0).found()).endsWith("; install fontconfig");
  }

  @Test
  void theEnvironmentCheckGoesLineByLineAndEndsInReady() {
    try (var screen = new Recorder()) {
      Environment environment = Environment.check();
      assertThat(environment.findings())
          .extracting(Environment.Finding::name)
          .containsExactly(
              "Java", "memory", "engine", "device", "pictures", "data", "kernel", "disk", "mirror");
      assertThat(environment.findings()).allMatch(Environment.Finding::good);
      Lab.check();
      assertThat(screen.text()).endsWith("ready").contains("OK    engine: PyTorch");
    }
  }

  @Test
  void whatIsMissingIsSaidWithWhatToDo() {
    Environment environment = Environment.check();
    assertThat(environment.ready()).as("a terminal is no notebook").isFalse();
    Rich rich = environment.rich();
    assertThat(rich.text())
        .contains("to do kernel: this kernel shows plain text only; choose the kernel")
        .endsWith("not ready: 1 thing to mend");
  }

  @Test
  void runModeIsFullUnlessAskedOtherwise() {
    assertThat(RunMode.of("")).isEqualTo(RunMode.FULL);
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(RunMode.of("QUICK")).isEqualTo(RunMode.QUICK);
    } finally {
      Locale.setDefault(before);
    }
    assertThatThrownBy(() -> RunMode.of("fast"))
        .hasMessage("TINKER_RUN_MODE is \"fast\"; it must be full or quick");
    assertThat(Lab.budget(8, 1)).isEqualTo(Lab.mode() == RunMode.FULL ? 8 : 1);
  }

  @Test
  void onATerminalThingsArePrintedAsText() {
    var before = System.out;
    var bytes = new java.io.ByteArrayOutputStream();
    try {
      System.setOut(new java.io.PrintStream(bytes, true, java.nio.charset.StandardCharsets.UTF_8));
      Show.all("one", 2);
    } finally {
      System.setOut(before);
    }
    assertThat(bytes.toString(java.nio.charset.StandardCharsets.UTF_8).lines())
        .containsExactly("one", "2");
  }

  /** A kernel that is not JJava: its classes are not there at all. */
  private static final class WithoutKernel extends java.net.URLClassLoader {
    WithoutKernel(java.net.URL[] ours) {
      super(ours, PageTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.dflib.")) {
        throw new ClassNotFoundException(name);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> known = findLoadedClass(name);
        return known != null
            ? known
            : name.startsWith("tinker.") ? findClass(name) : super.loadClass(name, resolve);
      }
    }
  }

  @Test
  void withoutTheKernelsClassesANotebookStillOpens() throws Exception {
    java.net.URL ours = Lab.class.getProtectionDomain().getCodeSource().getLocation();
    var before = System.out;
    var bytes = new java.io.ByteArrayOutputStream();
    try (var loader = new WithoutKernel(new java.net.URL[] {ours})) {
      System.setOut(new java.io.PrintStream(bytes, true, java.nio.charset.StandardCharsets.UTF_8));
      Class<?> lab = loader.loadClass("tinker.notebook.Lab");
      assertThat(lab).isNotSameAs(Lab.class);
      lab.getMethod("open", String.class).invoke(null, "03");
    } finally {
      System.setOut(before);
    }
    assertThat(bytes.toString(java.nio.charset.StandardCharsets.UTF_8)).startsWith("Notebook 03");
  }
}
