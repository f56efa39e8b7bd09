package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.TextBatches;
import tinker.nn.Frozen;
import tinker.nn.Leaves;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.train.Fit;
import tinker.train.FitOptions;

class ClassifierTest {
  private static final Labelled DATA =
      Labelled.of(
          "toy",
          List.of(
              new Example("a good good record", "good"),
              new Example("not bad at all , a good one", "good"),
              new Example("a bad record", "bad"),
              new Example("bad", "bad"),
              new Example("it is what it is", "so so")));
  private static final Reading WORDS = Reading.words(DATA, 1);
  private static final Map<String, float[]> FIXED =
      Map.of(
          "good",
          new float[] {0.5f, -1},
          "bad",
          new float[] {-2, 0.3f},
          "zebra",
          new float[] {1, 1});

  static List<Supplier<NeuralClassifier>> all() {
    RecurrentOptions size = RecurrentOptions.of(2, 5).embedding(4).dropout(0.3).seed(3);
    var all = new ArrayList<Supplier<NeuralClassifier>>();
    for (Recurrent.Kind kind :
        List.of(Recurrent.Kind.RNN_TANH, Recurrent.Kind.GRU, Recurrent.Kind.LSTM)) {
      all.add(() -> RecurrentClassifier.of(kind, WORDS, DATA.classes(), size));
      all.add(() -> RecurrentClassifier.bothWays(kind, WORDS, DATA.classes(), size));
    }
    all.add(
        () -> TextCnn.of(WORDS, DATA.classes(), TextCnnOptions.of(4, 6).widths(1, 3, 5).seed(3)));
    all.add(
        () -> {
          var bag = BagOfWords.of(WORDS, DATA.classes());
          var random = new Random(3);
          NDArray weight = Weights.array(bag.block(), "words.weight");
          float[] values = new float[(int) weight.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          Weights.set(weight, values);
          return bag;
        });
    all.add(
        () ->
            TextCnn.of(
                WORDS,
                DATA.classes(),
                TextCnnOptions.of(4, 6).widths(1, 3).vectorDropout(0.2).seed(3),
                FIXED));
    return all;
  }

  @ParameterizedTest
  @MethodSource("all")
  void paddingAndNeighboursChangeNothing(Supplier<NeuralClassifier> made) {
    try (NeuralClassifier model = made.get();
        NDManager manager = NDManager.newBaseManager()) {
      var random = new Random(1);
      int[] lengths = {1, 2, 5, 9};
      int steps = 14;
      long[] ids = new long[lengths.length * steps];
      for (int i = 0; i < ids.length; i++) {
        // At padding, too: what stands there must not matter.
        ids[i] = random.nextInt(WORDS.size());
      }
      float[] together =
          model
              .logits(
                  manager.create(ids, new Shape(lengths.length, steps)),
                  manager.create(Arrays.stream(lengths).asLongStream().toArray()))
              .toFloatArray();
      for (int row = 0; row < lengths.length; row++) {
        long[] own = Arrays.copyOfRange(ids, row * steps, row * steps + lengths[row]);
        float[] alone =
            model
                .logits(
                    manager.create(own, new Shape(1, own.length)),
                    manager.create(new long[] {own.length}))
                .toFloatArray();
        for (int c = 0; c < 3; c++) {
          assertThat(together[row * 3 + c]).isCloseTo(alone[c], within(1e-5f));
        }
        // And the text itself does matter.
        assertThat(Math.abs(alone[0]) + Math.abs(alone[1])).isGreaterThan(1e-3f);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void answersAreProbabilitiesAndDoNotDependOnTheBatch(Supplier<NeuralClassifier> made) {
    try (NeuralClassifier model = made.get()) {
      List<double[]> many = model.logProbabilities(DATA.texts());
      for (int i = 0; i < many.size(); i++) {
        double[] alone = model.logProbabilities(DATA.texts().get(i));
        assertThat(many.get(i)).containsExactly(alone, within(1e-5));
        assertThat(Arrays.stream(alone).map(Math::exp).sum()).isCloseTo(1, within(1e-9));
      }
      Map<String, Double> sorted = model.probabilities("a bad one");
      assertThat(new ArrayList<>(sorted.values())).isSortedAccordingTo((a, b) -> -a.compareTo(b));
      assertThat(model.classify("a bad one")).isEqualTo(sorted.keySet().iterator().next());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void oneWordOrTenThousandOrNoneKnown(Supplier<NeuralClassifier> made) {
    try (NeuralClassifier model = made.get()) {
      assertThat(model.logProbabilities("bad")).doesNotContain(Double.NaN);
      assertThat(model.logProbabilities("good record ".repeat(5_000))).doesNotContain(Double.NaN);
      assertThat(model.logProbabilities("zebra quagga")).doesNotContain(Double.NaN);
      assertThatThrownBy(() -> model.logProbabilities(" "))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is nothing to read in \" \"; a text needs at least one token");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSameFewTextsCanBeLearnedByHeart(Supplier<NeuralClassifier> made) {
    try (NeuralClassifier model = made.get()) {
      double before = Scores.of(model, DATA).loss();
      TextBatches batches = TextBatches.of(DATA, WORDS, 5);
      Fit.of(model, batches, null, FitOptions.epochs(60).oneCycle(0.05).record(null));
      Scores after = Scores.of(model, DATA);
      assertThat(after.loss()).isLessThan(before / 3);
      assertThat(after.accuracy()).isEqualTo(1);
    }
  }

  @Test
  void theCnnIsWhatPlainLoopsCompute() {
    var options = TextCnnOptions.of(4, 6).widths(2, 3).seed(9);
    try (var cnn = TextCnn.of(WORDS, DATA.classes(), options)) {
      float[] vectors = Weights.array(cnn.block(), "embedding.weight").toFloatArray();
      float[] output = Weights.array(cnn.block(), "output.weight").toFloatArray();
      float[] bias = Weights.array(cnn.block(), "output.bias").toFloatArray();
      for (String text : List.of("bad", "not bad", "it is what it is , a good good record")) {
        int[] ids = WORDS.ids(text);
        double[] scores = {bias[0], bias[1], bias[2]};
        List<TextCnn.Firing> firings = cnn.firings(text);
        int number = 0;
        for (int width : options.widths()) {
          float[] kernel = Weights.array(cnn.block(), "conv" + width + ".weight").toFloatArray();
          float[] own = Weights.array(cnn.block(), "conv" + width + ".bias").toFloatArray();
          for (int f = 0; f < 6; f++) {
            double best = 0;
            int at = 0;
            for (int from = 0; from <= Math.max(0, ids.length - width); from++) {
              double sum = own[f];
              for (int k = 0; k < width && from + k < ids.length; k++) {
                for (int e = 0; e < 4; e++) {
                  sum += kernel[(f * 4 + e) * width + k] * vectors[ids[from + k] * 4 + e];
                }
              }
              if (sum > best) {
                best = sum;
                at = from;
              }
            }
            TextCnn.Firing firing = firings.get(number);
            assertThat(firing.value()).isCloseTo(best, within(1e-5));
            if (best > 0) {
              assertThat(firing.from()).isEqualTo(at);
              assertThat(firing.to()).isEqualTo(Math.min(ids.length, at + width));
            }
            for (int c = 0; c < 3; c++) {
              scores[c] += output[c * 12 + number] * best;
            }
            number++;
          }
        }
        assertThat(cnn.logProbabilities(text))
            .containsExactly(Logits.logSoftmax(scores), within(1e-5));
      }
    }
  }

  @Test
  void theBagIsWhatPlainLoopsCompute() {
    try (var bag = (BagOfWords) all().get(7).get()) {
      float[] weights = Weights.array(bag.block(), "words.weight").toFloatArray();
      double[] scores = new double[3];
      // "good" stands there twice and counts once.
      for (String word : List.of("a", "good", "record")) {
        for (int c = 0; c < 3; c++) {
          scores[c] += weights[WORDS.ids(word)[0] * 3 + c];
        }
      }
      assertThat(bag.logProbabilities("a good good record"))
          .containsExactly(Logits.logSoftmax(scores), within(1e-5));
    }
  }

  @Test
  void theMostTellingWordsAreThoseThatWereLearned() {
    try (var bag = BagOfWords.of(WORDS, DATA.classes())) {
      assertThat(bag.probabilities("good").values()).allMatch(p -> Math.abs(p - 1 / 3.0) < 1e-6);
      var options = FitOptions.epochs(40).oneCycle(0.05).record(null);
      Fit.of(bag, TextBatches.of(DATA, WORDS, 5), null, options);
      assertThat(bag.telling("good", 1).get(0).token()).isEqualTo("good");
      assertThat(bag.telling("bad", 1).get(0).token()).isEqualTo("bad");
      assertThat(bag.telling("good", -1).get(0).weight()).isNegative();
      assertThatThrownBy(() -> bag.telling("fair", 1)).hasMessageContaining("no class \"fair\"");
    }
  }

  @Test
  void theStepsEndWhereTheAnswerIs() {
    try (var lstm =
        RecurrentClassifier.lstm(WORDS, DATA.classes(), RecurrentOptions.of(1, 5).seed(2))) {
      double[][] steps = lstm.steps("not bad at all");
      assertThat(steps).hasNumberOfRows(4);
      assertThat(steps[3]).containsExactly(lstm.logProbabilities("not bad at all"), within(1e-5));
      assertThat(steps[1]).containsExactly(lstm.logProbabilities("not bad"), within(1e-5));
    }
    try (var both =
        RecurrentClassifier.bothWays(
            Recurrent.Kind.GRU, WORDS, DATA.classes(), RecurrentOptions.of(1, 5))) {
      assertThatThrownBy(() -> both.steps("bad")).hasMessageContaining("both ends");
    }
    RecurrentOptions byHand = RecurrentOptions.of(1, 5).computedByHand();
    assertThatThrownBy(
            () -> RecurrentClassifier.bothWays(Recurrent.Kind.GRU, WORDS, DATA.classes(), byHand))
        .hasMessage("byHand is true; both ways it must be false");
  }

  @Test
  void theLayerIsWhatTheEquationsSay() {
    RecurrentOptions size = RecurrentOptions.of(1, 5).embedding(4).seed(3);
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      try (var layer = RecurrentClassifier.of(kind, WORDS, DATA.classes(), size);
          var hand = RecurrentClassifier.of(kind, WORDS, DATA.classes(), size.computedByHand())) {
        for (String text : DATA.texts()) {
          assertThat(layer.logProbabilities(text))
              .containsExactly(hand.logProbabilities(text), within(1e-5));
        }
      }
    }
  }

  @Test
  void wordVectorsAreWhereTheirWordsAre() {
    try (var cnn = TextCnn.of(WORDS, DATA.classes(), TextCnnOptions.of(2, 1))) {
      float[] before = Weights.array(cnn.block(), "embedding.weight").toFloatArray();
      Map<String, float[]> vectors = new LinkedHashMap<>();
      vectors.put("good", new float[] {7, 8});
      vectors.put("zebra", new float[] {1, 2});
      assertThat(cnn.begin(vectors)).isEqualTo(1);
      float[] after = Weights.array(cnn.block(), "embedding.weight").toFloatArray();
      int good = WORDS.ids("good")[0];
      before[2 * good] = 7;
      before[2 * good + 1] = 8;
      assertThat(after).containsExactly(before);
      vectors.put("bad", new float[3]);
      assertThatThrownBy(() -> cnn.begin(vectors)).hasMessageContaining("\"bad\" has 3 numbers");
    }
  }

  /** A fixed vector beside a trained one is a longer vector of which one half never changes. */
  @Test
  void fixedVectorsStandBesideTrainedOnesAndStay() {
    var options = TextCnnOptions.of(4, 6).widths(2, 3).seed(9);
    try (var two = TextCnn.of(WORDS, DATA.classes(), options, FIXED);
        var one = TextCnn.of(WORDS, DATA.classes(), TextCnnOptions.of(6, 6).widths(2, 3))) {
      long numbers = 4L * WORDS.size() + 6 * 6 * (2 + 3) + 12 + 3 * 12 + 3;
      assertThat(two.parameters()).isEqualTo(numbers);
      String text = "it is a good record , not a bad one";
      double[] untrained = two.logProbabilities(text);
      for (int round = 0; round < 2; round++) {
        for (String name : List.of("conv2", "conv3", "output")) {
          for (String part : List.of(".weight", ".bias")) {
            float[] values = Weights.array(two.block(), name + part).toFloatArray();
            Weights.set(Weights.array(one.block(), name + part), values);
          }
        }
        float[] trained = Weights.array(two.block(), "embedding.weight").toFloatArray();
        float[] joined = new float[6 * WORDS.size()];
        for (int id = 0; id < WORDS.size(); id++) {
          float[] fixed = FIXED.getOrDefault(WORDS.token(id), new float[2]);
          System.arraycopy(trained, 4 * id, joined, 6 * id, 4);
          System.arraycopy(fixed, 0, joined, 6 * id + 4, 2);
        }
        Weights.set(Weights.array(one.block(), "embedding.weight"), joined);
        assertThat(two.logProbabilities(text))
            .containsExactly(one.logProbabilities(text), within(1e-5));
        Fit.of(
            two,
            TextBatches.of(DATA, WORDS, 5),
            null,
            FitOptions.epochs(5).oneCycle(0.05).record(null));
      }
      assertThat(Math.abs(two.logProbabilities(text)[0] - untrained[0])).isGreaterThan(0.01);
    }
    Map<String, float[]> uneven = new LinkedHashMap<>();
    uneven.put("good", new float[2]);
    uneven.put("bad", new float[3]);
    assertThatThrownBy(() -> TextCnn.of(WORDS, DATA.classes(), options, uneven))
        .hasMessage("the vector of \"bad\" has 3 numbers; the first one has 2");
  }

  @Test
  void dropoutOfVectorsIsForTrainingOnly() {
    var plain = TextCnnOptions.of(4, 6).widths(2, 3).dropout(0).seed(9);
    try (var without = TextCnn.of(WORDS, DATA.classes(), plain);
        var with = TextCnn.of(WORDS, DATA.classes(), plain.vectorDropout(0.5));
        NDManager manager = NDManager.newBaseManager()) {
      NDList inputs = NeuralClassifier.inputs(manager, List.of(WORDS.ids("it is a good record")));
      float[] quiet = without.logits(inputs.get(0), inputs.get(1)).toFloatArray();
      assertThat(with.logits(inputs.get(0), inputs.get(1)).toFloatArray()).containsExactly(quiet);
      for (boolean training : new boolean[] {false, true}) {
        float[] drawn =
            with.block()
                .forward(new Leaves(manager, 1), inputs, training)
                .get(0)
                .stopGradient()
                .toFloatArray();
        assertThat(Math.abs(drawn[0] - quiet[0]) > 1e-4).isEqualTo(training);
      }
    }
  }

  @Test
  void lengthsOutsideTheTextAreNamed() {
    for (Supplier<NeuralClassifier> made : all()) {
      try (NeuralClassifier model = made.get();
          NDManager manager = NDManager.newBaseManager()) {
        NDArray ids = manager.create(new long[] {2, 3}, new Shape(1, 2));
        for (long length : new long[] {0, 3}) {
          NDArray lengths = manager.create(new long[] {length});
          assertThatThrownBy(
                  () -> model.block().forward(new Frozen(manager), new NDList(ids, lengths), false))
              .hasMessageContaining("row 0 has length " + length);
        }
      }
    }
  }

  @Test
  void naiveBayesIsBayesRule() {
    Labelled data =
        Labelled.of(
            "d", List.of(new Example("ab", "x"), new Example("b", "x"), new Example("aa", "y")));
    NaiveBayes bayes = NaiveBayes.words(data.map(t -> t.replaceAll("(.)", "$1 ").strip()), 1, 0.5);
    // Words: x has a 1, b 2; y has a 2. Two kinds of word; prior (2 + 1) / 5 and (1 + 1) / 5.
    double x = 3 / 5.0 * ((1 + 0.5) / (3 + 1)) * ((2 + 0.5) / (3 + 1));
    double y = 2 / 5.0 * ((2 + 0.5) / (2 + 1)) * ((0 + 0.5) / (2 + 1));
    assertThat(bayes.probabilities("a b unseen").get("x")).isCloseTo(x / (x + y), within(1e-12));
    assertThat(bayes.pieces()).isEqualTo(2);
    assertThatThrownBy(() -> bayes.classify("")).hasMessageContaining("nothing to read");
    assertThatThrownBy(() -> NaiveBayes.words(data, 0, 1)).hasMessageContaining("longest is 0");
    assertThatThrownBy(() -> NaiveBayes.words(data, 1, 0)).hasMessageContaining("add is 0");
  }

  @Test
  void naiveBayesSeesWhereNamesEnd() {
    Labelled data =
        Labelled.of("d", List.of(new Example("novak", "cz"), new Example("kovan", "nl")));
    NaiveBayes bayes = NaiveBayes.letters(data, 3, 0.1);
    assertThat(bayes.classify("ruzak")).isEqualTo("cz");
    assertThat(bayes.classify("ruzan")).isEqualTo("nl");
    assertThat(bayes.classify("NOVAK")).isEqualTo("cz");
  }

  @Test
  void naiveBayesReadsALetterInEitherOfUnicodesForms() {
    Labelled data =
        Labelled.of("d", List.of(new Example("Nov\u00E1k", "cz"), new Example("Novak", "nl")));
    NaiveBayes bayes = NaiveBayes.letters(data, 3, 0.1);
    assertThat(bayes.logProbabilities("Nova\u0301k"))
        .containsExactly(bayes.logProbabilities("Nov\u00E1k"));
    assertThat(bayes.classify("Nova\u0301k")).isEqualTo("cz");
  }

  @Test
  void naiveBayesOfOneWordOrTenThousandOrNoneKnown() {
    NaiveBayes bayes = NaiveBayes.words(DATA, 2, 0.1);
    assertThat(bayes.classify("bad")).isEqualTo("bad");
    double[] many = bayes.logProbabilities("good record ".repeat(5_000));
    assertThat(many).doesNotContain(Double.NaN);
    assertThat(many[bayes.classes().indexOf("good")]).isCloseTo(0, within(1e-9));
    assertThat(bayes.logProbabilities("zebra quagga"))
        .containsExactly(Majority.of(DATA).logProbabilities("?"), within(1e-12));
  }

  @Test
  void twoHeardTogetherAreTheirProductMadeToSumToOne() {
    NaiveBayes one = NaiveBayes.words(DATA, 1, 0.5);
    Majority two = Majority.of(DATA);
    String text = "a bad one";
    double[] product = new double[3];
    for (int c = 0; c < 3; c++) {
      double p = Math.exp(one.logProbabilities(text)[c]);
      product[c] = p * Math.sqrt(Math.exp(two.logProbabilities(text)[c]));
    }
    double all = Arrays.stream(product).sum();
    var both = new AddedUp(one, two, 0.5);
    double[] logs = both.logProbabilities(text);
    for (int c = 0; c < 3; c++) {
      assertThat(Math.exp(logs[c])).isCloseTo(product[c] / all, within(1e-12));
    }
    assertThat(both.logProbabilities(List.of("good", text)).get(1)).containsExactly(logs);
    assertThat(new AddedUp(one, two, 0).logProbabilities(text))
        .containsExactly(one.logProbabilities(text), within(1e-12));
    assertThat(both.name()).isEqualTo("naive Bayes, 1-1 words and majority");
    assertThatThrownBy(() -> new AddedUp(one, two, -1)).hasMessageContaining("factor is -1.0");
    Labelled other = Labelled.of("o", List.of(new Example("x", "p"), new Example("y", "q")));
    Majority stranger = Majority.of(other);
    assertThatThrownBy(() -> new AddedUp(one, stranger, 1))
        .hasMessageContaining("majority [p, q]")
        .hasMessageContaining("same classes");
  }

  @Test
  void scoresAreCountedRight() {
    Labelled train = Labelled.of("d", List.of(new Example("1", "a"), new Example("2", "b")));
    Classifier byLength =
        new Classifier() {
          @Override
          public String name() {
            return "by length";
          }

          @Override
          public List<String> classes() {
            return List.of("a", "b", "c");
          }

          @Override
          public double[] logProbabilities(String text) {
            double[] logs = {Math.log(0.2), Math.log(0.2), Math.log(0.2)};
            logs[Math.min(2, text.length() - 1)] = Math.log(0.6);
            return logs;
          }
        };
    Labelled test =
        Labelled.of(
            "t",
            List.of(
                new Example("x", "a"),
                new Example("x", "a"),
                new Example("xx", "a"),
                new Example("x", "b")));
    Scores scores = Scores.of(byLength, test);
    assertThat(scores.accuracy()).isEqualTo(0.5);
    assertThat(scores.macroAccuracy()).isCloseTo((2 / 3.0 + 0) / 2, within(1e-12));
    assertThat(scores.loss())
        .isCloseTo(-(2 * Math.log(0.6) + 2 * Math.log(0.2)) / 4, within(1e-12));
    assertThat(scores.confusion()).isDeepEqualTo(new int[][] {{2, 1, 0}, {1, 0, 0}, {0, 0, 0}});
    assertThat(scores.confusionShares()[0]).containsExactly(2 / 3.0, 1 / 3.0, 0);
    assertThat(scores.confusionShares()[2]).containsOnly(Double.NaN);
    assertThat(scores.recall()).containsOnlyKeys("a", "b");
    assertThat(scores.mistakes().get(0).answer()).isEqualTo("b");
    assertThat(scores.mistakes()).hasSize(2);
    assertThat(scores)
        .hasToString("by length: accuracy 50.0 %, macro 33.3 %, 1.060 nats, on 4 texts");
    Majority majority = Majority.of(train);
    assertThatThrownBy(() -> Scores.of(majority, Labelled.of("t", List.of(new Example("x", "z")))))
        .hasMessageContaining("labelled \"z\"");
    assertThatThrownBy(() -> Scores.of(majority, train.filter(e -> false)))
        .hasMessageContaining("no texts to measure on");
  }

  @Test
  void aClassWithoutTrainingExamplesIsUnlikelyNotImpossible() {
    Labelled data =
        Labelled.of("d", List.of(new Example("a", "x"), new Example("b", "y")))
            .filter(e -> e.label().equals("x"));
    assertThat(Majority.of(data).probabilities("?").get("y")).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(NaiveBayes.letters(data, 2, 0.1).probabilities("b").get("y")).isPositive();
    try (var bag = BagOfWords.of(Reading.words(data, 1), data.classes())) {
      Fit.of(
          bag,
          TextBatches.of(data, bag.reading(), 2).balanced(),
          null,
          FitOptions.epochs(1).record(null));
      assertThat(bag.logProbabilities("a")).doesNotContain(Double.NaN);
    }
    assertThatThrownBy(() -> BagOfWords.of(WORDS, List.of("x")))
        .hasMessageContaining("at least two");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> TextCnnOptions.of(0, 1)).hasMessageContaining("embedding is 0");
    assertThatThrownBy(() -> TextCnnOptions.of(1, 0)).hasMessageContaining("filters is 0");
    assertThatThrownBy(() -> TextCnnOptions.of(1, 1).widths(3, 3)).hasMessageContaining("[3, 3]");
    assertThatThrownBy(() -> TextCnnOptions.of(1, 1).widths(0)).hasMessageContaining("[0]");
    assertThatThrownBy(() -> TextCnnOptions.of(1, 1).dropout(1))
        .hasMessageStartingWith("dropout is 1.0");
    assertThatThrownBy(() -> TextCnnOptions.of(1, 1).vectorDropout(-0.1))
        .hasMessageStartingWith("vectorDropout is -0.1");
  }
}
