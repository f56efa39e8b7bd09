package tinker.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tinker.data.Batches;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.data.WordVectors;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.model.RecurrentClassifier;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.model.TextCnn;
import tinker.model.TextCnnOptions;
import tinker.model.TextGenRnn;
import tinker.model.TextGenRnnOptions;
import tinker.nn.Trainable;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;

/** Models that are given batches which are not theirs: one sentence says so, not the engine. */
@ExtendWith(Quiet.class)
class WrongBatchesTest {
  private static final Corpus TEXT = Corpus.ofText("text", "abcabc".repeat(50));
  private static final Vocabulary CHARS = Vocabulary.ofCharacters(TEXT);
  private static final Labelled LABELLED =
      Labelled.of(
          "three classes",
          List.of(
              new Example("one two", "x"),
              new Example("two three", "y"),
              new Example("three one", "z")));
  private static final Reading WORDS = Reading.words(LABELLED, 1);
  private static final Pairs PAIRS = Pairs.controlled(60, 1);
  private static final Vocabulary LETTERS = PairBatches.letters(PAIRS);

  private static Batches pairs() {
    return PairBatches.of(PAIRS, WordVectors.random(20, 1), LETTERS, 8, 20, 10);
  }

  private static void refused(Trainable model, Batches batches, String sentence) {
    FitOptions options = FitOptions.epochs(1).rate(1e-3).record(null);
    assertThatThrownBy(() -> Fit.of(model, batches, null, options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void languageModelsReadTokenIds() {
    try (var recurrent = RecurrentModel.lstm(CHARS, RecurrentOptions.of(1, 8));
        var window =
            TextGenRnn.of(
                CHARS, TextGenRnnOptions.characters().window(8).embedding(4).layers(1, 8));
        var grams = NeuralNGram.of(CHARS, NeuralNGramOptions.of(2, 4, 8))) {
      for (Trainable model : List.of(recurrent, window, grams)) {
        refused(
            model,
            pairs(),
            "a batch of 7 arrays; a language model reads one, of token ids, as TokenStreams makes"
                + " them");
      }
    }
  }

  @Test
  void classifiersReadIdsAndLengthsAndHaveAClassForEachLabel() {
    List<String> two = List.of("x", "y");
    try (var recurrent = RecurrentClassifier.gru(WORDS, two, RecurrentOptions.of(1, 8));
        var cnn = TextCnn.of(WORDS, two, TextCnnOptions.of(4, 2))) {
      for (Trainable model : List.of(recurrent, cnn)) {
        refused(
            model,
            TokenStreams.of(TEXT, CHARS, 2, 16),
            "a batch of 1 arrays; a text classifier reads two, ids and lengths, as TextBatches"
                + " makes them");
        refused(
            model,
            TextBatches.of(LABELLED, WORDS, 3),
            "label 2; this model answers with the numbers 0 to 1");
      }
    }
  }

  @Test
  void aModelOfPairsHasAClassForEachLabel() {
    BimpmOptions small = BimpmOptions.paper().hidden(8).perspectives(2);
    try (var model = BimpmModel.of(20, LETTERS.size(), 2, small)) {
      refused(model, pairs(), "label 2; this model answers with the numbers 0 to 1");
      assertThatThrownBy(() -> Predictions.of(model, pairs()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("label 2 of item \\d+; the answers are numbered 0 to 1");
    }
  }

  @Test
  void validationNumbersTheClassesAsTrainingDoes() {
    FitOptions options = FitOptions.epochs(1).rate(1e-3).record(null);
    Labelled held = Labelled.of("held", List.of(new Example("two three", "y")));
    Labelled known = Labelled.of("held", held.examples(), LABELLED.classes());
    TextBatches train = TextBatches.of(LABELLED, WORDS, 3);
    try (var model =
        RecurrentClassifier.gru(WORDS, LABELLED.classes(), RecurrentOptions.of(1, 4))) {
      assertThatThrownBy(() -> Fit.of(model, train, TextBatches.of(held, WORDS, 3), options))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "training numbers the classes [x, y, z], validation [y]; both must have the same"
                  + " ones in the same order");
      Fit.of(model, train, TextBatches.of(known, WORDS, 3), options);
    }
  }
}
