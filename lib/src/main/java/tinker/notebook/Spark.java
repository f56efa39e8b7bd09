package tinker.notebook;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.jspecify.annotations.Nullable;

/**
 * Apache Spark: a folder of jars apart from the library's, since only one notebook needs it, and a
 * kernel that knows it starts later and takes more memory.
 */
final class Spark {
  private Spark() {}

  /**
   * @param place the folder that the command {@code spark} of the environment fills; null in a
   *     kernel that the environment did not describe
   */
  static void add(@Nullable String place) throws IOException, InterruptedException {
    // Spark reports each job and each task that failed, also those that it goes on to repeat. What
    // fails for good comes as an exception.
    System.setProperty("org.slf4j.simpleLogger.log.org.apache", "off");
    System.setProperty("org.slf4j.simpleLogger.log.org.sparkproject", "off");
    if (isHere()) {
      return;
    }
    if (place == null || !Screen.isPage()) {
      throw new IOException(
          "this kernel cannot be given Apache Spark while it runs; open the notebook with"
              + " environment/lab, or start the kernel with the jars of Spark on its class path");
    }
    Path folder = Path.of(place);
    if (!Files.isDirectory(folder)) {
      fetch(folder);
    }
    addToKernel(jars(folder));
  }

  private static boolean isHere() {
    try {
      Class.forName(
          "org.apache.spark.SparkContext", false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** All jars of a folder as one class path, in the order of their names. */
  static String jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(Path::toString)
          .filter(name -> name.endsWith(".jar"))
          .sorted()
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  /**
   * Runs the command, which lies two folders above.
   *
   * @throws IOException with what the command said, if it fails
   */
  static void fetch(Path folder) throws IOException, InterruptedException {
    Screen.current().show(Rich.text("fetching Apache Spark (once, about 150 MB) ..."));
    Path command = folder.resolveSibling("../spark").normalize();
    Path log = Files.createTempFile("spark", ".log");
    Process process =
        new ProcessBuilder(command.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            "Apache Spark could not be fetched; "
                + command
                + " does the same in a terminal, and said: "
                + Files.readString(log).strip());
      }
    } finally {
      // Maven would go on without the command, which gives its lock back when it ends.
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      Files.delete(log);
    }
  }

  private static void addToKernel(String classPath) throws IOException {
    BaseKernel kernel = BaseKernel.notebookKernel();
    try {
      // A public method of JJava's kernel, which is published with its program alone.
      kernel.getClass().getMethod("addToClasspath", String.class).invoke(kernel, classPath);
    } catch (InvocationTargetException e) {
      throw new IOException("the kernel did not take the jars of Apache Spark", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IOException("this release of JJava takes no jars while it runs", e);
    }
  }
}
