package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LabTest {
  @Test
  void aFullRunHasAColumnForTheGpuAndAQuickOneHasNot() {
    assertThat(Lab.budget(RunMode.FULL, false, 128, 32, 512)).isEqualTo(128);
    assertThat(Lab.budget(RunMode.FULL, true, 128, 32, 512)).isEqualTo(512);
    assertThat(Lab.budget(RunMode.QUICK, false, 128, 32, 512)).isEqualTo(32);
    assertThat(Lab.budget(RunMode.QUICK, true, 128, 32, 512)).isEqualTo(32);
  }

  @Test
  void theShorterFormIsTheSameOnBoth() {
    assertThat(Lab.budget(8, 1)).isEqualTo(Lab.budget(8, 1, 8));
  }
}
