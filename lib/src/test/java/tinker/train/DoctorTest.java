package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.Reviews;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.model.BagOfWords;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.notebook.Clinic;
import tinker.notebook.Patient;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;

/** What the doctor says of patients whom no test of {@code ClinicTest} shows it. */
class DoctorTest {
  /**
   * What a fault drags along, if its patient goes on to the exams behind the one that names it. An
   * evaluation that is never the same twice differs from everything it is compared with; a layer
   * that is silent keeps the outputs from varying and the model from learning.
   */
  private static final Map<Fault, Map<String, Fault>> CONSEQUENCES =
      Map.of(
          Fault.DROPOUT_IN_EVALUATION,
          Map.of(
              "rows alone and together",
              Fault.EXAMPLES_MIX,
              "state between batches",
              Fault.STATE_CUT,
              "the reported figure",
              Fault.METRIC_SKIPS),
          Fault.DEAD_RELUS,
          Map.of(
              "outputs depend on the input",
              Fault.WEIGHTS_TOO_SMALL,
              "learning rate",
              Fault.RATE_TOO_LOW));

  static IntStream numbers() {
    return IntStream.rangeClosed(1, Clinic.size());
  }

  /** All exams are made, not only those up to the first finding: they name this fault alone. */
  @ParameterizedTest
  @MethodSource("numbers")
  void allExamsTogetherNameThePatientsFaultAndNoOther(int number) {
    try (Patient patient = Clinic.patient(number)) {
      Fault fault = patient.fault();
      var others = new LinkedHashMap<>(Doctor.all(patient));
      assertThat(others.values()).as("%s", others).contains(fault);
      others.values().removeIf(named -> named == fault);
      assertThat(CONSEQUENCES.getOrDefault(fault, Map.of()).entrySet())
          .containsAll(others.entrySet());
    }
  }

  /** Faults of a loop. Where the loop is the library's, the patient is sound. */
  private static final Set<Fault> OF_THE_LOOP =
      EnumSet.of(Fault.GRADIENTS_PILE_UP, Fault.STATE_LEAKS, Fault.STATE_CUT, Fault.METRIC_SKIPS);

  /** The options of the patients; what is wrong with a rate or with clipping stands in them. */
  private static FitOptions options(@Nullable Fault fault) {
    double rate = fault == Fault.RATE_TOO_HIGH ? 1 : fault == Fault.RATE_TOO_LOW ? 1e-5 : 1e-2;
    FitOptions options = FitOptions.epochs(1).rate(rate).seed(7).record(null);
    return options.clipNorm(fault == Fault.NO_CLIPPING ? Double.POSITIVE_INFINITY : 5);
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void aModelItsLossAndDataAreEnoughForFaultsThatLieInThem(int number) {
    try (Patient patient = Clinic.patient(number)) {
      Fault fault = patient.fault();
      Doctor.Report report =
          Doctor.examine(patient.model(), patient.training(), patient.evaluation(), options(fault));
      assertThat(report.fault())
          .as("%s", report.exams())
          .isEqualTo(OF_THE_LOOP.contains(fault) ? null : fault);
      assertThat(report.healthy()).isEqualTo(OF_THE_LOOP.contains(fault));
    }
  }

  @ParameterizedTest
  @EnumSource(Recurrent.Kind.class)
  void aModelOfTheLibraryIsHealthyAndKeepsItsWeights(Recurrent.Kind kind) {
    var text = Reviews.bundled().split(0.8, 0.1, 0.1, 7);
    Corpus train = Corpus.of("train", text.train().documents().subList(0, 30));
    Corpus held = Corpus.of("held", text.validation().documents().subList(0, 6));
    var chars = Vocabulary.ofCharacters(text.train());
    try (var model =
        RecurrentModel.of(kind, chars, RecurrentOptions.of(1, 24).embedding(16).seed(7))) {
      List<Float> before = weights(model);
      Doctor.Report report =
          Doctor.examine(
              model,
              TokenStreams.of(train, chars, 16, 32),
              TokenStreams.of(held, chars, 4, 32),
              FitOptions.epochs(1).oneCycle(1e-2).record(null));
      assertThat(report.healthy()).as("%s", report.exams()).isTrue();
      assertThat(weights(model)).isEqualTo(before);
    }
  }

  @Test
  void aModelWhoseBlockGivesSomethingElseIsOneSentence() {
    var chars = Vocabulary.ofCharacters(Corpus.ofText("text", "abcabcabcabcabc"));
    var batches = TokenStreams.of(Corpus.ofText("text", "abcabcabcabcabc"), chars, 2, 4);
    try (var histories = NeuralNGram.of(chars, NeuralNGramOptions.of(3, 4, 8).seed(7))) {
      assertThatThrownBy(
              () -> Doctor.examine(histories, batches, batches, FitOptions.epochs(1).record(null)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the block cannot read a batch (2, 4) by itself; it must give (B, T, V) for it");
    }
  }

  @Test
  void dataOfAClassifierIsOneSentence() {
    Labelled texts =
        Labelled.of(
            "texts", List.of(new Example("a good one", "good"), new Example("a bad one", "bad")));
    Reading words = Reading.words(texts, 1);
    Batches batches = TextBatches.of(texts, words, 2);
    try (var bag = BagOfWords.of(words, texts.classes())) {
      assertThatThrownBy(
              () -> Doctor.examine(bag, batches, batches, FitOptions.epochs(1).record(null)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("labels of shape (2); they must be (B, T), one for each token of each row");
    }
  }

  /** The model, which presses stop during its tenth training pass. */
  private record Stopping(Trainable model, AtomicInteger passes) implements Trainable {
    @Override
    public Block block() {
      return model.block();
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      if (training && passes.incrementAndGet() == 10) {
        Thread.currentThread().interrupt();
      }
      return model.loss(parameters, inputs, labels, state, training);
    }
  }

  @Test
  void anInterruptEndsTheExaminationAndPutsTheWeightsBack() {
    var text = Reviews.bundled().split(0.8, 0.1, 0.1, 7);
    Corpus train = Corpus.of("train", text.train().documents().subList(0, 30));
    Corpus held = Corpus.of("held", text.validation().documents().subList(0, 6));
    var chars = Vocabulary.ofCharacters(text.train());
    var passes = new AtomicInteger();
    try (var model = RecurrentModel.lstm(chars, RecurrentOptions.of(1, 24).embedding(16).seed(7))) {
      List<Float> before = weights(model);
      // Few rows, so that no second thread shares them and gets the interrupt.
      assertThatThrownBy(
              () ->
                  Doctor.examine(
                      new Stopping(model, passes),
                      TokenStreams.of(train, chars, 8, 32),
                      TokenStreams.of(held, chars, 4, 32),
                      FitOptions.epochs(1).oneCycle(1e-2).record(null)))
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted; the weights were put back");
      assertThat(passes).hasValue(10);
      assertThat(weights(model)).isEqualTo(before);
    } finally {
      assertThat(Thread.interrupted()).isFalse();
    }
  }

  private static List<Float> weights(Trainable model) {
    var all = new ArrayList<Float>();
    for (var parameter : Weights.of(model.block()).values()) {
      for (float value : Weights.values(parameter.getArray())) {
        all.add(value);
      }
    }
    return all;
  }

  /** A sound set-up in which a test replaces what it wants to be wrong. */
  private static class Changed implements TrainingSetup {
    final Patient sound = Clinic.healthyTwin(3);

    @Override
    public Trainable model() {
      return sound.model();
    }

    @Override
    public Batches training() {
      return sound.training();
    }

    @Override
    public Batches evaluation() {
      return sound.evaluation();
    }

    @Override
    public int classes() {
      return sound.classes();
    }

    @Override
    public float[][] outputs(Batch batch) {
      return sound.outputs(batch);
    }

    @Override
    public float[][] activations(Batch batch) {
      return sound.activations(batch);
    }

    @Override
    public Map<String, float[]> gradients(Batch batch) {
      return sound.gradients(batch);
    }

    @Override
    public double update(Batch batch, double rateFactor) {
      return sound.update(batch, rateFactor);
    }

    @Override
    public double[] losses(List<Batch> batches) {
      return sound.losses(batches);
    }

    @Override
    public double reported() {
      return sound.reported();
    }

    @Override
    public void reset() {
      sound.reset();
    }
  }

  /** A multiple of the loss: none of the known slips. */
  private record Scaled(Trainable model, float factor) implements Trainable {
    @Override
    public Block block() {
      return model.block();
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      Result result = model.loss(parameters, inputs, labels, state, training);
      return new Result(result.loss().mul(factor), result.state());
    }
  }

  /** What is said of a sound patient whose loss is multiplied; that it is no known fault. */
  private static Doctor.Report withLossTimes(float factor) {
    var setup =
        new Changed() {
          @Override
          public Trainable model() {
            return new Scaled(sound.model(), factor);
          }
        };
    try (Patient sound = setup.sound) {
      Doctor.Report report = Doctor.examine(setup);
      assertThat(sound.fault()).isNull();
      assertThat(report.fault()).isNull();
      assertThat(report.healthy()).isFalse();
      return report;
    }
  }

  @Test
  void aLossThatIsNoNumberIsNotTakenForDropout() {
    Doctor.Report report = withLossTimes(Float.NaN);
    assertThat(report.toString())
        .isEqualTo(
            "something that has no name here: the loss of one batch is NaN: a weight or an input"
                + " is no number");
    assertThat(report.evidence(Fault.DROPOUT_IN_EVALUATION)).startsWith("evaluating twice: ");
  }

  @Test
  void aDifferenceThatNoFaultExplainsIsReportedAndNotThrown() {
    Doctor.Report report = withLossTimes(0.7f);
    assertThat(report.toString())
        .startsWith("something that has no name here: the loss is 2.2")
        .endsWith("no fault known here explains the difference");
    assertThat(report.evidence(Fault.DEAD_RELUS)).startsWith("the loss, recomputed: ");
    assertThat(report.evidence(null)).startsWith("the loss, recomputed: ");
  }

  @Test
  void aLoopThatUpdatesNothingIsNotHealthy() {
    var setup =
        new Changed() {
          @Override
          public double update(Batch batch, double rateFactor) {
            return 0;
          }
        };
    try (Patient sound = setup.sound) {
      Doctor.Report report = Doctor.examine(setup);
      assertThat(sound.fault()).isNull();
      assertThat(report.fault()).isNull();
      assertThat(report.healthy()).isFalse();
      assertThat(report.toString()).endsWith("neither explains it");
    }
  }
}
