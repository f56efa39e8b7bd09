package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.nn.Recurrent;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;

/** The stop button while a model is measured. */
class InterruptsTest {
  private static final Vocabulary CHARS = Vocabulary.ofCharacters("abc ");

  static List<Supplier<NeuralModel>> models() {
    return List.of(
        () -> RecurrentModel.of(Recurrent.Kind.GRU, CHARS, RecurrentOptions.of(1, 4)),
        () -> NeuralNGram.of(CHARS, NeuralNGramOptions.of(2, 4, 4)),
        () ->
            TextGenRnn.of(
                CHARS, TextGenRnnOptions.characters().window(4).embedding(3).layers(1, 4)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void endsTheScoringOfAText(Supplier<NeuralModel> maker) {
    int[] tokens = CHARS.encode("abc cab bac");
    try (NeuralModel model = maker.get()) {
      double[] before = model.score(tokens);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> model.score(tokens))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted");
      assertThat(Thread.interrupted()).isFalse();
      assertThat(model.score(tokens)).isEqualTo(before);
    }
  }

  @Test
  void endsTheJudgingOfTexts() {
    Labelled texts = Labelled.of("two", List.of(new Example("a b", "x"), new Example("b c", "y")));
    try (var model = BagOfWords.of(Reading.words(texts, 1), texts.classes())) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> model.logProbabilities(List.of("a b", "c")))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isFalse();
    }
  }
}
