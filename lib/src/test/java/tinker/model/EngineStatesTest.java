package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tinker.nn.OnDevice;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

class EngineStatesTest {
  private static final Vocabulary CHARS = Vocabulary.ofCharacters("abcdefghij \n");

  private static RecurrentModel model(Recurrent.Kind kind) {
    return RecurrentModel.of(kind, CHARS, RecurrentOptions.of(2, 37).embedding(9).seed(5));
  }

  private static void assertSame(LanguageModel.States engine, LanguageModel.States plain) {
    double[][] one = engine.logProbabilities();
    double[][] other = plain.logProbabilities();
    assertThat(one).hasSameDimensionsAs(other);
    for (int row = 0; row < one.length; row++) {
      assertThat(one[row]).containsExactly(other[row], within(1e-4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEngineStepsManyTextsAsPlainJavaDoes(Recurrent.Kind kind) {
    try (var model = model(kind)) {
      Weights.of(model.block()).forEach((name, p) -> p.getArray().muli(2));
      PlainRecurrent.Reader origin =
          PlainRecurrent.of(kind, (RecurrentBlock) model.block()).reader();
      origin.read(3);
      var random = new Random(1);
      int before = model.manager().getManagedArrays().size();
      try (var engine = new EngineStates(model, origin, 9)) {
        LanguageModel.States plain = origin.copies(9);
        assertSame(engine, plain);
        for (int step = 0; step < 12; step++) {
          if (step == 5) {
            engine.keep(new int[] {0, 3, 4, 8});
            plain.keep(new int[] {0, 3, 4, 8});
          }
          int[] tokens = random.ints(plain.rows(), 0, CHARS.size()).toArray();
          engine.read(tokens);
          plain.read(tokens);
          assertSame(engine, plain);
        }
        assertThat(engine.rows()).isEqualTo(4);
        assertThatThrownBy(() -> engine.read(new int[] {1})).hasMessageContaining("1 tokens for 4");
        assertThatThrownBy(() -> engine.read(new int[] {1, 2, 3, CHARS.size()}))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThat(model.manager().getManagedArrays()).hasSize(before);
    }
  }

  /**
   * cuDNN takes states only in the order in which they lie in memory, also after some were kept.
   */
  @Test
  @Tag("gpu")
  void soDoesACard() {
    OnDevice.call(
        OnDevice.gpu(),
        () -> {
          for (Recurrent.Kind kind : Recurrent.Kind.values()) {
            theEngineStepsManyTextsAsPlainJavaDoes(kind);
          }
          return true;
        });
  }

  @Test
  void theDeviceIsTakenForManyTextsOnAGpuOnly() {
    long small = 285_646; // LSTM 2x128
    assertThat(SideBySide.onDevice(false, 1024, small)).isFalse();
    assertThat(SideBySide.onDevice(true, 64, small)).isFalse();
    assertThat(SideBySide.onDevice(true, 128, small)).isTrue();
    assertThat(SideBySide.onDevice(true, 8, 4_300_000)).isTrue();
    assertThat(SideBySide.onDevice(true, 1, 100_000_000)).isFalse();
    assertThat(SideBySide.rows(true)).isGreaterThan(SideBySide.rows(false));
    assertThat(SideBySide.inOneCall(true, 2)).isTrue();
    assertThat(SideBySide.inOneCall(true, 1)).isFalse();
    assertThat(SideBySide.inOneCall(false, 1024)).isFalse();
    try (var model = model(Recurrent.Kind.LSTM)) {
      assertThat(model.start().worthAtOnce()).isEqualTo(64);
    }
  }
}
