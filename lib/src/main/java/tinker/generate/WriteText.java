package tinker.generate;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import tinker.model.NeuralModel;

/**
 * A saved model from the command line: prints what it writes, character by character. The same seed
 * gives the same text as {@link Generator#write} in a notebook.
 *
 * <pre>{@code
 * java -cp ... tinker.generate.WriteText --model review.tinker --prime "the " --temperature 0.7
 * }</pre>
 */
public final class WriteText {
  private static final String USAGE =
      String.join(
          "\n",
          "usage: java -cp ... tinker.generate.WriteText --model FILE [SETTING VALUE]...",
          "  --prime TEXT            the beginning of the text",
          "  --tokens N              how many tokens to write at most (300)",
          "  --seed N                where chance begins (0)",
          "  --temperature T         at least 0 (1)",
          "  --top-k K               only the K most likely tokens",
          "  --top-p P               only the most likely tokens that together reach P",
          "  --min-p P               only tokens at least P times as likely as the most likely one",
          "  --repetition-penalty R  above 0; above 1 makes what was written less likely (1)",
          "  --until TEXT            ends with the first TEXT that is written, if that comes sooner",
          "");

  private WriteText() {}

  /**
   * Writes one text to standard output. What is wrong is said in one sentence on the error stream;
   * then the exit status is 2 for a wrong setting, 1 for a file that cannot be used.
   */
  public static void main(String... arguments) {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int status = run(out, System.err, arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  static int run(PrintStream out, PrintStream err, String... arguments) {
    if (arguments.length == 0 || arguments[0].equals("--help")) {
      out.print(USAGE);
      return 0;
    }
    try {
      Map<String, String> settings = settings(arguments);
      String file = settings.remove("model");
      if (file == null) {
        throw new IllegalArgumentException("--model is missing; it names the file of a model");
      }
      int tokens =
          number(
              "tokens", settings.getOrDefault("tokens", "300"), Integer::valueOf, "a whole number");
      settings.remove("tokens");
      try (NeuralModel model = NeuralModel.load(Path.of(file))) {
        generator(model, settings)
            .onToken(
                piece -> {
                  out.print(piece);
                  // It flushes, and says what a print stream never throws.
                  if (out.checkError()) {
                    throw new UncheckedIOException(
                        "the text cannot be written on: nobody reads it, or there is no room",
                        new IOException("standard output"));
                  }
                })
            .write(tokens);
        out.println();
      }
      return 0;
    } catch (IllegalArgumentException e) {
      err.println(e.getMessage());
      return 2;
    } catch (IOException e) {
      err.println("the model cannot be read: " + e.getMessage());
      return 1;
    } catch (UncheckedIOException | IllegalStateException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private static Map<String, String> settings(String[] arguments) {
    var settings = new LinkedHashMap<String, String>();
    for (int i = 0; i < arguments.length; i += 2) {
      String name = arguments[i];
      if (!name.startsWith("--")) {
        throw new IllegalArgumentException(
            "\"" + name + "\" is no setting; a setting begins with --");
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(name + " has no value");
      }
      if (settings.put(name.substring(2), arguments[i + 1]) != null) {
        throw new IllegalArgumentException(name + " stands twice");
      }
    }
    return settings;
  }

  private static Generator generator(NeuralModel model, Map<String, String> settings) {
    Generator generator = Generator.of(model);
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String name = setting.getKey();
      String value = setting.getValue();
      generator =
          switch (name) {
            case "prime" -> generator.prime(value);
            case "seed" -> generator.seed(number(name, value, Long::valueOf, "a whole number"));
            case "temperature" -> generator.temperature(real(name, value));
            case "top-k" -> generator.topK(number(name, value, Integer::valueOf, "a whole number"));
            case "top-p" -> generator.topP(real(name, value));
            case "min-p" -> generator.minP(real(name, value));
            case "repetition-penalty" -> generator.repetitionPenalty(real(name, value));
            case "until" -> generator.until(value);
            default ->
                throw new IllegalArgumentException(
                    "--"
                        + name
                        + " is no setting; there are --model, --prime, --tokens, --seed,"
                        + " --temperature, --top-k, --top-p, --min-p, --repetition-penalty and"
                        + " --until");
          };
    }
    return generator;
  }

  private static double real(String name, String value) {
    return number(name, value, Double::valueOf, "a number");
  }

  private static <N> N number(String name, String value, Function<String, N> parse, String kind) {
    try {
      return parse.apply(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--" + name + " is \"" + value + "\"; it must be " + kind, e);
    }
  }
}
