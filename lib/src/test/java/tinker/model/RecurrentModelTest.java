package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tinker.nn.Leaves;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

class RecurrentModelTest {
  private static final Vocabulary CHARS = Vocabulary.ofCharacters("abcdefghij \n");

  private static RecurrentModel model(Recurrent.Kind kind) {
    return RecurrentModel.of(kind, CHARS, RecurrentOptions.of(2, 12).embedding(7).seed(3));
  }

  private static int[] tokens(int length) {
    var random = new Random(11);
    int[] ids = random.ints(length, 0, CHARS.size()).toArray();
    ids[0] = CHARS.end();
    return ids;
  }

  @ParameterizedTest
  @EnumSource
  void scoresInChunksAsTheStateDoesTokenByToken(Recurrent.Kind kind) {
    try (var model = model(kind)) {
      int[] ids = tokens(1200);
      double[] chunked = model.score(ids);
      var state = model.start();
      for (int i = 1; i < ids.length; i++) {
        assertThat(chunked[i - 1]).isCloseTo(state.logProbabilities()[ids[i]], within(1e-5));
        state.read(ids[i]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void lossIsTheMeanOfTheScoresAndStateCarriesOver(Recurrent.Kind kind) {
    try (var model = model(kind);
        NDManager step = model.manager().newSubManager()) {
      int[] ids = tokens(21);
      double mean = -Arrays.stream(model.score(ids)).average().orElseThrow();
      var store = new ParameterStore(step, false);
      Trainable.Result first =
          model.loss(store, row(step, ids, 0, 10), row(step, ids, 1, 11), new NDList(), true);
      Trainable.Result second =
          model.loss(store, row(step, ids, 10, 20), row(step, ids, 11, 21), first.state(), true);
      assertThat((first.loss().getFloat() + second.loss().getFloat()) / 2)
          .isCloseTo((float) mean, within(1e-5f));
      assertThat(first.state()).hasSize(kind.states());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStepLeavesNothingInTheModelsManager(Recurrent.Kind kind) {
    try (var model = model(kind)) {
      int parameters = Weights.of(model.block()).size();
      model.manager().cap();
      for (int i = 0; i < 5; i++) {
        try (NDManager step = model.manager().newSubManager()) {
          train(model, step);
        }
        model.score(tokens(40));
        model.start().logProbabilities();
        assertThat(model.manager().getManagedArrays()).hasSize(parameters);
      }
    }
  }

  private static List<NDArray> train(RecurrentModel model, NDManager step) {
    NDArray ids = step.create(new long[] {1, 2, 3, 4, 5, 6, 7, 8}, new Shape(2, 4));
    var store = new Leaves(step);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      var result = model.loss(store, new NDList(ids), new NDList(ids), new NDList(), true);
      collector.backward(result.loss());
    }
    return store.gradients(model.block());
  }

  /** Cells of a notebook run on threads on which the engine records every operation. */
  @Test
  void worksOnAnyThread() throws Exception {
    var failure = new AtomicReference<@Nullable Throwable>();
    var thread =
        new Thread(
            () -> {
              try (var model = model(Recurrent.Kind.LSTM)) {
                Weights.set(model.recurrent().parameter("bias_ih_l0"), new float[48]);
                double[] scores = model.score(tokens(2000));
                assertThat(scores).hasSize(1999);
                assertThat(model.start().logProbabilities()[2]).isNegative();
                assertThat(Weights.array(model.block(), "decoder.bias").hasGradient()).isTrue();
              }
            });
    thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
    thread.start();
    thread.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void theStateFollowsTrainingButOldStatesDoNot() {
    try (var model = model(Recurrent.Kind.LSTM)) {
      var before = model.start();
      double[] old = before.logProbabilities();
      assertThat(model.start().logProbabilities()).containsExactly(old);
      try (NDManager step = model.manager().newSubManager()) {
        NDArray bias = Weights.array(model.block(), "decoder.bias");
        bias.subi(step.arange(bias.size()));
      }
      assertThat(model.start().logProbabilities()).isNotEqualTo(old);
      assertThat(before.copy().logProbabilities()).containsExactly(old);
    }
  }

  @Test
  void probabilitiesSumToOne() {
    try (var model = model(Recurrent.Kind.GRU)) {
      double[] logs = model.logProbabilities(3, 4, 5, 6);
      assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void sameSeedSameWeightsOtherSeedOtherWeights() {
    var options = RecurrentOptions.of(1, 8);
    try (var a = RecurrentModel.lstm(CHARS, options.seed(1));
        var b = RecurrentModel.lstm(CHARS, options.seed(1));
        var c = RecurrentModel.lstm(CHARS, options.seed(2))) {
      assertThat(a.logProbabilities(2)).isEqualTo(b.logProbabilities(2));
      assertThat(a.logProbabilities(2)).isNotEqualTo(c.logProbabilities(2));
    }
  }

  @Test
  void saysWhatItIs() {
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(2, 16))) {
      assertThat(model.name()).isEqualTo("LSTM 2x16");
      assertThat(model.layers().get(1).name()).isEqualTo("rnn.weight_ih_l0");
      assertThat(model.layers().get(1).shape()).isEqualTo(new Shape(64, 16));
      assertThat(model.parameters())
          .isEqualTo(14 * 16 + 2 * (2 * 64 * 16 + 2 * 64) + 14 * 16 + 14L);
      assertThat(model).hasToString("LSTM 2x16: 12 characters, 4,814 parameters");
    }
  }

  @Test
  void refusesWrongOptions() {
    assertThatThrownBy(() -> RecurrentOptions.of(0, 8)).hasMessageContaining("layers is 0");
    assertThatThrownBy(() -> RecurrentOptions.of(1, 8).dropout(1))
        .hasMessage("dropout is 1.0; it must lie in [0, 1)");
    try (var model = model(Recurrent.Kind.LSTM)) {
      assertThatThrownBy(() -> model.score(new int[] {1, 14, 2}))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  private static NDList row(NDManager manager, int[] ids, int from, int to) {
    long[] part = Arrays.stream(ids, from, to).asLongStream().toArray();
    return new NDList(manager.create(part, new Shape(1, part.length)));
  }
}
