package tinker.bench;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.Writer;
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
    // A file, not a pipe, so that a peer that writes much cannot stall.
    Path output = Files.createTempFile("tinker-peer", ".txt");
    try {
      Process process =
          builder(PYTHON, SCRIPTS, script, arguments).redirectOutput(output.toFile()).start();
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

  private static ProcessBuilder builder(
      String python, String scripts, String script, String... arguments) {
    List<String> command = new ArrayList<>(List.of(python, Path.of(scripts, script).toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
    // Our own settings are no business of the peer's, which runs as its users would run it.
    builder
        .environment()
        .keySet()
        .removeIf(
            name ->
                List.of("OMP_NUM_THREADS", "GLIBC_TUNABLES").contains(name)
                    || name.startsWith("MALLOC_"));
    return builder;
  }

  /**
   * A peer that waits while we are measured, and is measured while we wait: where other work comes
   * and goes on the same machine, both then meet as much of it.
   */
  static final class Turns implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Writer questions;

    private Turns(Process process) {
      this.process = process;
      answers = process.inputReader(StandardCharsets.UTF_8);
      questions = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts it; empty if there is no peer here. */
    static Optional<Turns> with(String script, String... arguments) throws IOException {
      return PYTHON == null || SCRIPTS == null
          ? Optional.empty()
          : Optional.of(new Turns(builder(PYTHON, SCRIPTS, script, arguments).start()));
    }

    /**
     * The peer's next turn.
     *
     * @return the number that ends its answer
     * @throws IOException if it has ended
     */
    double next(String question) throws IOException {
      questions.write(question + "\n");
      questions.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new EOFException("the peer has ended before it answered \"" + question + "\"");
      }
      return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
