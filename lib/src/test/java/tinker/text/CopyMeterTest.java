package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyMeterTest {
  private static final Corpus TRAINING =
      Corpus.of(
          "training",
          List.of("The quick brown fox jumps over the lazy dog.", "A slow turtle sleeps."));

  @Test
  void aCopiedRunIsFoundMarkedAndPlaced() {
    Copying found = CopyMeter.of(TRAINING).measure("I saw: quick brown fox jumps here");
    assertThat(found.runs()).hasSize(1);
    Copying.Run run = found.runs().get(0);
    assertThat(run.text()).isEqualTo(" quick brown fox jumps ");
    assertThat(run.start()).isEqualTo(6);
    assertThat(run.document()).isZero();
    assertThat(run.position()).isEqualTo(3);
    assertThat(found.longest()).isEqualTo(run);
    assertThat(found.copied()).isEqualTo(23);
    assertThat(found.share()).isEqualTo(23 / 33.0);
    assertThat(found.marked("[", "]")).isEqualTo("I saw:[ quick brown fox jumps ]here");
    assertThat(found.toString()).contains("69.7 %").contains("longest run 23 characters");
  }

  @Test
  void aRunDoesNotReachOverTheEndOfADocument() {
    Copying found = CopyMeter.of(TRAINING).atLeast(3).measure("dog.A slow");
    assertThat(found.runs()).extracting(Copying.Run::text).containsExactly("dog.", "A slow");
    assertThat(found.runs()).extracting(Copying.Run::document).containsExactly(0, 1);
    assertThat(found.marked("[", "]")).isEqualTo("[dog.A slow]");
  }

  @Test
  void nothingInCommon() {
    Copying found = CopyMeter.of(TRAINING).measure("\u4E00\u4E8C");
    assertThat(found.share()).isZero();
    assertThat(found.longest().length()).isZero();
    assertThat(CopyMeter.of(TRAINING).measure("").share()).isZero();
    assertThat(CopyMeter.of(Corpus.of("none", List.of())).measure("abc").share()).isZero();
  }

  @Test
  void positionsCountCharactersNotUnits() {
    Corpus training = Corpus.ofText("t", "\uD83D\uDE00\uD83D\uDE01abc");
    Copying found = CopyMeter.of(training).atLeast(3).measure("\uD83D\uDE02\uD83D\uDE01abcz");
    assertThat(found.characters()).isEqualTo(6);
    assertThat(found.copied()).isEqualTo(4);
    assertThat(found.longest().position()).isEqualTo(1);
    assertThat(found.marked("[", "]")).isEqualTo("\uD83D\uDE02[\uD83D\uDE01abc]z");
  }

  @Test
  void theShortestRunIsAtLeastOne() {
    assertThatThrownBy(() -> CopyMeter.of(TRAINING).atLeast(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shortest run is 0");
  }

  /** The same by trying every part of the text. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void equalToTryingEveryPart(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      int letters = random.nextInt(1, 5);
      List<String> documents = new ArrayList<>();
      for (int d = random.nextInt(4); d > 0; d--) {
        documents.add(randomText(random, letters, 40));
      }
      String text = randomText(random, letters, 30);
      int atLeast = random.nextInt(1, 7);
      Copying found = CopyMeter.of(Corpus.of("t", documents)).atLeast(atLeast).measure(text);

      boolean[] copied = new boolean[text.length()];
      int longest = 0;
      for (int from = 0; from < text.length(); from++) {
        for (int to = from + 1; to <= text.length(); to++) {
          String part = text.substring(from, to);
          if (documents.stream().anyMatch(d -> d.contains(part))) {
            longest = Math.max(longest, part.length());
            for (int i = from; part.length() >= atLeast && i < to; i++) {
              copied[i] = true;
            }
          }
        }
      }
      int number = 0;
      for (boolean c : copied) {
        number += c ? 1 : 0;
      }
      assertThat(found.copied()).as("%s in %s", text, documents).isEqualTo(number);
      assertThat(found.longest().length()).isEqualTo(longest);
      for (Copying.Run run : found.runs()) {
        assertThat(text).startsWith(text.substring(0, run.start()) + run.text());
        assertThat(documents.get(run.document()).substring(run.position()))
            .as("%s of %s", run, documents)
            .startsWith(run.text());
        assertThat(run.length()).isEqualTo(run.text().length()).isGreaterThanOrEqualTo(atLeast);
      }
      assertThat(found.marked("", "")).isEqualTo(text);
      String marked = found.marked("[", "]").replaceAll("[^\\[]*\\[([^\\]]*)\\][^\\[]*", "$1");
      assertThat(number == 0 ? 0 : marked.length()).isEqualTo(number);
    }
  }

  private static String randomText(SplittableRandom random, int letters, int longest) {
    var text = new StringBuilder();
    for (int i = random.nextInt(longest + 1); i > 0; i--) {
      text.append((char) ('a' + random.nextInt(letters)));
    }
    return text.toString();
  }

  @Test
  void aMillionCharactersTakeASecondAndTheWorstTextToo() {
    String same = "a".repeat(1_000_000);
    assertThat(
            assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () ->
                        CopyMeter.of(Corpus.ofText("t", same))
                            .measure(same.substring(0, 20_000) + "b"))
                .longest()
                .length())
        .isEqualTo(20_000);
  }
}
