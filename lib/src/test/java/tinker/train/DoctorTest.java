package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Trainable;
import tinker.notebook.Clinic;
import tinker.notebook.Patient;

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
              Fault.STATE_CUT),
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

  /** Seven tenths of the loss: none of the known slips. */
  private record Shrunk(Trainable model) implements Trainable {
    @Override
    public Block block() {
      return model.block();
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      Result result = model.loss(parameters, inputs, labels, state, training);
      return new Result(result.loss().mul(0.7), result.state());
    }
  }

  @Test
  void aDifferenceThatNoFaultExplainsIsReportedAndNotThrown() {
    var setup =
        new Changed() {
          @Override
          public Trainable model() {
            return new Shrunk(sound.model());
          }
        };
    try (Patient sound = setup.sound) {
      Doctor.Report report = Doctor.examine(setup);
      assertThat(sound.fault()).isNull();
      assertThat(report.fault()).isNull();
      assertThat(report.healthy()).isFalse();
      assertThat(report.toString())
          .startsWith("something that has no name here: the loss is 2.2")
          .endsWith("no fault known here explains the difference");
      assertThat(report.evidence(Fault.DEAD_RELUS)).startsWith("the loss, recomputed: ");
      assertThat(report.evidence(null)).startsWith("the loss, recomputed: ");
    }
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
