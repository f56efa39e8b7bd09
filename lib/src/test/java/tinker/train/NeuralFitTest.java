package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.model.NeuralModel;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.model.TextGenRnn;
import tinker.model.TextGenRnnOptions;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;

/** The models that are not recurrent layers of the engine, in the training loop. */
@ExtendWith(Quiet.class)
class NeuralFitTest {
  // 50 characters again and again. 81 times, so that the 8 rows of 506 begin at 8 places of them:
  // see below what 80 do.
  private static final Corpus TEXT = counting(81);
  private static final Vocabulary CHARS = Vocabulary.ofCharacters(TEXT);

  @TempDir Path folder;

  static Stream<NeuralModel> models() {
    return Stream.of(
        NeuralNGram.of(CHARS, NeuralNGramOptions.of(5, 8, 32).dropout(0.1)),
        TextGenRnn.of(
            CHARS,
            TextGenRnnOptions.characters().window(20).embedding(8).layers(2, 24).dropout(0.1)),
        RecurrentModel.gru(CHARS, RecurrentOptions.of(1, 24).computedByHand()));
  }

  @ParameterizedTest
  @MethodSource("models")
  void learnsAndLeavesNothingBehind(NeuralModel model) {
    Batches batches = TokenStreams.of(TEXT, CHARS, 8, 20);
    FitOptions options = FitOptions.epochs(1).rate(1e-2);
    try (model) {
      double before = -Arrays.stream(model.score(TEXT.tokens(CHARS))).average().orElseThrow();
      TrainingStep.repeat(model, batches, options, 100);
      int arrays = live(model.manager());
      TrainingStep.repeat(model, batches, options, 300);
      assertThat(live(model.manager())).isEqualTo(arrays);
      assertThat(before).isGreaterThan(2);
      assertThat(nats(model)).isLessThan(0.3);
    }
  }

  /**
   * 80 repetitions make rows of 500 characters: all rows are alike, and windows of 20 begin at 5 of
   * the 50 places of the sentence only, in every epoch. PyTorch's textgenrnn, trained on these
   * windows, then pays 1.4 to 2.0 nats where a window begins elsewhere (0.01 with 81). {@link Fit}
   * begins each epoch of a continuous text at another place, and so learns from all.
   */
  @Test
  void textgenrnnLearnsWhereverAWindowBegins() {
    Corpus alike = counting(80);
    TextGenRnnOptions size =
        TextGenRnnOptions.characters().window(20).embedding(8).layers(2, 24).dropout(0.1);
    try (var fixed = TextGenRnn.of(CHARS, size);
        var shifted = TextGenRnn.of(CHARS, size)) {
      FitOptions options =
          FitOptions.epochs(16).rate(1e-2).batchSize(8).bptt(20).record(null).seed(2);
      TrainingStep.repeat(fixed, TokenStreams.of(alike, CHARS, 8, 20), options, 400);
      Fit.of(shifted, new Split(alike, Corpus.of("none", List.of()), TEXT), options);
      assertThat(nats(fixed)).isGreaterThan(0.6);
      assertThat(nats(shifted)).isLessThan(0.2);
    }
  }

  private static double nats(NeuralModel model) {
    return -Arrays.stream(model.score(TEXT.tokens(CHARS))).average().orElseThrow();
  }

  private static Corpus counting(int times) {
    return Corpus.ofText(
        "counting", "one two three four five six seven eight nine ten. ".repeat(times));
  }

  private static int live(NDManager model) {
    NDManager top = model;
    while (top.getParentManager() != null) {
      top = top.getParentManager();
    }
    return model.getManagedArrays().size() + top.getManagedArrays().size();
  }

  static Stream<Supplier<NeuralModel>> makers() {
    RecurrentOptions size = RecurrentOptions.of(2, 12).dropout(0.3);
    return Stream.<Supplier<NeuralModel>>of(
        () -> NeuralNGram.of(CHARS, NeuralNGramOptions.of(5, 8, 32).dropout(0.3)),
        () ->
            TextGenRnn.of(
                CHARS,
                TextGenRnnOptions.characters().window(20).embedding(8).layers(2, 12).dropout(0.3)),
        () -> RecurrentModel.rnn(CHARS, size),
        () -> RecurrentModel.of(Recurrent.Kind.RNN_RELU, CHARS, size),
        () -> RecurrentModel.gru(CHARS, size),
        () -> RecurrentModel.gru(CHARS, size.computedByHand()));
  }

  @ParameterizedTest
  @MethodSource("makers")
  void aResumedRunEqualsTheUninterruptedOneInEveryBit(Supplier<NeuralModel> maker)
      throws IOException {
    Path file = folder.resolve("run.tinker");
    Batches batches = TokenStreams.of(TEXT, CHARS, 8, 20).shuffled();
    FitOptions options = FitOptions.epochs(3).oneCycle(1e-2).record(null);
    try (NeuralModel whole = maker.get();
        NeuralModel halves = maker.get()) {
      Fit uninterrupted = Fit.of(whole, batches, batches, options);
      Fit first =
          Fit.of(
              halves, CheckpointTest.stoppingAt(batches, 1, 2), batches, options.checkpoint(file));
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      try (NeuralModel loaded = NeuralModel.load(file)) {
        Fit second = Fit.resume(loaded, batches, batches, file);
        CheckpointTest.assertSameHistory(second.history(), uninterrupted.history());
        for (String name : Weights.of(whole.block()).keySet()) {
          assertThat(Weights.array(loaded.block(), name).toFloatArray())
              .as(name)
              .isEqualTo(Weights.array(whole.block(), name).toFloatArray());
        }
      }
    }
  }
}
