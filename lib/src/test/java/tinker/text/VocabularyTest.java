package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  @Test
  void anyTextComesBackThroughBothKindsOfVocabulary() {
    var random = new SplittableRandom(3);
    for (int round = 0; round < 2000; round++) {
      String text = AnyText.random(random);
      Corpus corpus = Corpus.ofText("t", text);
      for (Vocabulary vocabulary :
          List.of(Vocabulary.ofCharacters(corpus), Vocabulary.ofWords(corpus, 1))) {
        int[] ids = vocabulary.encode(text);
        assertThat(vocabulary.decode(ids)).isEqualTo(text);
        assertThat(ids).doesNotContain(vocabulary.unknown(), vocabulary.end());
        assertThat(vocabulary.withoutUnknown().encode(text)).isEqualTo(ids);
        Vocabulary again = Vocabulary.of(vocabulary.tokenizer(), vocabulary.textTokens(), true);
        assertThat(again).isEqualTo(vocabulary).hasSameHashCodeAs(vocabulary);
        assertThat(again.encode(text)).isEqualTo(ids);
      }
    }
  }

  @Test
  void idsAreDenseAndInOrder() {
    Vocabulary chars = Vocabulary.ofCharacters("banana \uD83D\uDE00");
    assertThat(chars.textTokens()).containsExactly(" ", "a", "b", "n", "\uD83D\uDE00");
    assertThat(chars.size()).isEqualTo(7);
    assertThat(chars.unknown()).isZero();
    assertThat(chars.end()).isEqualTo(1);
    assertThat(chars.encode("ban")).containsExactly(4, 3, 5);
    assertThat(chars.contains("\uD83D\uDE00")).isTrue();
    assertThat(chars.contains("x")).isFalse();
    assertThat(chars.toString()).isEqualTo("5 characters");
  }

  @Test
  void wordsBeginWithTheMostFrequentAndRareOnesAreUnknown() {
    Corpus corpus = Corpus.of("t", List.of("a b a c", "a b"));
    Vocabulary words = Vocabulary.ofWords(corpus, 2);
    assertThat(words.textTokens()).containsExactly(" b", "a");
    assertThat(words.encode("a b c")).containsExactly(3, 2, words.unknown());
    assertThat(words.decode(words.encode("a b c"))).isEqualTo("a b" + Vocabulary.UNKNOWN);
    assertThat(words.toString()).isEqualTo("2 words");
    assertThatThrownBy(() -> Vocabulary.ofWords(corpus, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("minimumCount is 0");
  }

  @Test
  void anUnknownCharacterIsOneUnknownTokenOrRefused() {
    Vocabulary chars = Vocabulary.ofCharacters("abc");
    assertThat(chars.encode("a\uD83D\uDE00\u00E9\uD83D"))
        .containsExactly(2, chars.unknown(), chars.unknown(), chars.unknown());
    assertThatThrownBy(() -> chars.withoutUnknown().encode("ab\uD83D\uDE00"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U+1F600")
        .hasMessageContaining("number 3 of the text counted from 1")
        .hasMessageContaining("3 of the vocabulary");
    assertThat(chars.withoutUnknown()).isNotEqualTo(chars);
  }

  @Test
  void anUnknownWordIsOneUnknownTokenOrRefused() {
    Vocabulary words = Vocabulary.of(Tokenizer.WORDS, List.of("the", " cat"), true);
    assertThat(words.encode("the dog cat")).containsExactly(2, words.unknown(), 3);
    assertThatThrownBy(() -> words.withoutUnknown().encode("the dog cat"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "token \" dog\" (U+0020 U+0064 U+006F U+0067), number 2 of the text counted from 1, is"
                + " not among the 2 of the vocabulary, and it has no unknown token");
  }

  @Test
  void theReplacementCharacterInATextIsAKnownCharacter() {
    Vocabulary chars = Vocabulary.ofCharacters("a\uFFFD");
    assertThat(chars.encode("\uFFFD")).containsExactly(3);
    assertThat(chars.decode(3)).isEqualTo("\uFFFD");
  }

  @Test
  void endIsNoTextAndIdsOutsideAreRefused() {
    Vocabulary chars = Vocabulary.ofCharacters("ab");
    assertThat(chars.decode(2, chars.end(), 3)).isEqualTo("ab");
    assertThatThrownBy(() -> chars.decode(4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chars.decode(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chars.show(4)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aSavedVocabularyMustBeOne() {
    assertThatThrownBy(() -> Vocabulary.of(Tokenizer.CHARACTERS, List.of("a", "a"), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stands twice");
    assertThatThrownBy(() -> Vocabulary.of(Tokenizer.CHARACTERS, List.of("ab"), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not one character");
    assertThatThrownBy(() -> Vocabulary.of(Tokenizer.CHARACTERS, List.of(""), true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyTokenIsShownBySomethingVisible() {
    Vocabulary chars = Vocabulary.ofCharacters(" \n\t\r\u0000\u00A0\u200D\u0301\uD83Dab");
    assertThat(Arrays.stream(chars.encode(" \n\t\r\u0000\u00A0\u200D\u0301")).mapToObj(chars::show))
        .containsExactly(
            "\u2423", "\\n", "\\t", "\\r", "U+0000", "U+00A0", "U+200D", "\u25CC\u0301");
    assertThat(chars.show(chars.encode("\uD83D")[0])).isEqualTo("U+D83D");
    assertThat(chars.show(chars.end())).isNotBlank();
    assertThat(chars.show(chars.unknown())).isEqualTo("\uFFFD");
    Vocabulary words = Vocabulary.ofWords(Corpus.ofText("t", " word"), 1);
    assertThat(words.show(2)).isEqualTo("\u2423word");
  }
}
