package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tinker.generate.Chooser;
import tinker.generate.Generator;
import tinker.generate.Turns;
import tinker.model.Evaluation;
import tinker.model.TextGenRnn;
import tinker.text.Corpus;
import tinker.text.Tokenizer;

/** What people use textgenrnn for, with a model trained for it on a file of 120 lines. */
@ExtendWith(Quiet.class)
class TextGenRnnTest {
  private static final String CAT = "a cat sat on the mat";
  private static final String DOG = "two dogs ran in a park";

  private static final String ONE_OF_TWO = "(" + CAT + "|" + DOG + ").*";

  @TempDir Path folder;

  private TextGenRnn trained(Tokenizer tokens, int epochs) throws IOException {
    // Equal lines would stay on one side of the split, so each has a number of its own.
    var lines = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      lines.addAll(List.of(CAT + " " + i, DOG + " " + i, ""));
    }
    Path file = Files.write(folder.resolve("lines.txt"), lines);
    // A window of tokens a step: with fewer, the model would never see a full window.
    int window = tokens == Tokenizer.WORDS ? 10 : 40;
    FitOptions options =
        FitOptions.epochs(epochs).batchSize(8).bptt(window).rate(5e-3).record(null);
    return tokens == Tokenizer.WORDS
        ? Fit.file(file, TextGenRnn::words, options)
        : Fit.file(file, TextGenRnn::characters, options);
  }

  @ParameterizedTest
  @EnumSource
  void learnsFromAFileInOneLineAndIsUsed(Tokenizer tokens) throws IOException {
    int many = tokens == Tokenizer.WORDS ? 10 : 60;
    try (TextGenRnn model = trained(tokens, tokens == Tokenizer.WORDS ? 30 : 25)) {
      assertThat(model.vocabulary().tokenizer()).isEqualTo(tokens);
      // What is left is which of the two lines comes, and the number: some 5 nats of 24 characters.
      Corpus both = Corpus.of("both", List.of(CAT + " 11", DOG + " 32"));
      assertThat(Evaluation.of(model, both).natsPerCharacter()).isLessThan(0.45);

      Generator writer = Generator.of(model).seed(3);
      assertThat(writer.temperatureCycle(1.0, 0.2, 0.2).write(many)).matches(ONE_OF_TWO);
      assertThat(writer.prime("two").temperature(0.2).write(many)).startsWith(DOG);
      Path written = writer.temperature(0.3).writeTo(folder.resolve("written.txt"), 5, many);
      assertThat(Files.readAllLines(written)).hasSize(5).allMatch(t -> t.matches(ONE_OF_TWO));

      var asked = new ArrayList<Integer>();
      Chooser second =
          (text, candidates) -> {
            asked.add(candidates.size());
            return text.isEmpty() ? 1 : 0;
          };
      String first = writer.choosing(3, (text, candidates) -> 0).write(many);
      String other = writer.choosing(3, second).write(many);
      assertThat(List.of(first, other)).allMatch(t -> t.matches(ONE_OF_TWO));
      assertThat(first.charAt(0)).isNotEqualTo(other.charAt(0));
      assertThat(asked).hasSizeGreaterThan(4).containsOnly(3);

      assertThat(model.similarity(CAT, CAT)).isGreaterThan(0.9999);
      // What a text is like, for a model that says what comes next, hangs on how it ends.
      String changed = CAT.replaceFirst("a cat", "two cat");
      assertThat(model.similarity(CAT, changed)).isGreaterThan(model.similarity(CAT, DOG) + 0.05);
    }
  }

  @ParameterizedTest
  @EnumSource
  void severalWriteOneText(Tokenizer tokens) throws IOException {
    try (TextGenRnn one = trained(tokens, 1);
        TextGenRnn other = TextGenRnn.of(one.vocabulary(), one.options().seed(5))) {
      Turns duet = Turns.of(one, other);
      int[] text = one.vocabulary().encode(CAT);
      double[] first = one.logProbabilities();
      assertThat(duet.logProbabilities()).containsExactly(first);
      assertThat(duet.logProbabilities(text[0])).containsExactly(other.logProbabilities(text[0]));
      assertThat(Generator.of(duet).seed(2).write(12)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatIsTooShortOrMissingIsRefused(Tokenizer tokens) throws IOException {
    Path file = Files.writeString(folder.resolve("short.txt"), "one line\n\n");
    assertThatThrownBy(() -> Fit.file(file, TextGenRnn::characters, FitOptions.epochs(1)))
        .isInstanceOf(IllegalArgumentException.class);
    Path none = folder.resolve("none.txt");
    assertThatThrownBy(() -> Fit.file(none, TextGenRnn::words, FitOptions.epochs(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.txt");
  }
}
