package tinker.matching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batch;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.WordVectors;
import tinker.nn.Bidirectional;
import tinker.nn.Frozen;
import tinker.nn.Initialiser;
import tinker.nn.Layer;
import tinker.nn.Leaves;
import tinker.nn.Recurrent;
import tinker.nn.Replicas;
import tinker.nn.Weights;
import tinker.text.Pair;
import tinker.text.Vocabulary;
import tinker.train.Checks;
import tinker.train.Fit;
import tinker.train.FitOptions;
import tinker.train.Verdict;

class BimpmModelTest {
  private static final BimpmOptions SMALL =
      BimpmOptions.paper().letters(4, 5).hidden(7).perspectives(3).seed(2);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static BimpmModel model(BimpmOptions options) {
    return BimpmModel.of(6, Toy.ALPHABET, 2, options);
  }

  static Stream<BimpmOptions> everyMatchingAlone() {
    return Stream.concat(
        Stream.of(
            SMALL,
            SMALL.ways(BimpmOptions.Ways.FIRST_ONLY),
            SMALL.ways(BimpmOptions.Ways.SECOND_ONLY),
            SMALL.perspectives(0),
            SMALL.letters(1, 0)),
        Stream.of(Matching.values()).map(SMALL::matchings));
  }

  @ParameterizedTest
  @MethodSource("everyMatchingAlone")
  void aPairHasTheSameProbabilitiesAloneAmongLongerOnesAndPadded(BimpmOptions options) {
    String[] pair = {"the band plays", "nobody plays music here"};
    try (var model = model(options)) {
      float[] alone = model.probabilities(Toy.of(pair).inputs(manager)).toFloatArray();
      String longer = "a very much longer sentence with incomprehensibilities in it";
      Toy among = Toy.of(longer, "one", pair[0], pair[1], "one two", longer + " and more");
      float[] within = model.probabilities(among.inputs(manager)).get(1).toFloatArray();
      float[] padded = model.probabilities(among.padded(5).inputs(manager)).get(1).toFloatArray();
      float[] aloneAndPadded =
          model.probabilities(Toy.of(pair).padded(9).inputs(manager)).toFloatArray();
      for (int k = 0; k < 2; k++) {
        assertThat(within[k]).isCloseTo(alone[k], within(1e-5f));
        assertThat(padded[k]).isCloseTo(alone[k], within(1e-5f));
        assertThat(aloneAndPadded[k]).isCloseTo(alone[k], within(1e-5f));
      }
      float[] others = model.probabilities(among.inputs(manager)).get(0).toFloatArray();
      assertThat(Math.abs(others[0] - alone[0])).isGreaterThan(1e-4f);
    }
  }

  @Test
  void paddingReachesNoLayer() {
    try (var model = model(SMALL)) {
      Toy toy = Toy.of("the band plays", "nobody plays music here", "on", "two more words");
      NDList tight = model.layers(toy.inputs(manager));
      NDList wide = model.layers(toy.padded(3).inputs(manager));
      for (int layer = 1; layer < 3; layer++) { // what the word layer gives at padding is not read
        NDArray same = wide.get(layer).get(":, 0:4, :").sub(tight.get(layer));
        assertThat(same.abs().max().getFloat()).isLessThan(1e-5f);
        assertThat(wide.get(layer).get(":, 4:, :").abs().max().getFloat()).isZero();
      }
      // Both final states of the aggregation.
      assertThat(wide.get(3).sub(tight.get(3)).abs().max().getFloat()).isLessThan(1e-5f);
    }
  }

  @Test
  void swappingTheSentencesSwapsTheHalvesOfTheAggregationInput() {
    try (var model = model(SMALL)) {
      Toy toy = Toy.of("the band plays", "nobody plays music here", "on", "two more words");
      NDArray one = model.layers(toy.inputs(manager)).get(2); // (4, 4, 24)
      NDArray other = model.layers(toy.swapped().inputs(manager)).get(2);
      assertThat(one.get("0:2").sub(other.get("2:")).abs().max().getFloat()).isLessThan(1e-6f);
      assertThat(one.get("2:").sub(other.get("0:2")).abs().max().getFloat()).isLessThan(1e-6f);
      assertThat(one.get("0:2").sub(one.get("2:")).abs().max().getFloat()).isGreaterThan(0.01f);
    }
  }

  @Test
  void theSummaryHoldsTheFourLastStatesInOrder() {
    try (var model = model(SMALL)) {
      Toy toy = Toy.of("the band plays", "nobody plays music here", "on", "two more words");
      NDList layers = model.layers(toy.inputs(manager));
      for (int pair = 0; pair < 2; pair++) {
        for (int sentence = 0; sentence < 2; sentence++) {
          int row = pair + 2 * sentence;
          int length = toy.pairs().get(pair)[sentence].split(" ").length;
          NDArray words = layers.get(2).get("{}:{}, 0:{}, :", row, row + 1, length); // no padding
          NDList read = model.aggregation().forward(new Frozen(manager), new NDList(words), false);
          for (int direction = 0; direction < 2; direction++) {
            int at = 7 * (2 * sentence + direction);
            NDArray found = layers.get(3).get("{}, {}:{}", pair, at, at + 7);
            NDArray expected = read.get(1).get("{}, 0, :", direction);
            assertThat(found.sub(expected).abs().max().getFloat()).isLessThan(1e-6f);
          }
        }
      }
    }
  }

  @Test
  void aWordIsReadToItsLastLetterAndNoFurther() {
    try (var model = model(SMALL)) {
      NDList some = Toy.of("cat", "cat incomprehensible").inputs(manager);
      NDArray out = model.layers(some).get(0); // (2, 2, 11)
      NDArray letters = manager.create(new long[] {3, 1, 20}, new Shape(1, 3));
      var frozen = new Frozen(manager);
      var embedding = model.words().getChildren().get("01letters");
      var lstm = model.words().getChildren().get("02lstm");
      NDList read = embedding.forward(frozen, new NDList(letters), false);
      float[] last = lstm.forward(frozen, read, false).head().get("0, 2").toFloatArray();
      for (int row = 0; row < 2; row++) {
        assertThat(out.get("{}, 0, 6:", row).sub(manager.create(last)).abs().max().getFloat())
            .isLessThan(1e-6f);
        assertThat(out.get("{}, 0, 0:6", row).toFloatArray())
            .containsExactly(some.get(0).get(0).toFloatArray());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void thePredictionLayerIsThatOfPlainLoops(BimpmOptions.Activation bend) {
    var layer = new PredictionLayer(5, 3, SMALL.prediction(4, bend));
    Weights.initialise(layer, manager, 3, name -> Initialiser.normal(1), new Shape(1, 5));
    float[] x = Initialiser.normal(1).values(2, 5, new Random(4));
    float[] found =
        layer
            .forward(new Frozen(manager), new NDList(manager.create(x, new Shape(2, 5))), false)
            .head()
            .toFloatArray();
    assertThat(found).hasSize(2 * 3);
    float[] w = Weights.array(layer, "hidden.weight").toFloatArray();
    float[] b = Weights.array(layer, "hidden.bias").toFloatArray();
    float[] v = Weights.array(layer, "output.weight").toFloatArray();
    float[] c = Weights.array(layer, "output.bias").toFloatArray();
    boolean tanh = bend == BimpmOptions.Activation.TANH;
    for (int row = 0; row < 2; row++) {
      for (int k = 0; k < 3; k++) {
        double logit = c[k];
        for (int j = 0; j < 4; j++) {
          double sum = b[j];
          for (int i = 0; i < 5; i++) {
            sum += (double) w[j * 5 + i] * x[row * 5 + i];
          }
          logit += v[k * 4 + j] * (tanh ? Math.tanh(sum) : Math.max(0, sum));
        }
        assertThat((double) found[row * 3 + k]).isCloseTo(logit, within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void emptyAndOneWordSentencesGiveFiniteValuesAndGradients(BimpmOptions.Ways ways) {
    Toy toy = Toy.of("", "", "", "one", "one", "", "a b c", "", "one", "one", "", "a b c d");
    try (var model = model(SMALL.ways(ways))) {
      assertFinite(model, toy);
      // An empty sentence says the same wherever it stands.
      float[] alone = model.probabilities(Toy.of("", "one").inputs(manager)).toFloatArray();
      float[] among = model.probabilities(toy.inputs(manager)).get(1).toFloatArray();
      assertThat(among[0]).isCloseTo(alone[0], within(1e-5f));
      assertThat(model.probabilities(Toy.of("", "").padded(2).inputs(manager)).sum().getFloat())
          .isCloseTo(1, within(1e-5f));
    }
  }

  @Test
  void bothDirectionsAreTwoOneWayLayersWithTheSameWeights() {
    var both = new Bidirectional(Recurrent.Kind.LSTM, 3, 4, 1, 0);
    var there = new Recurrent(Recurrent.Kind.LSTM, 3, 4, 1, 0);
    var back = new Recurrent(Recurrent.Kind.LSTM, 3, 4, 1, 0);
    Shape shape = new Shape(1, 1, 3);
    Weights.initialise(both, manager, 1, name -> Initialiser.uniform(0.6), shape);
    Weights.initialise(there, manager, 2, name -> Initialiser.uniform(0.6), shape);
    Weights.initialise(back, manager, 3, name -> Initialiser.uniform(0.6), shape);
    for (String name : Weights.of(there).keySet()) {
      Weights.set(Weights.array(there, name), Weights.array(both, name).toFloatArray());
      Weights.set(Weights.array(back, name), Weights.array(both, name + "_reverse").toFloatArray());
    }
    var random = new Random(4);
    int[] lengths = {5, 1, 3};
    float[] values = Initialiser.normal(1).values(15, 3, random);
    NDArray x = manager.create(values, new Shape(3, 5, 3));
    var frozen = new Frozen(manager);
    NDArray all =
        both.forward(frozen, new NDList(x, manager.create(new long[] {5, 1, 3})), false).head();
    for (int row = 0; row < 3; row++) {
      NDArray words = x.get("{}:{}, 0:{}, :", row, row + 1, lengths[row]); // (1, T, 3)
      NDArray forward = there.forward(frozen, new NDList(words), false).head();
      NDArray backward = back.forward(frozen, new NDList(words.flip(1)), false).head().flip(1);
      NDArray found = all.get("{}:{}, 0:{}, :", row, row + 1, lengths[row]);
      assertThat(found.get(":, :, 0:4").sub(forward).abs().max().getFloat()).isLessThan(1e-6f);
      assertThat(found.get(":, :, 4:").sub(backward).abs().max().getFloat()).isLessThan(1e-6f);
    }
  }

  @Test
  void passesTheChecks() {
    Toy toy = Toy.random(12, 4, 6, 3);
    try (var model = model(SMALL.dropout(0))) {
      for (Verdict verdict :
          List.of(
              Checks.evaluationIsRepeatable(model, toy),
              Checks.gradientsArrive(model, toy),
              Checks.rowsAreSeparate(model, toy))) {
        assertThat(verdict.passed()).as(verdict.toString()).isTrue();
      }
    }
  }

  @Test
  void everyGradientIsTheSlopeOfTheLoss() {
    Toy toy = Toy.random(12, 4, 6, 3);
    // The attentive matchings jump where another word becomes the nearest, so they are left to the
    // test of their layer.
    BimpmOptions smooth = SMALL.dropout(0).matchings(Matching.FULL, Matching.MAXPOOLING);
    try (var model = model(smooth)) {
      List<NDArray> gradients = pass(model, toy, 1);
      int which = 0;
      for (Layer layer : model.parameters()) {
        NDArray parameter = Weights.array(model.block(), layer.name());
        float[] values = parameter.toFloatArray();
        float[] gradient = gradients.get(which++).toFloatArray();
        double norm = 0;
        for (float g : gradient) {
          norm += (double) g * g;
        }
        norm = Math.sqrt(norm);
        // Along its own gradient the loss rises by the gradient's length.
        double step = 0.005;
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
          float[] moved = values.clone();
          for (int i = 0; i < moved.length; i++) {
            moved[i] += (float) ((side == 0 ? step : -step) * gradient[i] / norm);
          }
          Weights.set(parameter, moved);
          losses[side] =
              model
                  .loss(
                      new Frozen(manager),
                      toy.inputs(manager),
                      toy.labels(manager),
                      new NDList(),
                      false)
                  .loss()
                  .getFloat();
        }
        Weights.set(parameter, values);
        assertThat((losses[0] - losses[1]) / (2 * step))
            .as(layer.name())
            .isCloseTo(norm, within(0.05 * norm + 1e-4));
      }
      assertThat(which).isEqualTo(gradients.size());
    }
  }

  @Test
  void learnsWhatIsTheSameInBothSentences() {
    Toy toy = Toy.random(16, 4, 6, 3);
    try (var model = model(SMALL)) {
      Fit fit = Fit.of(model, toy.batches(), null, FitOptions.epochs(30).rate(2e-2).seed(7));
      assertThat(fit.history().epochs().get(29).loss()).isLessThan(0.3);
      NDArray right =
          model.probabilities(toy.inputs(manager)).argMax(1).eq(toy.labels(manager).head());
      assertThat(right.toType(DataType.FLOAT32, false).sum().getFloat()).isGreaterThan(14);
    }
  }

  @Test
  void sharesGiveTheGradientsOfTheWholeBatchAndLeaveNothingBehind() {
    Toy toy = Toy.random(8, 4, 6, 3);
    try (var model = model(SMALL.dropout(0))) {
      List<NDArray> whole = pass(model, toy, 1);
      List<NDArray> shared = pass(model, toy, 2);
      for (int i = 0; i < whole.size(); i++) {
        assertThat(whole.get(i).sub(shared.get(i)).abs().max().getFloat()).isLessThan(1e-6f);
      }
      int arrays =
          model
              .words()
              .getParameters()
              .valueAt(0)
              .getArray()
              .getManager()
              .getManagedArrays()
              .size();
      assertThat(arrays).isEqualTo(Weights.of(model.block()).size());
    }
  }

  private List<NDArray> pass(BimpmModel model, Toy toy, int workers) {
    try (var replicas = new Replicas(workers)) {
      int[] bounds = replicas.bounds(toy.rows());
      var shares = new java.util.ArrayList<Replicas.Share>();
      for (int i = 0; i + 1 < bounds.length; i++) {
        Toy part = toy.rows(bounds[i], bounds[i + 1]);
        shares.add(new Replicas.Share(part::inputs, part::labels, part.rows(), part.rows()));
      }
      return replicas.pass(model, shares, new NDList(), manager, 3).gradients();
    }
  }

  @Test
  void theFullSizeHasThePapersShapes() {
    assertThat(BimpmOptions.paper().dropout()).isEqualTo(0.1);
    assertThat(BimpmOptions.paper().letterSize()).isEqualTo(20);
    try (var model = BimpmModel.of(300, 60, 2, BimpmOptions.paper())) {
      NDList layers =
          model.layers(new Toy(Toy.of("a b", "c").pairs(), new int[1], 300, 0).inputs(manager));
      assertThat(layers.stream().map(NDArray::getShape))
          .containsExactly(
              new Shape(2, 2, 350),
              new Shape(2, 2, 200),
              new Shape(2, 2, 160),
              new Shape(1, 400),
              new Shape(1, 2));
      long matching =
          model.parameters().stream()
              .filter(layer -> layer.name().startsWith("matching."))
              .mapToLong(Layer::count)
              .sum();
      assertThat(matching).isEqualTo(8 * 20 * 100);
      assertThat(model)
          .hasToString(
              "BiMPM 100, 20 perspectives: [full, maxpooling, attentive, max-attentive], "
                  + String.format(Locale.ROOT, "%,d parameters", Weights.count(model.block())));
    }
  }

  /** Maxpooling of two equal sentences, forward, in training: (2, 4, 3), with dropout undone. */
  private float[] matchedInTraining(BimpmOptions options) {
    try (var model = model(options)) {
      NDList inputs = Toy.of("the band plays on", "the band plays on").inputs(manager);
      NDList layers = model.block().forward(new Leaves(manager, 5), inputs, true);
      return layers.get(2).mul(1 - options.dropout()).toFloatArray(); // 0 where it was dropped
    }
  }

  @Test
  void withSharedMasksAWordEqualsItselfInTrainingAndWithIndependentOnesItDoesNot() {
    BimpmOptions maxpooling = SMALL.hidden(50).matchings(Matching.MAXPOOLING).dropout(0.2);
    float[] shared = matchedInTraining(maxpooling);
    assertThat(maxpooling.masks()).isEqualTo(BimpmOptions.Masks.SHARED);
    float[] independent = matchedInTraining(maxpooling.masks(BimpmOptions.Masks.INDEPENDENT));
    float mean = 0;
    int kept = 0;
    for (int i = 0; i < shared.length; i++) {
      if (shared[i] != 0) {
        assertThat(shared[i]).isCloseTo(1, within(1e-4f));
      }
      if (independent[i] != 0) {
        mean += independent[i];
        kept++;
      }
    }
    // The best of four words: with masks of their own even the word itself is at about 1 - 0.2.
    assertThat(mean / kept).isBetween(0.6f, 0.9f);
  }

  @Test
  void aSharedMaskDropsTheSamePlacesInEveryWordOfAPairAndOthersInOtherPairs() {
    NDArray ones = manager.ones(new Shape(2 * 3, 5, 400)); // three pairs
    NDArray dropped = SMALL.dropout(0.3).dropPairs(ones, new Leaves(manager, 1), true);
    NDArray first = dropped.get("0:3, 0:1, :"); // (3, 1, 400)
    assertThat(dropped.get("0:3").sub(first).abs().max().getFloat()).isZero();
    assertThat(dropped.get("3:").sub(first).abs().max().getFloat()).isZero();
    assertThat(first.get("0").sub(first.get("1")).abs().max().getFloat()).isPositive();
    assertThat(first.eq(0).toType(DataType.FLOAT32, false).mean().getFloat())
        .isCloseTo(0.3f, within(0.05f));
    assertThat(dropped.mean().getFloat()).isCloseTo(1, within(0.05f));
    assertThat(SMALL.dropPairs(ones, new Leaves(manager, 1), false)).isSameAs(ones);
  }

  @Test
  void optionsRefuseWhatCannotBe() {
    assertThat(SMALL.without(Matching.FULL).matchings())
        .containsExactly(Matching.MAXPOOLING, Matching.ATTENTIVE, Matching.MAX_ATTENTIVE);
    assertThat(SMALL.perspectives(0).matched()).isEqualTo(8);
    assertThat(SMALL.ways(BimpmOptions.Ways.SECOND_ONLY).summary()).isEqualTo(14);
    assertThatThrownBy(() -> SMALL.matchings(new Matching[0]))
        .hasMessage("matchings is empty; there must be at least one");
    assertThatThrownBy(() -> SMALL.dropout(1)).hasMessage("dropout is 1.0; it must lie in [0, 1)");
    assertThatThrownBy(() -> SMALL.perspectives(-1))
        .hasMessage("perspectives is -1; it must be at least 0");
    try (var model = model(SMALL)) {
      assertThatThrownBy(() -> model.layers(new NDList(manager.zeros(new Shape(1, 6)))))
          .hasMessageStartingWith("1 arrays; there must be 7");
      NDList wrong = new Toy(Toy.of("a", "b").pairs(), new int[1], 5, 0).inputs(manager);
      assertThatThrownBy(() -> model.layers(wrong))
          .hasMessage("word vectors of shape (2, 5); it must be (D, 6)");
    }
  }

  @ParameterizedTest
  @MethodSource("everyMatchingAlone")
  void sentencesThatAreEmptyOnceTokenisedGiveFiniteValuesAndGradients(BimpmOptions options) {
    Pairs pairs =
        Pairs.of(
            "blank",
            List.of("x", "y"),
            List.of(
                new Pair("1", " \t\u00A0", "one word", "x", ""),
                new Pair("2", "word", "", "y", ""),
                new Pair("3", "", "\n", "x", "")));
    assertThat(pairs.all().get(0).firstWords()).isEmpty();
    Vocabulary letters = PairBatches.letters(pairs);
    var batch = PairBatches.of(pairs, WordVectors.random(6, 7), letters, 3).whole();
    try (var model = BimpmModel.of(6, letters.size(), 2, options)) {
      assertFinite(model, batch);
    }
  }

  private void assertFinite(BimpmModel model, Batch batch) {
    var leaves = new Leaves(manager, 4);
    NDList inputs = batch.inputs(manager);
    NDList labels = batch.labels(manager);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray loss = model.loss(leaves, inputs, labels, new NDList(), true).loss();
      collector.backward(loss);
      assertThat(loss.getFloat()).isFinite();
    }
    for (NDArray gradient : leaves.gradients(model.block())) {
      for (float value : gradient.toFloatArray()) {
        assertThat(Math.abs(value)).isLessThan(100f); // and no NaN
      }
    }
  }

  private static float zeros(NDArray x) {
    return x.eq(0).toType(DataType.FLOAT32, false).mean().getFloat();
  }

  @Test
  void dropoutFollowsEveryLayerInTrainingAndNoneOtherwise() {
    Toy toy = Toy.random(64, 6, 40, 3); // all sentences full: a zero comes of dropout alone
    BimpmOptions options =
        BimpmOptions.paper().letters(4, 30).hidden(30).perspectives(10).dropout(0.3).seed(2);
    try (var model = BimpmModel.of(40, Toy.ALPHABET, 2, options)) {
      NDList inputs = toy.inputs(manager);
      NDList training = model.block().forward(new Leaves(manager, 5), inputs, true);
      NDList asked = model.layers(inputs);
      for (int layer = 0; layer < 4; layer++) { // words, context, matched, summary
        assertThat(zeros(training.get(layer))).as("layer %d", layer).isCloseTo(0.3f, within(0.04f));
        assertThat(zeros(asked.get(layer))).as("layer %d", layer).isLessThan(0.001f);
      }
    }
  }

  @Test
  void theLastHiddenNumbersAreDroppedInTrainingOnly() {
    var layer =
        new PredictionLayer(
            5, 2, SMALL.prediction(4000, BimpmOptions.Activation.RELU).dropout(0.3));
    Weights.initialise(layer, manager, 3, name -> Initialiser.constant(1), new Shape(1, 5));
    var equal = new NDList(manager.ones(new Shape(8, 5)));
    NDArray asked = layer.forward(new Frozen(manager), equal, false).head();
    NDArray trained = layer.forward(new Leaves(manager, 4), equal, true).head();
    assertThat(asked.max().getFloat() - asked.min().getFloat()).isLessThan(1);
    assertThat(trained.max().getFloat() - trained.min().getFloat()).isGreaterThan(10);
    assertThat(trained.mean().getFloat() / asked.mean().getFloat()).isCloseTo(1, within(0.05f));
  }
}
