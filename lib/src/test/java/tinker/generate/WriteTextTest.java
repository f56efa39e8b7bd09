package tinker.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
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
    try (var model = RecurrentModel.lstm(chars, RecurrentOptions.of(1, 8).seed(3))) {
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
}
