package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelledTest {
  private static Labelled numbers(int count) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < count; i++) {
      examples.add(new Example("text " + i, i % 3 == 0 ? "third" : "other"));
    }
    return Labelled.of("numbers", examples);
  }

  private static Example of(String text, String label) {
    return new Example(text, label);
  }

  @Test
  void classesAndCounts() {
    Labelled data = Labelled.of("d", List.of(of("a", "y"), of("b", "x"), of("c", "y")));
    assertThat(data.classes()).containsExactly("x", "y");
    assertThat(data.counts().toString()).isEqualTo("{y=2, x=1}");
    assertThat(data.texts()).containsExactly("a", "b", "c");
    assertThat(data).hasToString("d: 3 texts, 2 classes");
  }

  @Test
  void anEmptyTextOrLabelIsRefused() {
    assertThatThrownBy(() -> of(" ", "Dutch")).hasMessageContaining("\"Dutch\" has an empty text");
    assertThatThrownBy(() -> of("Vos", "")).hasMessageContaining("\"Vos\" has an empty label");
    assertThatThrownBy(() -> Labelled.of("d", List.of())).hasMessageContaining("no examples");
  }

  @Test
  void classesMayBeThoseOfOtherData() {
    List<Example> examples = List.of(of("a", "y"));
    assertThat(Labelled.of("d", examples, List.of("z", "y")).classes()).containsExactly("z", "y");
    assertThatThrownBy(() -> Labelled.of("d", examples, List.of("x", "z")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"d\" has the labels [y]; they must be among [x, z]");
  }

  @Test
  void bothFormsOfALetterStayOnOneSide() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 60; i++) {
      examples.add(of("N\u00E1me" + i, "x"));
      examples.add(of("Na\u0301me" + i, "x"));
    }
    LabelledSplit split = Labelled.of("d", examples).split(0.5, 0.2, 0.3, 1);
    assertThat(split.train().size()).isEqualTo(60);
    assertThat(split.test().texts().stream().map(t -> Normalizer.normalize(t, Normalizer.Form.NFC)))
        .doesNotContainAnyElementsOf(
            split.train().texts().stream()
                .map(t -> Normalizer.normalize(t, Normalizer.Form.NFC))
                .toList());
  }

  @Test
  void noFoldIsEmpty() {
    var examples = new ArrayList<>(List.of(of("a", "x"), of("A", "x"), of("b", "x")));
    List.of("c", "d", "e", "f", "g").forEach(text -> examples.add(of(text, "x")));
    Labelled data = Labelled.of("d", examples);
    assertThatThrownBy(() -> data.folds(8, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "8 folds of 8 examples leave one without any, since those with the same text stay"
                + " together; ask for fewer folds");
    assertThat(data.folds(4, 1)).allMatch(fold -> fold.test().size() > 0);
  }

  @Test
  void duplicatesGoAndAmbiguousTextsAreNamed() {
    Labelled data =
        Labelled.of("d", List.of(of("a", "x"), of("a", "y"), of("a", "x"), of("b", "x")));
    assertThat(data.distinct().examples())
        .containsExactly(of("a", "x"), of("a", "y"), of("b", "x"));
    assertThat(data.ambiguous()).hasSize(1).containsEntry("a", List.of("x", "y"));
  }

  @Test
  void aSplitLosesNothingAndKeepsTheClasses() {
    LabelledSplit split = numbers(100).split(0.7, 0.1, 0.2, 5);
    assertThat(split.train().size()).isEqualTo(70);
    assertThat(split.validation().size()).isEqualTo(10);
    assertThat(split.test().size()).isEqualTo(20);
    Set<Example> all = new HashSet<>(split.train().examples());
    all.addAll(split.validation().examples());
    all.addAll(split.test().examples());
    assertThat(all).hasSize(100);
    assertThat(numbers(100).split(0.7, 0.1, 0.2, 5).test().examples())
        .isEqualTo(split.test().examples());
    assertThat(numbers(100).split(0.7, 0.1, 0.2, 6).test().examples())
        .isNotEqualTo(split.test().examples());
  }

  @Test
  void textsWithTheSameKeyStayTogether() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 60; i++) {
      examples.add(of("N\u00E1me" + i, "a"));
      examples.add(of("Name" + i, "b"));
    }
    LabelledSplit split =
        Labelled.of("d", examples).split(0.5, 0.2, 0.3, 1, t -> t.replace('\u00E1', 'a'));
    for (Labelled part : List.of(split.train(), split.validation(), split.test())) {
      Set<String> texts = new HashSet<>(part.texts());
      for (String text : texts) {
        assertThat(texts).contains(text.replace('\u00E1', 'a'), text.replace("Na", "N\u00E1"));
      }
    }
  }

  @Test
  void aClassThatCannotBeLearnedAndTestedIsOneSentence() {
    var examples = new ArrayList<>(numbers(30).examples());
    examples.add(of("alone", "rare"));
    Labelled one = Labelled.of("d", examples);
    assertThatThrownBy(() -> one.split(0.6, 0.2, 0.2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\"d\" has one example of the class \"rare\"; it needs two at least, one to learn from"
                + " and one to test");
    assertThat(one.split(1, 0, 0, 1).train().size()).isEqualTo(31);
    examples.add(of("another", "rare"));
    Labelled two = Labelled.of("d", examples);
    int learned = 0;
    for (long seed = 1; seed <= 40; seed++) {
      try {
        LabelledSplit split = two.split(0.5, 0.2, 0.3, seed);
        assertThat(split.train().counts().get("rare")).isPositive();
        assertThat(split.test().classes()).containsExactly("other", "rare", "third");
        learned++;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("none of the 2 examples of the class \"rare\"");
      }
    }
    assertThat(learned).isBetween(20, 39);
  }

  @Test
  void foldsTestEveryExampleOnce() {
    List<LabelledSplit> folds = numbers(53).folds(10, 3);
    var tested = new ArrayList<Example>();
    for (LabelledSplit fold : folds) {
      tested.addAll(fold.test().examples());
      Set<Example> learned = new HashSet<>(fold.train().examples());
      assertThat(learned).doesNotContainAnyElementsOf(fold.test().examples());
      assertThat(learned).doesNotContainAnyElementsOf(fold.validation().examples());
      assertThat(fold.train().size() + fold.validation().size() + fold.test().size()).isEqualTo(53);
      assertThat(fold.test().size()).isBetween(5, 6);
    }
    assertThat(tested).hasSize(53).doesNotHaveDuplicates();
    assertThatThrownBy(() -> numbers(9).folds(2, 1)).hasMessageContaining("k is 2");
    assertThatThrownBy(() -> numbers(9).folds(10, 1)).hasMessageContaining("[3, 9]");
  }

  @Test
  void foldsRefuseAClassThatCannotBeLearnedAndTested() {
    var examples = new ArrayList<>(numbers(30).examples());
    examples.add(of("alone", "rare"));
    assertThatThrownBy(() -> Labelled.of("d", examples).folds(10, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "\"d\" has one example of the class \"rare\"; it needs two at least, one to learn from"
                + " and one to test");
    // Two with one key are dealt to one side: some fold tests both and learns neither.
    examples.add(of("Alone ", "rare"));
    assertThatThrownBy(() -> Labelled.of("d", examples).folds(10, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "none of the 2 examples of the class \"rare\" came into the training part; take another"
                + " seed, more folds, or more examples");
  }

  @Test
  void wrongSharesAreNamed() {
    assertThatThrownBy(() -> numbers(9).split(0.8, 0.1, 0.2, 1))
        .hasMessageContaining("0.8, 0.1, 0.2");
    assertThatThrownBy(() -> numbers(9).split(0, 0.5, 0.5, 1)).hasMessageContaining("above 0");
  }

  @Test
  void readingDropsCaseAndSpacesOfWords() {
    Labelled data = Labelled.of("d", List.of(of("It's a dog, a DOG.", "x"), of("\"A cat\"", "y")));
    Reading words = Reading.words(data, 1);
    assertThat(words.tokens("It's a DOG.")).containsExactly("it's", "a", "dog", ".");
    assertThat(words.token(2)).isEqualTo("a");
    assertThat(words.ids("dog zebra")).containsExactly(words.ids("DOG")[0], Reading.UNKNOWN);
    assertThat(words.size()).isEqualTo(2 + 7);
    assertThat(Reading.words(data, 2).contains("cat")).isFalse();
    assertThat(Reading.words(data, 2).contains("dog")).isTrue();
    assertThat(words.unknown(List.of("dog zebra", "a cow"))).isEqualTo(0.5);
    assertThat(words.ids("  ")).isEmpty();
    assertThatThrownBy(() -> Reading.words(data, 0)).hasMessageContaining("minimumCount is 0");
  }

  @Test
  void readingForVectorsCutsAsTheyWereCutAndKnowsTheirWords() {
    Labelled data = Labelled.of("d", List.of(of("It doesn't bark.", "x"), of("It bites.", "y")));
    Reading words = Reading.words(data, 2, Set.of("n't", "cat", "bites", ""));
    assertThat(words.tokens("It doesn't.")).containsExactly("it", "does", "n't", ".");
    // Twice in training, or with a vector, or neither.
    assertThat(words.contains("it")).isTrue();
    assertThat(words.contains("bites")).isTrue();
    assertThat(words.contains("n't")).isTrue();
    assertThat(words.contains("cat")).isTrue();
    assertThat(words.contains("bark")).isFalse();
    assertThat(words.ids("cat bark")).doesNotContain(0).endsWith(Reading.UNKNOWN);
    assertThat(words.size()).isEqualTo(2 + 5);
    assertThat(words).hasToString("5 words");
  }

  @Test
  void readingTakesCharactersAsTheyStand() {
    Reading letters = Reading.characters(Labelled.of("d", List.of(of("Nov\u00E1k", "x"))));
    assertThat(letters.tokens("k\u00E1N")).containsExactly("k", "\u00E1", "N");
    assertThat(letters.ids("kz")).hasSize(2).endsWith(Reading.UNKNOWN).doesNotContain(0);
    assertThat(letters).hasToString("5 characters");
    // The accent as a code point of its own is the same letter, in training too.
    assertThat(letters.ids("a\u0301")).containsExactly(letters.ids("\u00E1"));
    Reading apart = Reading.characters(Labelled.of("d", List.of(of("Nova\u0301k", "x"))));
    assertThat(apart.ids("Nov\u00E1k")).containsExactly(letters.ids("Nov\u00E1k"));
    assertThat(apart).hasToString("5 characters");
  }
}
