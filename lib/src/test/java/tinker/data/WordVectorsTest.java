package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.bench.Child;

class WordVectorsTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("v.txt"), text);
  }

  @Test
  void keepsOnlyTheWordsAskedFor() throws IOException {
    Path file = file("the 1 2 -3.5\r\ndog .5 1e-2 0\ncat 7 8 9\n");
    WordVectors vectors = WordVectors.read(file, Set.of("the", "cat", "zebra"), 7);
    assertThat(vectors.size()).isEqualTo(2);
    assertThat(vectors.width()).isEqualTo(3);
    assertThat(vectors.vector("the")).containsExactly(1, 2, -3.5f);
    assertThat(vectors.vector("cat")).containsExactly(7, 8, 9);
    assertThat(vectors.knows("dog")).isFalse();
    assertThat(vectors.coverage(Set.of("the", "zebra"))).isEqualTo(0.5);
  }

  @Test
  void moreThanOneBlockOfVectors() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append("w").append(i).append(' ').append(i).append(' ').append(-i).append('\n');
    }
    Path file = file(text.toString());
    var words = new java.util.HashSet<String>();
    for (int i = 0; i < 300; i += 2) {
      words.add("w" + i);
    }
    WordVectors vectors = WordVectors.read(file, words, 7);
    for (int i = 0; i < 300; i += 2) {
      assertThat(vectors.vector("w" + i)).containsExactly(i, -i);
    }
  }

  @Test
  void otherWordsAreRandomButAlwaysTheSame() throws IOException {
    Path file = file("the 3 -3 3 -3\n");
    WordVectors vectors = WordVectors.read(file, Set.of("the"), 7);
    float[] zebra = vectors.vector("zebra");
    assertThat(vectors.vector("zebra")).isEqualTo(zebra);
    vectors.vector("zebra")[0] = 9;
    assertThat(vectors.vector("zebra")).isEqualTo(zebra);
    assertThat(WordVectors.read(file, Set.of(), 7).vector("zebra")).hasSize(4);
    assertThat(WordVectors.read(file, Set.of("the", "a"), 7).vector("zebra")).isEqualTo(zebra);
    assertThat(WordVectors.read(file, Set.of("the"), 8).vector("zebra")).isNotEqualTo(zebra);
    assertThat(vectors.vector("zebu")).isNotEqualTo(zebra);
    assertThat(vectors.vector("")).containsOnly(0);
    // As large as the numbers of the file: their root mean square is 3.
    double squares = 0;
    for (int i = 0; i < 500; i++) {
      for (float x : vectors.vector("word" + i)) {
        squares += x * x;
      }
    }
    assertThat(Math.sqrt(squares / 2000)).isCloseTo(3, within(0.2));
    double length = 0;
    for (float x : WordVectors.random(400, 7).vector("zebra")) {
      length += x * x;
    }
    assertThat(length).isCloseTo(1, within(0.3));
  }

  @Test
  void whatIsWrongIsNamedWithFileAndLine() throws IOException {
    Set<String> words = Set.of("a", "b", "c");
    assertThatThrownBy(() -> WordVectors.read(file("a 1 2 3\nb 1 2\n"), words, 7))
        .isInstanceOf(IOException.class)
        .hasMessage(
            folder.resolve("v.txt") + ", line 2: 2 numbers after the word; there must be 3");
    assertThatThrownBy(() -> WordVectors.read(file("a 1 2 3\nx 1 2 3 4\n"), words, 7))
        .hasMessageContaining("line 2: 4 numbers after the word; there must be 3");
    assertThatThrownBy(() -> WordVectors.read(file("a 1 2 3\nb 1 NaN 3\n"), words, 7))
        .hasMessageContaining("v.txt, line 2: a number of the vector is NaN");
    assertThatThrownBy(() -> WordVectors.read(file("a 1 2 3\nb 1 1e99 3\n"), words, 7))
        .hasMessageContaining("v.txt, line 2: a number of the vector is 1e99");
    assertThatThrownBy(() -> WordVectors.read(file("a 1 2 3\n\nb 1 2,5 3\n"), words, 7))
        .hasMessageContaining("v.txt, line 3: \"2,5\" is not a number");
    assertThatThrownBy(() -> WordVectors.read(file(""), words, 7))
        .hasMessageContaining("holds no vectors");
    Path broken = Files.write(folder.resolve("b.txt"), new byte[] {'a', (byte) 0xFF, ' ', '1'});
    assertThatThrownBy(() -> WordVectors.read(broken, words, 7))
        .hasMessageContaining("b.txt, line 1: byte 1 of the file is 0xFF");
  }

  @ParameterizedTest
  @ValueSource(strings = {"trombone\nflute\n", "{\"a\":[1,2]}", "the\t0.1\t0.2\n"})
  void aFileWithoutBlanksIsNotOneOfVectors(String text) throws IOException {
    Path file = file(text);
    assertThatThrownBy(() -> WordVectors.read(file, Set.of("the"), 7))
        .isInstanceOf(IOException.class)
        .hasMessage(
            file
                + ", line 1: no numbers after the word; a line is a word and its numbers, with a"
                + " blank between");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "-Infinity", "1e99", "2,5", "", "-", ".", "1.2.3", "--1", "1-"})
  void wordsThatAreNotKeptAreCheckedToo(String number) throws IOException {
    String digits = "9".repeat(39); // more than a float holds
    for (String wrong : List.of(number, digits, "-" + digits)) {
      Path file = file("a 1 2 3\nother 1 " + wrong + " 3\n");
      assertThatThrownBy(() -> WordVectors.read(file, Set.of("a"), 7))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("v.txt, line 2: ")
          .hasMessageContaining(wrong);
      String kept = messageFor(file, Set.of("a", "other"));
      assertThat(messageFor(file, Set.of("a"))).isEqualTo(kept);
    }
  }

  private static String messageFor(Path file, Set<String> words) {
    var thrown = assertThrows(IOException.class, () -> WordVectors.read(file, words, 7));
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void everyFormOfNumberMayStandBesideAWordThatIsNotKept() throws IOException {
    Path file = file("a 1 2 3\nother -.5 +7 1e-3\nlast -0. 12345678901234567890 1E5\n");
    assertThat(WordVectors.read(file, Set.of("a"), 7).size()).isEqualTo(1);
    assertThat(WordVectors.read(file, Set.of("other", "last"), 7).vector("last"))
        .containsExactly(-0f, 12345678901234567890f, 1e5f);
  }

  @Test
  void filesOfOtherProgramsAreUnderstood() throws IOException {
    // word2vec's counts at the start, blanks at the end of lines, and the words with blanks that
    // the files of 840 billion tokens have.
    Path file = file("\uFEFF4 2\na 1 2 \n. . . 3 4\nat me@x.org 5 6\nb 7 8\n");
    WordVectors vectors = WordVectors.read(file, Set.of("a", "b", ". . ."), 7);
    assertThat(vectors.vector("a")).containsExactly(1, 2);
    assertThat(vectors.vector("b")).containsExactly(7, 8);
    assertThat(vectors.vector(". . .")).containsExactly(3, 4);
  }

  /** Reads in a process of its own, whose memory is twice the kept vectors at most. */
  @Test
  void needsLessThanTwiceTheMemoryOfWhatIsKept() throws Exception {
    Path file = folder.resolve("large.txt");
    int kept = 8_000;
    int width = 300;
    String numbers = " 0.125 -0.5 0.25".repeat(width / 3);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < 2 * kept; i++) {
        out.write("w" + i + numbers + "\n");
      }
    }
    long vectors = 4L * kept * width;
    List<String> command =
        Child.command(
            List.of("-XX:+UseSerialGC", "-Xmn2m", "-Xmx" + (2 * vectors) / 1024 + "k"),
            Reader.class,
            file.toString(),
            String.valueOf(kept));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(folder.resolve("out"))).contains("kept " + kept);
    assertThat(process.exitValue()).isZero();
  }

  /** What the test above runs; its words count into the memory too. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] arguments) throws IOException {
      var words = new java.util.HashSet<String>();
      for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
        words.add("w" + 2 * i);
      }
      WordVectors vectors = WordVectors.read(Path.of(arguments[0]), words, 7);
      System.out.println("kept " + vectors.size());
    }
  }

  @Test
  void whatElseIsKeptChangesTheLengthOfAnUnknownWordAndNotItsDirection() throws IOException {
    Path file = file("the 3 -3 3 -3\na 30 30 30 30\n");
    float[] few = WordVectors.read(file, Set.of("the"), 7).vector("zebra");
    float[] more = WordVectors.read(file, Set.of("the", "a"), 7).vector("zebra");
    for (int i = 1; i < few.length; i++) {
      assertThat(more[i] / more[0]).isCloseTo(few[i] / few[0], within(1e-4f));
    }
    assertThat(more).isNotEqualTo(few);
  }
}
