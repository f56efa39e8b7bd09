package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PairTest {
  @Test
  void wordsAreLowerCaseAndSignsStandAlone() {
    assertThat(Pair.words("Two dogs, in 3.5 miles; 10,000 cats."))
        .containsExactly("two", "dogs", ",", "in", "3.5", "miles", ";", "10,000", "cats", ".");
    assertThat(Pair.words(" \t\u00A0\u2028 ")).isEmpty();
    assertThat(Pair.words("\u0130stanbul na\u00EFve \uD83D\uDE00"))
        .containsExactly("i\u0307stanbul", "na\u00EFve", "\uD83D\uDE00");
  }

  @Test
  void contractionsComeApartAsInTextThatWasCutBefore() {
    String[] apart = {"it", "does", "n't", "say", "the", "dog", "'s", "name", ",", "we", "'ll"};
    assertThat(Pair.words("It doesn't say the dog's name, we'll")).containsExactly(apart);
    assertThat(Pair.words("It does n't say the dog 's name , we 'll")).containsExactly(apart);
    assertThat(Pair.words("It doesn\u2019t say the dog\u2019s name, we\u2019ll"))
        .containsExactly(apart);
    assertThat(Pair.words("can't won't n't")).containsExactly("ca", "n't", "wo", "n't", "n't");
    assertThat(Pair.words("isn'tone o'clock"))
        .containsExactly("isn", "'", "tone", "o", "'", "clock");
  }

  @Test
  void aVeryLongWordIsNoTrouble() {
    assertThat(Pair.words("a".repeat(1_000_000))).hasSize(1);
    assertThat(Pair.words("7".repeat(1_000_000))).hasSize(1);
    assertThat(Pair.words("1,".repeat(200_000))).hasSize(2);
  }
}
