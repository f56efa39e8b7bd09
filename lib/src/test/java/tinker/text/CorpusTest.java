package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir Path folder;

  private static String normal(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  @Test
  void everyDocumentGoesToOnePartAndDuplicatesStayTogether() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 200; round++) {
      var documents = new ArrayList<String>();
      for (int i = random.nextInt(2, 80); i > 0; i--) {
        String text = "Text " + random.nextInt(40);
        documents.add(
            switch (random.nextInt(3)) {
              case 0 -> text;
              case 1 -> "  " + text.toUpperCase(Locale.ROOT);
              default -> text.replace(" ", "\n\t ");
            });
      }
      Corpus corpus = Corpus.of("c", documents);
      Split split = corpus.split(0.7, 0.1, 0.2, round);
      List<Corpus> parts = List.of(split.train(), split.validation(), split.test());
      assertThat(parts.stream().flatMap(p -> p.documents().stream()))
          .containsExactlyInAnyOrderElementsOf(documents);
      for (Corpus part : parts) {
        var others =
            parts.stream()
                .filter(p -> p != part)
                .flatMap(p -> p.documents().stream())
                .map(CorpusTest::normal)
                .toList();
        assertThat(part.documents().stream().map(CorpusTest::normal))
            .doesNotContainAnyElementsOf(others);
      }
      Split again = corpus.split(0.7, 0.1, 0.2, round);
      assertThat(again.train().documents()).isEqualTo(split.train().documents());
      assertThat(again.test().checksum()).isEqualTo(split.test().checksum());
    }
  }

  @Test
  void anAccentInTwoFormsIsOneText() {
    Corpus corpus = Corpus.of("c", List.of("caf\u00E9", "cafe\u0301"));
    for (long seed = 0; seed < 20; seed++) {
      Split split = corpus.split(0.5, 0, 0.5, seed);
      assertThat(List.of(split.train().documents().size(), split.test().documents().size()))
          .isIn(List.of(2, 0), List.of(0, 2));
    }
  }

  @Test
  void sizesAreTheSharesWhenNothingStandsTwice() {
    Corpus corpus = Corpus.of("c", IntStream.range(0, 1000).mapToObj(i -> "d" + i).toList());
    Split split = corpus.split(0.8, 0.1, 0.1, 1);
    assertThat(split.train().documents()).hasSize(800);
    assertThat(split.validation().documents()).hasSize(100);
    assertThat(split.test().documents()).hasSize(100);
    assertThat(corpus.split(0.8, 0.1, 0.1, 2).test().documents())
        .isNotEqualTo(split.test().documents());
    assertThat(corpus.split(1, 0, 0, 1).train().documents()).hasSize(1000);
    assertThat(split.toString()).contains("c (train): 800 documents").contains("c (test)");
  }

  @Test
  void aShuffleReachesEveryOrder() {
    // Not only the cyclic ones, as a sampler that others use.
    Corpus corpus = Corpus.of("c", List.of("a", "b", "c"));
    assertThat(
            Stream.iterate(0, i -> i < 200, i -> i + 1)
                .map(seed -> corpus.split(1, 0, 0, seed).train().text())
                .distinct())
        .hasSize(6);
  }

  @Test
  void aContinuousTextIsCutInOrderBetweenCharacters() {
    Corpus corpus = Corpus.ofText("t", "\uD83D\uDE00".repeat(10));
    Split split = corpus.split(0.5, 0.2, 0.3, 9);
    assertThat(split.train().text()).isEqualTo("\uD83D\uDE00".repeat(5));
    assertThat(split.validation().text()).isEqualTo("\uD83D\uDE00".repeat(2));
    assertThat(split.test().text()).isEqualTo("\uD83D\uDE00".repeat(3));
    assertThat(corpus.split(0.9, 0, 0.1, 1).train().characters()).isEqualTo(9);
  }

  @Test
  void sharesMustBeShares() {
    Corpus corpus = Corpus.of("c", List.of("a", "b"));
    for (double[] s :
        new double[][] {{0, 0.5, 0.5}, {1.1, -0.1, 0}, {0.5, 0.2, 0.2}, {Double.NaN, 0, 1}}) {
      assertThatThrownBy(() -> corpus.split(s[0], s[1], s[2], 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(s[0]));
    }
  }

  @Test
  void theStreamPutsEndBetweenDocuments() {
    Corpus corpus = Corpus.of("c", List.of("ab", "", "c"));
    Vocabulary chars = Vocabulary.ofCharacters(corpus);
    assertThat(corpus.tokens(chars)).containsExactly(1, 2, 3, 1, 1, 4, 1);
    assertThat(Corpus.of("one", List.of("c")).tokens(chars)).containsExactly(1, 4, 1);
    assertThat(Corpus.ofText("cut anywhere", "c").tokens(chars)).containsExactly(1, 4);
    assertThat(Corpus.of("none", List.of()).tokens(chars)).containsExactly(1);
    assertThat(corpus.characters()).isEqualTo(3);
    assertThat(corpus.text()).isEqualTo("abc");
  }

  @Test
  void checksumsTellTextsAndOrderAndCutsApart() {
    String one = Corpus.of("x", List.of("ab", "c")).checksum();
    assertThat(Corpus.of("y", List.of("ab", "c")).checksum()).isEqualTo(one).hasSize(64);
    assertThat(Corpus.of("x", List.of("a", "bc")).checksum()).isNotEqualTo(one);
    assertThat(Corpus.of("x", List.of("c", "ab")).checksum()).isNotEqualTo(one);
  }

  private Path file(byte... content) throws IOException {
    return Files.write(folder.resolve("t.txt"), content);
  }

  @Test
  void filesAreReadAsUtf8WhateverTheMachineThinks() throws IOException {
    String text = "\u00E9\u0130\uD83D\uDE00\r\n\u0085 end";
    Corpus corpus = Corpus.read(file(text.getBytes(StandardCharsets.UTF_8)));
    assertThat(corpus.text()).isEqualTo(text);
    assertThat(corpus.name()).isEqualTo("t.txt");
    assertThat(Corpus.read(file((byte) 0xEF, (byte) 0xBB, (byte) 0xBF, (byte) 'a')).text())
        .isEqualTo("a");
    assertThat(Corpus.read(file((byte) 'a')).characters()).isEqualTo(1);
  }

  @Test
  void aFileOfLinesIsADocumentEach() throws IOException {
    Path file = file("one\r\n\n  \ntwo é\nthree".getBytes(StandardCharsets.UTF_8));
    Corpus lines = Corpus.readLines(file);
    assertThat(lines.documents()).containsExactly("one", "two é", "three");
    assertThat(lines.name()).isEqualTo(file.getFileName().toString());
  }

  @Test
  void brokenUtf8SaysWhichByte() throws IOException {
    record Case(int position, String shown, int... bytes) {}
    for (Case c :
        List.of(
            new Case(0, "0xFF", 0xFF),
            new Case(2, "0xE9", 'a', 'b', 0xE9, 'c'), // Latin-1
            new Case(1, "0xC3", 'a', 0xC3), // cut off
            new Case(1, "0xF0", 'a', 0xF0, 0x9F, 0x98),
            new Case(0, "0xED", 0xED, 0xA0, 0x80), // half a character
            new Case(3, "0xC0", 'a', 0xC3, 0xA9, 0xC0, 0x80), // longer than needed
            new Case(0, "0xF5", 0xF5, 0x80, 0x80, 0x80))) {
      byte[] bytes = new byte[c.bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) c.bytes[i];
      }
      assertThatThrownBy(() -> Corpus.read(file(bytes)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              "t.txt is not UTF-8: byte " + c.position + ", counted from 0, is " + c.shown);
    }
  }

  @Test
  void anEmptyFileIsSaid() throws IOException {
    assertThatThrownBy(() -> Corpus.read(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("t.txt is empty");
    Path blank = file(" \n\n\t\r\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Corpus.readLines(blank))
        .isInstanceOf(IOException.class)
        .hasMessage(blank + " has only blank lines; at least one line of text is needed");
    Path nowhere = folder.resolve("none");
    assertThatThrownBy(() -> Corpus.read(nowhere))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no file " + nowhere);
  }

  @Test
  void utf8IsWhatJavaDecodes() throws IOException {
    var random = new SplittableRandom(6);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = new byte[1 + random.nextInt(20)];
      if (round % 2 == 0) {
        random.nextBytes(bytes);
      } else {
        bytes = ("." + AnyText.random(random)).getBytes(StandardCharsets.UTF_8);
      }
      String lenient = new String(bytes, StandardCharsets.UTF_8);
      boolean valid = Arrays.equals(lenient.getBytes(StandardCharsets.UTF_8), bytes);
      Path file = file(bytes);
      if (valid && !lenient.startsWith("\uFEFF")) {
        assertThat(Utf8.read(file)).isEqualTo(lenient);
      } else if (!valid) {
        assertThatThrownBy(() -> Utf8.read(file)).hasMessageContaining("is not UTF-8");
      }
    }
  }
}
