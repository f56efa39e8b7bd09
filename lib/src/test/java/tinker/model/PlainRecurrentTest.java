package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

class PlainRecurrentTest {
  private static final Vocabulary CHARS = Vocabulary.ofCharacters("abcdefghij \n");

  /** Weights large enough to bring gates near their ends; sizes that are no multiples of 4. */
  private static RecurrentModel model(Recurrent.Kind kind) {
    var model = RecurrentModel.of(kind, CHARS, RecurrentOptions.of(2, 37).embedding(9).seed(5));
    if (kind != Recurrent.Kind.RNN_RELU) {
      Weights.of(model.block()).forEach((name, p) -> p.getArray().muli(4));
    }
    return model;
  }

  @ParameterizedTest
  @EnumSource
  void everyDistributionIsTheEngines(Recurrent.Kind kind) {
    try (var model = model(kind);
        NDManager scope = model.manager().newSubManager()) {
      int[] ids = new Random(2).ints(200, 0, CHARS.size()).toArray();
      ids[0] = CHARS.end();
      long[] wide = Arrays.stream(ids).asLongStream().toArray();
      NDArray logits =
          model.forward(scope.create(wide, new Shape(1, wide.length)), new NDList()).get(0);
      float[] engine = logits.logSoftmax(-1).toFloatArray();
      LanguageModel.State state = model.start();
      for (int t = 0; t < ids.length; t++) {
        if (t > 0) {
          state.read(ids[t]);
        }
        double[] plain = state.logProbabilities();
        for (int v = 0; v < plain.length; v++) {
          assertThat(Math.exp(plain[v]))
              .isCloseTo(Math.exp(engine[t * plain.length + v]), within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyRowsGiveTheBitsOfOne(Recurrent.Kind kind) {
    try (var model = model(kind)) {
      var random = new Random(3);
      LanguageModel.State origin = model.start();
      origin.read(4);
      int rows = 21;
      LanguageModel.States many = origin.copies(rows);
      var single = new LanguageModel.State[rows];
      Arrays.setAll(single, row -> origin.copy());
      for (int step = 0; step < 30; step++) {
        double[][] logs = many.logProbabilities();
        assertThat(logs).hasNumberOfRows(many.rows());
        for (int row = 0; row < logs.length; row++) {
          assertThat(logs[row]).containsExactly(single[row].logProbabilities());
        }
        int[] tokens = random.ints(many.rows(), 0, CHARS.size()).toArray();
        many.read(tokens);
        for (int row = 0; row < tokens.length; row++) {
          single[row].read(tokens[row]);
        }
        if (step % 10 == 9) {
          // Every third row goes.
          int[] kept =
              java.util.stream.IntStream.range(0, tokens.length).filter(r -> r % 3 != 1).toArray();
          many.keep(kept);
          LanguageModel.State[] before = single.clone();
          single = Arrays.stream(kept).mapToObj(r -> before[r]).toArray(LanguageModel.State[]::new);
        }
      }
    }
  }

  @Test
  void aNotANumberInTheWeightsShowsInTheDistribution() {
    try (var model = model(Recurrent.Kind.LSTM)) {
      Weights.array(model.block(), "rnn.bias_hh_l1").muli(Float.NaN);
      assertThat(model.start().logProbabilities()).contains(Double.NaN);
    }
  }

  @Test
  void readersRefuseWhatIsNotAToken() {
    try (var model = model(Recurrent.Kind.GRU)) {
      LanguageModel.States many = model.start().copies(3);
      assertThatThrownBy(() -> many.read(new int[] {2, 3}))
          .hasMessage("2 tokens for 3 states; one for each is needed");
      assertThatThrownBy(() -> many.read(new int[] {2, 3, 99}))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> model.start().read(-1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> model.start().copies(0)).hasMessageContaining("at least 1");
    }
  }
}
