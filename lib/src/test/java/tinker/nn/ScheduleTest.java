package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
  /** fastai's SchedCos: {@code start + (1 + cos(pi (1 - pos))) (end - start) / 2}. */
  private static double fastai(double start, double end, double position) {
    return start + (1 + Math.cos(Math.PI * (1 - position))) * (end - start) / 2;
  }

  @Test
  void oneCycleIsFastais() {
    OneCycle cycle = OneCycle.of(3e-3);
    for (int i = 0; i <= 1000; i++) {
      double p = i / 1000.0;
      boolean up = p < 0.25;
      double within = up ? p / 0.25 : (p - 0.25) / 0.75;
      double rate = up ? fastai(3e-3 / 25, 3e-3, within) : fastai(3e-3, 3e-3 / 1e5, within);
      double momentum = up ? fastai(0.95, 0.85, within) : fastai(0.85, 0.95, within);
      assertThat(cycle.rate(p)).isCloseTo(rate, within(1e-15));
      assertThat(cycle.momentum(p)).isCloseTo(momentum, within(1e-12));
    }
    assertThat(cycle.rate(0.25)).isEqualTo(3e-3);
    assertThat(cycle.momentum(0.25)).isEqualTo(0.85);
  }

  @Test
  void warmupRisesThenFalls() {
    var schedule = new Schedule.Warmup(1, 0.1, 0.1);
    assertThat(schedule.rate(0)).isZero();
    assertThat(schedule.rate(0.05)).isCloseTo(0.5, within(1e-12));
    assertThat(schedule.rate(0.1)).isCloseTo(1, within(1e-12));
    assertThat(schedule.rate(0.55)).isCloseTo(0.55, within(1e-12));
    assertThat(schedule.rate(1)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.momentum(0.3)).isEqualTo(0.9);
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> OneCycle.of(0))
        .hasMessage("learning rate is 0.0; it must be above 0 and finite");
    assertThatThrownBy(() -> new OneCycle(1, 1, 25, 1e5, 0.95, 0.85)).hasMessageContaining("1.0");
    assertThatThrownBy(() -> new OneCycle(1, 0.3, 0.5, 1e5, 0.95, 0.85))
        .hasMessageContaining("0.5");
    assertThatThrownBy(() -> new OneCycle(1, 0.3, 25, 1e5, 0.85, 0.95))
        .hasMessageContaining("not above the first");
    assertThatThrownBy(() -> new Schedule.Warmup(1, 1, 0)).hasMessageContaining("share is 1.0");
    assertThatThrownBy(() -> new Schedule.Constant(Double.POSITIVE_INFINITY))
        .hasMessageContaining("finite");
  }
}
