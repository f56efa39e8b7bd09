package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class CheckTest {
  @Test
  void aClaimThatHoldsIsTicked() {
    try (var screen = new Recorder()) {
      Check.that(true, "1 < 2");
      assertThat(screen.text()).isEqualTo("\u2713 1 < 2");
      assertThat(screen.html()).contains("1 &lt; 2");
    }
  }

  @Test
  void aClaimThatFailsThrowsOneSentenceWithoutAStackTrace() {
    assertThatThrownBy(() -> Check.that(false, "it sums to 1"))
        .hasMessage("does not hold: it sums to 1")
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  void closeSaysHowFarApart() {
    Locale before = Locale.getDefault();
    try (var screen = new Recorder()) {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      Check.close(0.3001, 0.3, 1e-3, "equal");
      Check.close(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, "equal");
      assertThat(screen.shown).hasSize(2);
      assertThatThrownBy(() -> Check.close(0.31, 0.3, 1e-3, "equal"))
          .hasMessage(
              "does not hold: equal (0.31 and 0.3, apart by 1.0e-02; at most 0.001 is allowed)");
      assertThatThrownBy(() -> Check.close(Double.NaN, 0.3, 1e9, "equal"))
          .hasMessageContaining("does not hold");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void rowsAreComparedPlaceByPlace() {
    try (var screen = new Recorder()) {
      Check.close(new double[] {1, 2}, new double[] {1, 2}, 0, "equal");
      Check.close(new float[] {1, 2}, new float[] {1, 2.0001f}, 1e-3, "equal");
      assertThat(screen.shown).hasSize(2);
    }
    assertThatThrownBy(() -> Check.close(new double[] {1, 2, 3}, new double[] {1, 5, 4}, 1, "same"))
        .hasMessageContaining("furthest apart at place 1: 2.0 and 5.0");
    assertThatThrownBy(
            () -> Check.close(new double[] {1, Double.NaN}, new double[] {1, 2}, 1e9, "same"))
        .hasMessageContaining("place 1: NaN and 2.0");
    assertThatThrownBy(() -> Check.close(new double[2], new double[3], 1, "same"))
        .hasMessageContaining("2 values beside 3");
  }

  @Test
  void arraysMustHaveOneShape() {
    try (NDManager manager = NDManager.newBaseManager();
        var screen = new Recorder()) {
      Check.close(manager.ones(new Shape(2, 2)), manager.ones(new Shape(2, 2)), 0, "equal");
      assertThat(screen.shown).hasSize(1);
      assertThatThrownBy(
              () ->
                  Check.close(
                      manager.ones(new Shape(2, 2)), manager.ones(new Shape(4)), 0, "equal"))
          .hasMessageContaining("shape (2, 2) beside (4)");
      assertThatThrownBy(
              () ->
                  Check.close(
                      manager.ones(new Shape(2, 2)), manager.zeros(new Shape(2, 2)), 0.5, "equal"))
          .hasMessageContaining("1.0 and 0.0");
    }
  }
}
