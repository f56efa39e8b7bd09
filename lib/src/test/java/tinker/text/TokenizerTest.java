package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TokenizerTest {
  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void theTokensOfAnyTextAreTheTextAgain(Tokenizer tokenizer) {
    var random = new SplittableRandom(1);
    for (int round = 0; round < 5000; round++) {
      String text = AnyText.random(random);
      assertThat(String.join("", tokenizer.split(text))).isEqualTo(text);
      assertThat(tokenizer.split(text)).doesNotContain("");
    }
    assertThat(tokenizer.split("")).isEmpty();
  }

  @Test
  void charactersAreCodePoints() {
    assertThat(Tokenizer.CHARACTERS.split("a\uD83D\uDE00e\u0301\uD83D"))
        .containsExactly("a", "\uD83D\uDE00", "e", "\u0301", "\uD83D");
  }

  @Test
  void wordsTakeTheSpaceBeforeThemAlong() {
    assertThat(Tokenizer.WORDS.split("It isn't 1968, is it?  No\u2014the band's\n\"hit\"  "))
        .containsExactly(
            "It", " isn't", " 1968", ",", " is", " it", "?", " ", " No", "\u2014", "the", " band's",
            "\n", "\"", "hit", "\"", " ", " ");
    assertThat(Tokenizer.WORDS.split("'tis rock'n'roll' cafe\u0301s"))
        .containsExactly("'", "tis", " rock'n'roll", "'", " cafe\u0301s");
  }

  @Test
  void wordsAreThoseOfTheirRegularExpression() {
    // The rule in the form in which it is easy to read; Java cannot run it on long words.
    Pattern rule =
        Pattern.compile(
            " ?(?:[\\p{L}\\p{M}]+(?:['\u2019][\\p{L}\\p{M}]+)*|\\p{N}+|[^\\s\\p{L}\\p{M}\\p{N}])|\\s");
    var random = new SplittableRandom(2);
    for (int round = 0; round < 5000; round++) {
      String text = AnyText.random(random);
      assertThat(Tokenizer.WORDS.split(text))
          .as(text)
          .isEqualTo(rule.matcher(text).results().map(r -> r.group()).toList());
    }
  }

  @Test
  void aWordOfAMillionCharactersIsOneToken() {
    String word = "a'".repeat(500_000) + "b";
    assertThat(Tokenizer.WORDS.split(word)).containsExactly(word);
  }
}
