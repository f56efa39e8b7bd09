package tinker.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Programs of others, run beside ours. They are the scripts in {@code environment/peers}; each
 * prints lines {@code name value}, and is run by the Python that {@code TINKER_PEER_PYTHON} names
 * ({@code environment/bench} makes one with PyTorch where it can).
 */
public final class Peer {
  private static final @Nullable String PYTHON = System.getenv("TINKER_PEER_PYTHON");
  private static final @Nullable String SCRIPTS = System.getenv("TINKER_PEERS");

  private Peer() {}

  /**
   * Runs a script and reads its lines; a number is a value, anything else is left out. Empty if
   * there is no peer here or it fails, and then its complaint is shown on the error stream.
   *
   * @param script file name within {@code environment/peers}, such as {@code lstm.py}
   * @param arguments given to the script
   */
  public static Optional<Map<String, Double>> run(String script, String... arguments)
      throws IOException, InterruptedException {
    if (PYTHON == null || SCRIPTS == null) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(PYTHON, Path.of(SCRIPTS, script).toString()));
    command.addAll(List.of(arguments));
    // A file, not a pipe, so that a peer that writes much cannot stall.
    Path output = Files.createTempFile("tinker-peer", ".txt");
    try {
      var builder =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(Redirect.INHERIT);
      // Our own number of threads is no business of the peer's: each chooses its best.
      builder.environment().remove("OMP_NUM_THREADS");
      Process process = builder.start();
      if (process.waitFor() != 0) {
        System.err.println(script + " failed; the stated reference is used.");
        return Optional.empty();
      }
      Map<String, Double> values = new TreeMap<>();
      for (String line : Files.readAllLines(output, StandardCharsets.UTF_8)) {
        String[] parts = line.strip().split("\\s+", 2);
        try {
          values.put(parts[0], Double.valueOf(parts[parts.length - 1]));
        } catch (NumberFormatException notANumber) {
          System.err.println(script + ": " + line);
        }
      }
      return Optional.of(values);
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
