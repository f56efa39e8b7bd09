package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.model.Evaluation;
import tinker.model.NeuralModel;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.AdamW;
import tinker.nn.ArchiveException;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Tokenized;
import tinker.text.Vocabulary;

/** The loop with the models it is made for. */
@ExtendWith(Quiet.class)
class RecurrentFitTest {
  private static final Split SPLIT = sentences(120).split(0.8, 0.1, 0.1, 1);
  private static final Vocabulary CHARS = Vocabulary.ofCharacters(SPLIT.train());

  @TempDir Path folder;

  private static Corpus sentences(int count) {
    var random = new Random(1);
    String[] who = {"the cat", "a dog", "my aunt", "the band"};
    String[] does = {" sees ", " likes ", " plays with "};
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(
          who[random.nextInt(4)]
              + does[random.nextInt(3)]
              + who[random.nextInt(4)]
              + " "
              + i
              + ".");
    }
    return Corpus.of("sentences", all);
  }

  private static RecurrentModel model(double dropout) {
    return RecurrentModel.lstm(CHARS, RecurrentOptions.of(2, 24).dropout(dropout).seed(3));
  }

  private static FitOptions options(int epochs) {
    return FitOptions.epochs(epochs).batchSize(8).bptt(20).oneCycle(2e-2);
  }

  @Test
  void trainsALanguageModelOnASplitAndEvaluationAgrees() {
    try (var model = model(0)) {
      Fit fit = Fit.of(model, SPLIT, options(8));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      double measured = fit.history().epochs().get(7).validation();
      assertThat(measured).isLessThan(1.5);
      // The same text read in one stream: nearly the same loss, but not the same cuts.
      double evaluated = Evaluation.of(model, SPLIT.validation()).nats();
      assertThat(evaluated).isCloseTo(measured, within(0.35));
      assertThat(fit.toString()).startsWith("finished 8 epochs");
    }
  }

  @Test
  void goesOnInEveryBitWithAModelFromTheFile() throws IOException {
    Path file = folder.resolve("lstm.tinker");
    FitOptions options = options(30).randomLengths(true).patience(30);
    try (var whole = model(0.2);
        var halves = model(0.2)) {
      Fit uninterrupted = Fit.of(whole, SPLIT, options);
      Fit first =
          Fit.of(new Stopping(halves, new AtomicInteger()), SPLIT, options.checkpoint(file));
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      assertThat(Checkpoint.read(file).updates()).isEqualTo(100);
      assertThat(Fit.name(halves)).isEqualTo("LSTM 2x24");
      try (var loaded = (RecurrentModel) NeuralModel.load(file)) {
        Fit second = Fit.resume(loaded, SPLIT, file);
        assertThat(second.history().validations()).isEqualTo(uninterrupted.history().validations());
        for (String name : Weights.of(whole.block()).keySet()) {
          assertThat(Weights.array(loaded.block(), name).toFloatArray())
              .isEqualTo(Weights.array(whole.block(), name).toFloatArray());
        }
      }
      try (var other = RecurrentModel.lstm(CHARS, RecurrentOptions.of(2, 25))) {
        assertThatThrownBy(() -> Fit.resume(other, SPLIT, file))
            .isInstanceOf(ArchiveException.class)
            .hasMessageContaining("another model; load");
      }
      // A vocabulary that has grown since: the sizes are what the reader needs to see.
      Vocabulary more = Vocabulary.ofCharacters(SPLIT.train().text() + "#+");
      try (var other = RecurrentModel.lstm(more, RecurrentOptions.of(2, 24))) {
        assertThatThrownBy(() -> Fit.resume(other, SPLIT, file))
            .isInstanceOf(ArchiveException.class)
            .hasMessageContaining(
                "another model: the vocabulary has "
                    + (CHARS.size() + 2)
                    + " tokens, the weights are for "
                    + CHARS.size()
                    + "; load");
      }
      Split elsewhere = sentences(120).split(0.8, 0.1, 0.1, 2);
      assertThatThrownBy(() -> Fit.resume(halves, elsewhere, file))
          .hasMessageContaining("other data");
    }
  }

  /** The model, which presses stop during its hundredth training batch. */
  private record Stopping(RecurrentModel model, AtomicInteger batches)
      implements Trainable, Tokenized {
    @Override
    public Block block() {
      return model.block();
    }

    @Override
    public String configuration() {
      return model.configuration();
    }

    @Override
    public Vocabulary vocabulary() {
      return model.vocabulary();
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      if (training && batches.incrementAndGet() == 100) {
        Thread.currentThread().interrupt();
      }
      return model.loss(parameters, inputs, labels, state, training);
    }
  }

  @Test
  void theRateOfAStepIsScaledWithItsLengthWhoeverMadeTheBatches() {
    TokenStreams varied = TokenStreams.of(SPLIT.train(), CHARS, 8, 20).shuffled().randomLengths();
    var lengths = new ArrayList<Integer>();
    varied.epoch(1, 0).forEachRemaining(batch -> lengths.add(batch.predictions() / 8));
    assertThat(Set.copyOf(lengths)).hasSizeGreaterThan(5);
    FitOptions plain = FitOptions.epochs(1).batchSize(8).bptt(20).rate(1e-3).record(null);
    try (var model = model(0)) {
      for (Fit fit :
          List.of(
              // By the length of the streams, not by that of the options, which cut nothing here.
              Fit.of(model, varied, null, plain.bptt(64)),
              Fit.of(model, SPLIT, plain.randomLengths(true)))) {
        List<History.Step> steps = fit.history().steps();
        assertThat(steps).hasSameSizeAs(lengths);
        for (int i = 0; i < lengths.size(); i++) {
          assertThat(steps.get(i).rate()).isCloseTo(1e-3 * lengths.get(i) / 20, within(1e-12));
        }
      }
      // Steps of equal length have the rate as it is, the last and shorter one as well.
      TokenStreams equal = TokenStreams.of(SPLIT.train(), CHARS, 8, 19);
      assertThat(Fit.of(model, equal, null, plain).history().steps())
          .allMatch(step -> step.rate() == 1e-3);
    }
  }

  @Test
  void aTextCutWithAnotherVocabularyIsSaid() {
    Corpus foreign =
        Corpus.ofText("foreign", "àéîõüçñß0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(9));
    Vocabulary larger = Vocabulary.ofCharacters(foreign);
    assertThat(larger.size()).isGreaterThan(CHARS.size());
    try (var model = model(0)) {
      float[] before = Weights.values(Weights.array(model.block(), "encoder.weight"));
      assertThatThrownBy(
              () -> Fit.of(model, TokenStreams.of(foreign, larger, 2, 8), null, options(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching(
              "token id \\d+; this model knows the ids 0 to "
                  + (CHARS.size() - 1)
                  + ": was the text cut with another vocabulary\\?");
      assertThat(Weights.values(Weights.array(model.block(), "encoder.weight")))
          .containsExactly(before);
    }
  }

  @Test
  void aTextTooShortForTheOptionsIsSaid() {
    try (var model = model(0)) {
      assertThatThrownBy(() -> Fit.of(model, SPLIT, options(1).batchSize(100_000)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("rows");
      assertThatThrownBy(() -> Fit.of(model, SPLIT, options(1).bptt(100_000)))
          .isInstanceOf(IllegalArgumentException.class);
      Split nothingHeldOut =
          new Split(SPLIT.train(), Corpus.ofText("none", ""), Corpus.ofText("none", ""));
      Fit fit = Fit.of(model, nothingHeldOut, options(1));
      assertThat(fit.history().validations()).isEmpty();
    }
  }

  @Test
  void aHealthyLanguageModelPassesAllChecks() {
    Batches batches = TokenStreams.of(SPLIT.train(), CHARS, 12, 16);
    try (var model = model(0.1)) {
      for (Verdict verdict : Checks.all(model, batches, CHARS.size())) {
        assertThat(verdict.passed()).as(verdict.toString()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RNN_TANH", "GRU", "LSTM"})
  void threeHundredStepsLeaveNothingBehind(Recurrent.Kind kind) throws IOException {
    Batches batches = TokenStreams.of(SPLIT.train(), CHARS, 16, 16);
    try (var model = RecurrentModel.of(kind, CHARS, RecurrentOptions.of(2, 64).dropout(0.2));
        var optimizer = AdamW.of(model.block(), AdamW.Options.decay(0.01));
        var step = new TrainingStep(model, optimizer, 1, 1)) {
      repeat(step, batches, 50);
      int arrays = live(model.manager());
      // Java's heap and compiler grow now and then; what a step keeps shows in every hundred.
      long least = Long.MAX_VALUE;
      for (int hundred = 0; hundred < 3; hundred++) {
        long memory = resident();
        repeat(step, batches, 100);
        least = Math.min(least, resident() - memory);
      }
      assertThat(live(model.manager())).isEqualTo(arrays);
      assumeTrue(resident() > 0, "no /proc here to read the memory from");
      // A kept array of outputs is 65 KB a step.
      assertThat(least).isLessThan(5_000_000);
    }
  }

  /** Those of a GPU, whose losses are read late. */
  @Test
  void queuedStepsLeaveNothingBehind() {
    Batches batches = TokenStreams.of(SPLIT.train(), CHARS, 16, 16);
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(2, 16).dropout(0.2));
        var optimizer = AdamW.of(model.block(), AdamW.Options.decay(0.01));
        var step = new TrainingStep(model, optimizer, 1, 1)) {
      int arrays = 0;
      for (int read = 0; read < 3; read++) {
        queue(step, batches, 20);
        assertThat(step.read()).hasSize(20);
        int left = live(model.manager());
        assertThat(left).isGreaterThan(0);
        if (read > 0) {
          assertThat(left).isEqualTo(arrays);
        }
        arrays = left;
      }
    }
  }

  private static void repeat(TrainingStep step, Batches batches, int steps) {
    through(batches, steps, batch -> step.run(batch, 1e-3, 0.9));
  }

  private static void queue(TrainingStep step, Batches batches, int steps) {
    through(batches, steps, batch -> step.queue(batch, 1e-3, 0.9));
  }

  private static void through(Batches batches, int steps, Consumer<Batch> each) {
    int made = 0;
    while (made < steps) {
      var epoch = batches.epoch(1, made);
      while (epoch.hasNext() && made < steps) {
        each.accept(epoch.next());
        made++;
      }
    }
  }

  /** Arrays that no closing of a step will free: the model's, and those that belong to nobody. */
  private static int live(NDManager model) {
    NDManager top = model;
    while (top.getParentManager() != null) {
      top = top.getParentManager();
    }
    return model.getManagedArrays().size() + top.getManagedArrays().size();
  }

  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/statm");
    if (!Files.exists(status)) {
      return 0;
    }
    System.gc();
    return Long.parseLong(Files.readString(status).split(" ", 3)[1]) * 4096;
  }
}
