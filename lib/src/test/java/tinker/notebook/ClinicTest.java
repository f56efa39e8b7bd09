package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.train.Checks;
import tinker.train.Doctor;
import tinker.train.Fault;

/** The doctor names each patient's fault and no other, and calls each healthy twin healthy. */
class ClinicTest {
  static IntStream numbers() {
    return IntStream.rangeClosed(1, Clinic.size());
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void theDoctorNamesThePatientsFault(int number) {
    try (Patient patient = Clinic.patient(number)) {
      Doctor.Report report = Doctor.examine(patient);
      assertThat(report.fault()).as("%s", report.exams()).isEqualTo(patient.fault());
    }
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void theHealthyTwinIsHealthy(int number) {
    try (Patient twin = Clinic.healthyTwin(number)) {
      Doctor.Report report = Doctor.examine(twin);
      assertThat(report.healthy()).as("%s", report.exams()).isTrue();
    }
  }

  /** A ReLU bends where a difference of losses looks; that must not be taken for a fault. */
  @Test
  void theChecksFindNothingInAHealthyModel() {
    try (Patient twin = Clinic.healthyTwin(3)) {
      assertThat(Checks.all(twin.model(), twin.training(), twin.classes()))
          .allSatisfy(verdict -> assertThat(verdict.passed()).as("%s", verdict).isTrue());
    }
  }

  @Test
  void everyFaultHasItsPatient() {
    Set<Fault> found = new HashSet<>();
    numbers()
        .forEach(
            number -> {
              try (Patient patient = Clinic.patient(number)) {
                found.add(patient.fault());
              }
            });
    assertThat(found).containsExactlyInAnyOrder(Fault.values());
  }

  static Stream<String> wrongNumbers() {
    return Stream.of("0", "22", "-1");
  }

  @ParameterizedTest
  @MethodSource("wrongNumbers")
  void aPatientThatIsNotThereIsOneSentence(String number) {
    assertThatThrownBy(() -> Clinic.patient(Integer.parseInt(number)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no patient " + number + "; the numbers go from 1 to 21");
  }

  @Test
  void aDiagnosisIsToldTheEvidence() {
    int dead =
        numbers()
            .filter(
                n -> {
                  try (Patient patient = Clinic.patient(n)) {
                    return patient.fault() == Fault.DEAD_RELUS;
                  }
                })
            .findFirst()
            .orElseThrow();
    try (Patient patient = Clinic.patient(dead)) {
      assertThat(patient.diagnose(null).state()).isEqualTo(Verdict.State.NOT_ATTEMPTED);
      assertThat(patient.diagnose("Dead ReLUs").right()).isTrue();
      Verdict wrong = patient.diagnose("all weights equal");
      assertThat(wrong.state()).isEqualTo(Verdict.State.WRONG);
      assertThat(wrong.lines().get(1)).contains("all rows equal");
      assertThat(patient.diagnose("learning rate far too low").lines().get(1))
          .contains("mended first");
      assertThat(patient.diagnose("healthy").right()).isFalse();
      assertThat(patient.diagnose(" ").state()).isEqualTo(Verdict.State.NOT_ATTEMPTED);
      Verdict unknown = patient.diagnose("measles");
      assertThat(unknown.right()).isFalse();
      assertThat(unknown.lines().get(0)).isEqualTo("No such diagnosis");
      assertThat(unknown.lines().get(1))
          .contains("\"measles\" is no diagnosis")
          .contains("dead ReLUs");
    }
  }
}
