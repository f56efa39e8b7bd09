package tinker.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.WordVectors;
import tinker.nn.Frozen;
import tinker.nn.Weights;
import tinker.text.Pair;
import tinker.text.Vocabulary;
import tinker.train.Fit;
import tinker.train.FitOptions;
import tinker.train.Predictions;

class BaselinesTest {
  private static final WordVectors VECTORS = WordVectors.random(8, 7);
  private static final Vocabulary LETTERS = Vocabulary.ofCharacters("abcdefghijklmnopqrstuvwxyz");
  private static final BimpmOptions SMALL =
      BimpmOptions.paper().letters(3, 4).hidden(6).dropout(0).seed(7);

  @Test
  void majorityIsTheShareOfEachLabel() {
    Pairs pairs = Pairs.bundled();
    assertThat(BagBaseline.frequencies(pairs.all(), pairs.labels()))
        .usingComparatorWithPrecision(1e-9)
        .containsExactly(283 / 800.0, 260 / 800.0, 257 / 800.0);
  }

  private static List<Pair> overlapping(int n, long seed) {
    var random = new Random(seed);
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < n; i++) {
      String a = "w" + (char) ('a' + random.nextInt(20));
      String b = random.nextBoolean() ? a : "w" + (char) ('a' + random.nextInt(20));
      pairs.add(new Pair("", "the " + a, "a " + b, a.equals(b) ? "same" : "other", ""));
    }
    return pairs;
  }

  @Test
  void aBagSeesWhetherWordsAreShared() {
    List<String> labels = List.of("same", "other");
    BagBaseline bag = BagBaseline.train(overlapping(300, 1), labels, 1e-4, 7);
    List<Pair> test = overlapping(200, 2);
    double[][] said = bag.probabilities(test);
    int right = 0;
    for (int i = 0; i < test.size(); i++) {
      assertThat(Arrays.stream(said[i]).sum()).isCloseTo(1, within(1e-9));
      right += labels.get(said[i][0] > said[i][1] ? 0 : 1).equals(test.get(i).label()) ? 1 : 0;
    }
    assertThat(right).isEqualTo(200);
    assertThat(BagBaseline.train(overlapping(300, 1), labels, 1e-4, 7).probabilities(test))
        .isDeepEqualTo(said);
    assertThatThrownBy(() -> BagBaseline.train(overlapping(30, 1), List.of("same"), 0, 7))
        .hasMessage("a pair is labelled \"other\"; the labels are [same]");
    assertThatThrownBy(() -> BagBaseline.train(List.of(), labels, 0, 7))
        .hasMessageContaining("no pairs");
  }

  @Test
  void aBagDoesNotSeeTheOrderOfWords() {
    List<Pair> train = Pairs.controlled(600, 7).all();
    BagBaseline bag =
        BagBaseline.train(train, List.of("entailment", "neutral", "contradiction"), 1e-4, 7);
    var one = new Pair("", "the girl helps the boy", "the boy is helped by the girl", "", "");
    var other = new Pair("", "the boy helps the girl", "the boy is helped by the girl", "", "");
    double[][] said = bag.probabilities(List.of(one, other));
    assertThat(said[0]).usingComparatorWithPrecision(1e-12).containsExactly(said[1]);
  }

  private static Pairs pairs(String... sentences) {
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < sentences.length; i += 2) {
      pairs.add(new Pair("", sentences[i], sentences[i + 1], "x", ""));
    }
    return Pairs.of("pairs", List.of("x", "y"), pairs);
  }

  private static float[] logits(SiameseLstm model, Pairs pairs) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList inputs = PairBatches.of(pairs, VECTORS, LETTERS, pairs.size()).whole().inputs(manager);
      return model.logits(new Frozen(manager), inputs, false).toFloatArray();
    }
  }

  @Test
  void paddingChangesNothingInTheSiameseLstm() {
    try (var model = SiameseLstm.of(8, LETTERS.size(), 2, SMALL)) {
      float[] alone = logits(model, pairs("a cat", "the dog"));
      float[] beside =
          logits(
              model,
              pairs("a cat", "the dog", "an extraordinarily long one of many words", "x", "", "y"));
      assertThat(beside[0]).isCloseTo(alone[0], within(1e-5f));
      assertThat(beside[1]).isCloseTo(alone[1], within(1e-5f));
      assertThat(beside).doesNotContain(Float.NaN);
      assertThat(logits(model, pairs("a dog", "the dog"))[0])
          .as("control: another word does change something")
          .isNotCloseTo(alone[0], within(1e-5f));
    }
  }

  @Test
  void theSiameseLstmComparesFourThings() {
    try (NDManager manager = NDManager.newBaseManager();
        var model = SiameseLstm.of(8, LETTERS.size(), 2, SMALL)) {
      // With equal sentences the difference is zero and the parts of p and q are equal: then the
      // answer does not change if the weights of |p - q| do, nor if those of p and q change places.
      NDArray weight = Weights.array(model.block(), "prediction.hidden.weight"); // (12, 48)
      float[] before = logits(model, pairs("a cat", "a cat"));
      float[] other = logits(model, pairs("a cat", "a dog"));
      float[] values = weight.toFloatArray();
      float[] changed = values.clone();
      for (int row = 0; row < 12; row++) {
        for (int i = 0; i < 12; i++) {
          changed[row * 48 + i] = values[row * 48 + 12 + i];
          changed[row * 48 + 12 + i] = values[row * 48 + i];
          changed[row * 48 + 24 + i] = 5;
        }
      }
      Weights.set(weight, changed);
      assertThat(logits(model, pairs("a cat", "a cat"))[0]).isCloseTo(before[0], within(1e-5f));
      assertThat(logits(model, pairs("a cat", "a dog"))[0]).isNotCloseTo(other[0], within(1e-3f));
    }
  }

  @Test
  void theSiameseLstmLearns() {
    Pairs pairs = Pairs.of("overlap", List.of("same", "other"), overlapping(64, 1));
    try (var model = SiameseLstm.of(8, LETTERS.size(), 2, SMALL.letters(1, 0).hidden(16))) {
      PairBatches batches = PairBatches.of(pairs, VECTORS, LETTERS, 16);
      double before = Predictions.of(model, batches).loss();
      FitOptions options = FitOptions.epochs(40).oneCycle(1e-2).record(null);
      Fit fit = Fit.of(model, batches.shuffled(), null, options);
      Predictions after = Predictions.of(model, batches);
      assertThat(before).isBetween(0.6, 0.8);
      assertThat(after.loss()).isLessThan(0.2);
      assertThat(after.label(3)).isEqualTo(pairs.label(3));
      assertThat(fit.history().unit()).isEqualTo("example");
    }
  }
}
