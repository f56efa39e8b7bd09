package tinker.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tinker.model.NeuralModel;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

class WriteTextTest {
  @TempDir Path folder;
  private Path file;
  private String expected;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void saveAModel() throws IOException {
    file = folder.resolve("review.tinker");
    var chars = Vocabulary.ofCharacters(Corpus.ofText("letters", "the café is open. "));
    try (var model = RecurrentModel.lstm(chars, RecurrentOptions.of(1, 8).seed(6))) {
      model.save(file);
      expected = Generator.of(model).prime("the ").seed(7).temperature(0.7).topK(9).write(40);
    }
  }

  private int run(String... arguments) {
    return WriteText.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  @Test
  void theTextIsThatOfTheNotebookForTheSameSeed() {
    int status =
        run(
            "--model",
            file.toString(),
            "--prime",
            "the ",
            "--seed",
            "7",
            "--temperature",
            "0.7",
            "--top-k",
            "9",
            "--tokens",
            "40");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(status).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(expected + System.lineSeparator());
  }

  @ParameterizedTest
  @CsvSource({"top-p, 0.5", "min-p, 0.95", "repetition-penalty, 3", "until, t"})
  void aSettingIsThatOfTheGenerator(String name, String value) throws IOException {
    String plain;
    String text;
    try (var model = NeuralModel.load(file)) {
      Generator generator = Generator.of(model);
      plain = generator.write(200);
      Generator set =
          switch (name) {
            case "top-p" -> generator.topP(0.5);
            case "min-p" -> generator.minP(0.95);
            case "repetition-penalty" -> generator.repetitionPenalty(3);
            default -> generator.until("t");
          };
      text = set.write(200);
    }
    assertThat(run("--model", file.toString(), "--" + name, value, "--tokens", "200")).isZero();
    assertThat(text).isNotEqualTo(plain);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(text + System.lineSeparator());
  }

  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A reader who leaves after a few characters of a text that would take days. */
  @Test
  @Timeout(60)
  void eachCharacterIsThereBeforeTheNextIsWritten() throws IOException {
    var pieces = new ArrayList<String>();
    var reader =
        new OutputStream() {
          private final ByteArrayOutputStream piece = new ByteArrayOutputStream();

          @Override
          public void write(int b) {
            piece.write(b);
          }

          @Override
          public void flush() {
            if (piece.size() > 0) {
              pieces.add(piece.toString(StandardCharsets.UTF_8));
              piece.reset();
            }
            if (pieces.size() == 6) {
              throw new Enough();
            }
          }
        };
    var screen = new PrintStream(reader, false, StandardCharsets.UTF_8);
    // An untrained model may end its text at once; with this seed it does not.
    long seed = 0;
    try (NeuralModel model = NeuralModel.load(file)) {
      while (Generator.of(model).prime("the").seed(seed).write(40).length() < 12) {
        seed++;
      }
    }
    String settings = "--model " + file + " --prime the --tokens 2000000000 --seed " + seed;
    assertThatThrownBy(() -> WriteText.run(screen, screen, settings.split(" ")))
        .isInstanceOf(Enough.class);
    // The prime comes first; how it is cut does not matter.
    assertThat(pieces.subList(3, 6)).allMatch(piece -> piece.length() == 1);
    run(settings.replace("2000000000", "40").split(" "));
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith(String.join("", pieces));
  }

  @Test
  void withoutSettingsItSaysWhatThereIs() {
    assertThat(run()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("usage: ").contains("--top-p");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--temperature warm     | --temperature is \"warm\"; it must be a number",
        "--temperature -1       | -1.0",
        "--colour blue          | --colour is no setting",
        "--seed                 | --seed has no value",
        "seed 7                 | \"seed\" is no setting",
        "--tokens 0             | 0 tokens",
        "--top-p 2              | 2.0",
      })
  void aWrongSettingIsOneSentence(String setting, String sentence) {
    String[] words = ("--model " + file + " " + setting).split(" ");
    assertThat(run(words)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(sentence).hasLineCount(1);
  }

  @Test
  void aMissingModelIsOneSentence() throws IOException {
    assertThat(run("--prime", "the ")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--model is missing");
    err.reset();
    assertThat(run("--model", folder.resolve("none.tinker").toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("none.tinker").hasLineCount(1);
    err.reset();
    Path other = Files.writeString(folder.resolve("other.tinker"), "not a model at all, of course");
    assertThat(run("--model", other.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("other.tinker").hasLineCount(1);
  }

  @Test
  @Timeout(60)
  void aTextThatNobodyReadsIsNoSuccess() {
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    int status =
        WriteText.run(
            new PrintStream(closed, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            "--model",
            file.toString(),
            "--tokens",
            "2000000000");
    assertThat(status).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("the text cannot be written on: nobody reads it, or there is no room\n");
  }

  @Test
  void aModelWithoutUsableWeightsIsOneSentence() throws IOException {
    try (NeuralModel model = NeuralModel.load(file)) {
      NDArray bias = Weights.array(model.block(), "decoder.bias");
      float[] none = new float[Math.toIntExact(bias.size())];
      Arrays.fill(none, Float.NaN);
      Weights.set(bias, none);
      model.save(file);
    }
    assertThat(run("--model", file.toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("gives NaN for token")
        .hasLineCount(1);
  }
}
