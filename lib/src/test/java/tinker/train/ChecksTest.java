package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.TextBatches;
import tinker.data.WordVectors;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.model.BagOfWords;
import tinker.model.RecurrentClassifier;
import tinker.model.RecurrentOptions;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Pair;
import tinker.text.Reading;
import tinker.text.Vocabulary;

/** Each check passes on a healthy model and catches the fault it is made for. */
@ExtendWith(Quiet.class)
class ChecksTest {
  private static final int V = 7;
  private static final Batches DATA = new Streams(Streams.noisyPattern(2000, V, 1), 12, 12);
  private static final Batch BATCH = DATA.epoch(1, 0).next();

  /** A model whose inputs, state or loss are tampered with. */
  private static final class Faulty extends Tiny {
    UnaryOperator<NDList> inputs = UnaryOperator.identity();
    UnaryOperator<NDArray> loss = UnaryOperator.identity();
    UnaryOperator<NDList> labels = UnaryOperator.identity();
    UnaryOperator<NDList> state = UnaryOperator.identity();
    boolean alwaysTraining;
    boolean remembers;
    double memory;

    Faulty(double dropout) {
      super(V, 24, dropout);
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList in, NDList out, NDList before, boolean training) {
      Result result =
          super.loss(
              parameters, inputs.apply(in), labels.apply(out), before, training || alwaysTraining);
      NDArray value = loss.apply(result.loss());
      if (remembers) {
        value = value.add(memory);
        memory += 0.01 * in.get(0).getShape().get(0);
      }
      return new Result(value, state.apply(result.state()));
    }
  }

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private static void passes(Verdict verdict) {
    assertThat(verdict.passed()).as(verdict.toString()).isTrue();
    assertThat(verdict.toString()).startsWith("passed: ");
  }

  private static void fails(Verdict verdict, String evidence) {
    assertThat(verdict.passed()).as(verdict.toString()).isFalse();
    assertThat(verdict.toString()).startsWith("FAILED: ");
    assertThat(verdict.evidence()).contains(evidence);
  }

  @Test
  void aHealthyModelPassesAllAndIsLeftAsItWas() {
    try (var model = new Tiny(V, 24, 0.1)) {
      Map<String, float[]> before = model.weights();
      List<Verdict> verdicts = Checks.all(model, DATA, V);
      assertThat(verdicts).hasSize(10);
      verdicts.forEach(ChecksTest::passes);
      passes(Checks.overfits(model, BATCH, 12));
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  /** Texts of one length, so that a classifier without its input knows nothing of them. */
  private static Labelled records() {
    var records = new ArrayList<Example>();
    for (char letter = 'a'; letter < 'm'; letter++) {
      boolean good = letter % 3 > 0;
      records.add(
          new Example("record " + letter + (good ? " is good" : " is bad"), good ? "good" : "bad"));
    }
    return Labelled.of("records", records);
  }

  @Test
  void textClassifiersKeepTheLengthsOfTheirTexts() {
    Labelled records = records();
    Reading words = Reading.words(records, 1);
    Batches texts = TextBatches.of(records, words, 12);
    RecurrentOptions size = RecurrentOptions.of(1, 8).seed(3);
    try (var bag = BagOfWords.of(words, records.classes());
        var bothWays =
            RecurrentClassifier.bothWays(Recurrent.Kind.LSTM, words, records.classes(), size)) {
      for (Trainable model : List.<Trainable>of(bag, bothWays)) {
        List<Verdict> verdicts = Checks.all(model, texts, 2);
        assertThat(verdicts).hasSize(10);
        passes(verdicts.get(9));
        assertThat(verdicts.get(9).check()).isEqualTo("the input matters");
      }
    }
  }

  @Test
  void aModelOfPairsKeepsItsLengths() {
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < 8; i++) {
      boolean same = i % 2 == 0;
      pairs.add(new Pair("", "a cat", same ? "a cat" : "the dogs", same ? "same" : "other", ""));
    }
    Vocabulary letters = Vocabulary.ofCharacters("abcdefghijklmnopqrstuvwxyz");
    Batches batches =
        PairBatches.of(
            Pairs.of("pairs", List.of("same", "other"), pairs),
            WordVectors.random(8, 7),
            letters,
            8);
    BimpmOptions small = BimpmOptions.paper().letters(3, 4).hidden(6).perspectives(2).seed(7);
    try (var model = BimpmModel.of(8, letters.size(), 2, small)) {
      passes(Checks.inputMatters(model, batches, 60));
    }
  }

  @Test
  void aLossThatIsNoNumberIsNotTakenForSomethingElse() {
    try (var model = new Tiny(V, 8, 0)) {
      float[] none = new float[V];
      Arrays.fill(none, Float.NaN);
      Weights.set(Weights.array(model.block(), "decoder.bias"), none);
      List<Verdict> verdicts = Checks.all(model, DATA, V);
      passes(verdicts.get(0));
      assertThat(verdicts.get(0).check()).isEqualTo("shapes");
      for (Verdict verdict : verdicts.subList(1, 10)) {
        fails(verdict, "the loss of one batch is NaN: a weight or an input is no number");
      }
    }
  }

  /** Presses stop during the fifth pass, and expects so many in all. */
  private static void isStopped(Consumer<Trainable> check, int all) {
    var passes = new AtomicInteger();
    try (var model = new Faulty(0)) {
      Map<String, float[]> before = model.weights();
      model.loss =
          loss -> {
            if (passes.incrementAndGet() == 5) {
              Thread.currentThread().interrupt();
            }
            return loss;
          };
      assertThatThrownBy(() -> check.accept(model))
          .isInstanceOf(CancellationException.class)
          .hasMessageStartingWith("interrupted")
          .hasMessageEndingWith("; the weights were put back");
      assertThat(passes).hasValue(all);
      Map<String, float[]> after = model.weights();
      before.forEach((name, w) -> assertThat(after.get(name)).isEqualTo(w));
    }
  }

  @Test
  void anInterruptEndsAChecksTrainingAndPutsTheWeightsBack() {
    isStopped(model -> Checks.overfits(model, BATCH, 12), 5);
    isStopped(model -> Checks.inputMatters(model, DATA, 20), 5);
    // A slope takes two passes, and the fifth is the first of one.
    isStopped(model -> Checks.gradientsAreRight(model, BATCH), 6);
  }

  @Test
  void weightsTooLargeShowInTheLossAtTheStart() {
    try (var model = new Tiny(V, 24, 0)) {
      NDArray weight = Weights.array(model.block(), "decoder.weight");
      float[] values = weight.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] *= 600;
      }
      Weights.set(weight, values);
      fails(Checks.lossAtStart(model, BATCH, V), "ln 7 = 1.946");
    }
  }

  @Test
  void aModelThatDoesNotSeeItsInputCannotOverfitAndLearnsNoMoreThanABlindOne() {
    try (var model = new Faulty(0)) {
      model.inputs = in -> new NDList(in.get(0).zerosLike());
      fails(Checks.overfits(model, BATCH, 10), "the loss went from");
      fails(Checks.overfits(model, BATCH, BATCH.rows()), "in 300 updates");
      fails(Checks.inputMatters(model, DATA, 60), "with zeros in its place");
    }
  }

  @Test
  void labelsThatDoNotBelongToTheInputsCannotBeLearnedNotEvenForOneRow() {
    try (var model = new Faulty(0)) {
      var random = new Random(1);
      // As if texts and answers were shuffled apart.
      model.labels =
          out -> {
            NDArray right = out.get(0);
            long[] drawn = random.longs(right.size(), 0, V).toArray();
            return new NDList(right.getManager().create(drawn, right.getShape()));
          };
      fails(Checks.overfits(model, BATCH, 1), "in 300 updates");
    }
  }

  @Test
  void aScaledOrCutGradientIsFound() {
    try (var model = new Faulty(0)) {
      // Half of the gradient is lost on the way back, though the loss is the same.
      model.loss = loss -> loss.mul(0.5).add(loss.stopGradient().mul(0.5));
      fails(Checks.gradientsAreRight(model, BATCH), "disagree");
    }
  }

  @Test
  void aParameterThatIsNotUsedIsNamed() {
    try (var model =
        new Tiny(V, 24, 0) {
          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            return new Result(result.loss().stopGradient().add(bias(parameters)), result.state());
          }

          private NDArray bias(ParameterStore parameters) {
            var bias = Weights.of(block()).get("decoder.bias");
            return parameters.getValue(bias, manager.getDevice(), true).sum();
          }
        }) {
      fails(Checks.gradientsArrive(model, BATCH), "encoder.weight, rnn.weight_ih_l0");
      // Parameters that receive no gradient although the loss depends on them are wrong as well.
      fails(Checks.gradientsAreRight(model, BATCH), "rnn.weight_ih_l0");
    }
  }

  @Test
  void aLossThatIsNotOneNumberIsAWrongShape() {
    try (var model = new Faulty(0)) {
      model.loss = loss -> loss.broadcast(new Shape(3));
      fails(Checks.shapes(model, BATCH), "one number, not (3)");
    }
  }

  @Test
  void aStateThatChangesItsShapeIsFound() {
    try (var model = new Faulty(0)) {
      passes(Checks.shapes(model, BATCH));
      // The first of a pair of passes gives state and cell, the second the state alone.
      var calls = new AtomicInteger();
      model.state = arrays -> calls.incrementAndGet() % 2 == 1 ? arrays : new NDList(arrays.get(0));
      fails(
          Checks.shapes(model, BATCH),
          "the state changed its shape from (1, 12, 24) (1, 12, 24) to (1, 12, 24)");
    }
  }

  @Test
  void aBatchThatFailsIsFoundWithTheNumberOfItsRows() {
    try (var model = new Faulty(0)) {
      // A squeeze where the rows are meant to stay: it goes well until there is one row.
      model.inputs = in -> new NDList(in.get(0).squeeze());
      fails(Checks.shapes(model, BATCH), "1 rows fail: ");
      assertThat(Checks.shapes(model, BATCH).evidence()).doesNotContain("12 rows fail");
      // A state that the next batch cannot begin with.
      model.inputs = UnaryOperator.identity();
      model.state = arrays -> new NDList(arrays.get(0).transpose(1, 0, 2), arrays.get(1));
      fails(Checks.shapes(model, BATCH), "12 rows fail: ");
    }
  }

  @Test
  void dropoutInEvaluationIsFound() {
    try (var model = new Faulty(0.3)) {
      passes(Checks.evaluationIsRepeatable(model, BATCH));
      model.alwaysTraining = true;
      fails(Checks.evaluationIsRepeatable(model, BATCH), "something random");
    }
  }

  @Test
  void aHiddenMemoryIsFound() {
    try (var model = new Faulty(0)) {
      model.remembers = true;
      fails(Checks.stateStaysOut(model, BATCH), "not handed over");
    }
  }

  @Test
  void rowsThatMixAreFound() {
    try (var model = new Faulty(0)) {
      // View where a transposition was meant: rows and times get mixed.
      model.inputs =
          in -> {
            Shape shape = in.get(0).getShape();
            return new NDList(
                in.get(0).transpose().reshape(shape.get(1), shape.get(0)).reshape(shape));
          };
      fails(Checks.rowsAreSeparate(model, BATCH), "they influence each other");
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    try (var model = new Tiny(V, 8, 0)) {
      assertThatThrownBy(() -> Checks.overfits(model, BATCH, 13))
          .hasMessage("rows is 13; it must be at least 1 and at most 12");
      assertThatThrownBy(() -> Checks.lossAtStart(model, BATCH, 1)).hasMessageContaining("1");
      assertThatThrownBy(() -> Checks.inputMatters(model, DATA, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("steps is 0; it must be at least 1");
    }
  }

  /** Keeps its state for itself: each batch goes on from the last, whichever that was. */
  private static final class Keeping extends Tiny {
    private final boolean fitting;
    private final List<float[]> kept = new ArrayList<>();
    private long rows;

    Keeping(boolean fitting) {
      super(V, 24, 0);
      this.fitting = fitting;
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList in, NDList out, NDList before, boolean training) {
      NDArray ids = in.head();
      long here = ids.getShape().get(0);
      var begin = new NDList();
      if (!fitting || rows == here) {
        for (float[] values : kept) {
          begin.add(ids.getManager().create(values, new Shape(1, rows, 24)));
        }
      }
      Result result = super.loss(parameters, in, out, begin, training);
      kept.clear();
      result.state().forEach(array -> kept.add(array.toFloatArray()));
      rows = here;
      return result;
    }
  }

  @Test
  void aStateThatIsKeptInsideIsFound() {
    for (boolean fitting : new boolean[] {true, false}) {
      try (var model = new Keeping(fitting)) {
        fails(Checks.stateStaysOut(model, BATCH), "not handed over");
      }
    }
    try (var model = new Keeping(false)) {
      assertThat(Checks.all(model, DATA, V).get(3).passed()).isFalse();
    }
  }

  @Test
  void memoryThatRunsOutIsNoVerdict() {
    try (var model = new Faulty(0)) {
      model.loss =
          loss -> {
            throw new IllegalStateException("CUDA out of memory");
          };
      assertThatThrownBy(() -> Checks.all(model, DATA, V)).hasMessage("CUDA out of memory");
    }
  }

  @Test
  void aPassThatThrowsIsAVerdictAndTheOthersAreMade() {
    try (var model = new Faulty(0)) {
      model.inputs = in -> new NDList(in.get(0).squeeze());
      List<Verdict> verdicts = Checks.all(model, DATA, V);
      assertThat(verdicts).hasSize(10);
      fails(verdicts.get(0), "1 rows fail: ");
      passes(verdicts.get(1));
      fails(verdicts.get(4), "a pass fails: ");
      fails(verdicts.get(7), "a pass fails: ");
    }
  }
}
