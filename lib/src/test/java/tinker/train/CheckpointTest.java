package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Archive;
import tinker.nn.ArchiveException;
import tinker.nn.Initialisation;
import tinker.nn.Safetensors;
import tinker.nn.Tensor;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

/** What a checkpoint promises: a run that stopped and went on is the run that never stopped. */
@ExtendWith(Quiet.class)
class CheckpointTest {
  private static final int V = 7;
  private static final Batches TRAIN = new Streams(Streams.noisyPattern(1000, V, 1), 8, 16);
  private static final Batches HELD = new Streams(Streams.noisyPattern(400, V, 2), 8, 16);
  private static final int EPOCHS = 20;
  private static final FitOptions OPTIONS = FitOptions.epochs(EPOCHS).oneCycle(1e-2).seed(9);

  @TempDir Path folder;

  @AfterEach
  void noInterruptIsLeft() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private static Tiny model() {
    return new Tiny(V, 12, 0.3);
  }

  /** The same batches, but the thread is interrupted before one of them is read. */
  private static Batches stoppingAt(int stopEpoch, int stopBatch) {
    return stoppingAt(TRAIN, stopEpoch, stopBatch);
  }

  static Batches stoppingAt(Batches train, int stopEpoch, int stopBatch) {
    return new Batches() {
      @Override
      public Iterator<Batch> epoch(long seed, int epoch) {
        Iterator<Batch> batches = train.epoch(seed, epoch);
        return new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return batches.hasNext();
          }

          @Override
          public Batch next() {
            if (epoch == stopEpoch && next++ == stopBatch) {
              Thread.currentThread().interrupt();
            }
            return batches.next();
          }
        };
      }

      @Override
      public int size(long seed, int epoch) {
        return train.size(seed, epoch);
      }
    };
  }

  static void assertSameWeights(Tiny one, Tiny other) {
    Map<String, float[]> others = other.weights();
    one.weights().forEach((name, values) -> assertThat(others.get(name)).isEqualTo(values));
  }

  static void assertSameHistory(History one, History other) {
    assertThat(one.steps()).isEqualTo(other.steps());
    assertThat(one.validations()).isEqualTo(other.validations());
    assertThat(one.epochs().stream().map(CheckpointTest::withoutTimes))
        .containsExactlyElementsOf(
            other.epochs().stream().map(CheckpointTest::withoutTimes).toList());
  }

  private static List<Number> withoutTimes(History.Epoch epoch) {
    return List.of(epoch.epoch(), epoch.step(), epoch.loss(), epoch.validation());
  }

  @ParameterizedTest
  @CsvSource({"0,0", "9,3", "9,6", "10,0"})
  void aResumedRunEqualsTheUninterruptedOneInEveryBit(int epoch, int batch) throws IOException {
    assertThat(TRAIN.size(9, 0)).isEqualTo(7);
    Path file = folder.resolve("run.tinker");
    try (Tiny whole = model();
        Tiny halves = model();
        Tiny fresh = model()) {
      Fit uninterrupted = Fit.of(whole, TRAIN, HELD, OPTIONS);

      Fit first = Fit.of(halves, stoppingAt(epoch, batch), HELD, OPTIONS.checkpoint(file));
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      Checkpoint stopped = Checkpoint.read(file);
      // The batch during which the interrupt came is still trained on.
      assertThat(stopped.updates()).isEqualTo(epoch * 7 + batch + 1);

      Fit second = Fit.resume(fresh, TRAIN, HELD, file);
      assertThat(second.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertSameWeights(fresh, whole);
      assertSameHistory(second.history(), uninterrupted.history());
      assertThat(second.history().epochs().get(EPOCHS - 1).step()).isEqualTo(EPOCHS * 7L);

      // Once more: a run at its end is given back as it is.
      Fit third = Fit.resume(halves, TRAIN, HELD, file);
      assertThat(third.stopped()).isEqualTo(second.stopped());
      assertSameWeights(halves, whole);
    }
  }

  @Test
  void resumingTheWeightsAloneIsAnotherRun() throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny whole = model();
        Tiny halves = model()) {
      Fit.of(whole, TRAIN, HELD, OPTIONS);
      Fit.of(halves, stoppingAt(9, 6), HELD, OPTIONS.checkpoint(file));
      Fit.of(halves, TRAIN, HELD, OPTIONS);
      assertThat(halves.weights().get("decoder.weight"))
          .isNotEqualTo(whole.weights().get("decoder.weight"));
    }
  }

  @Test
  void patienceAndTheBestWeightsSurvive() throws IOException {
    Path file = folder.resolve("run.tinker");
    // So little data that it overfits soon.
    Batches few = new Streams(Streams.noisyPattern(200, V, 3), 4, 16);
    FitOptions options = FitOptions.epochs(200).rate(2e-2).patience(6).validateEvery(2);
    try (Tiny whole = model();
        Tiny pieces = model()) {
      Fit uninterrupted = Fit.of(whole, few, HELD, options);
      assertThat(uninterrupted.stopped().reason()).isEqualTo(Stopped.Reason.EARLY);

      // Interrupted every few batches, again and again.
      var count = new int[1];
      Batches nervous =
          new Batches() {
            @Override
            public Iterator<Batch> epoch(long seed, int epoch) {
              var batches = new ArrayList<Batch>();
              few.epoch(seed, epoch).forEachRemaining(batches::add);
              return batches.stream()
                  .peek(
                      b -> {
                        if (count[0]++ % 11 == 10) {
                          Thread.currentThread().interrupt();
                        }
                      })
                  .iterator();
            }

            @Override
            public int size(long seed, int epoch) {
              return few.size(seed, epoch);
            }
          };
      Fit fit = Fit.of(pieces, nervous, HELD, options.checkpoint(file));
      int resumed = 0;
      while (fit.stopped().reason() == Stopped.Reason.INTERRUPTED) {
        try (Tiny next = model()) {
          fit = Fit.resume(next, nervous, HELD, file);
          if (fit.stopped().reason() != Stopped.Reason.INTERRUPTED) {
            assertSameWeights(next, whole);
          }
        }
        resumed++;
      }
      assertThat(resumed).isGreaterThan(3);
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.EARLY);
      assertSameHistory(fit.history(), uninterrupted.history());
    }
  }

  @Test
  void aDrawnSeedIsKept() throws IOException {
    Path file = folder.resolve("run.tinker");
    FitOptions drawn = FitOptions.epochs(3).drawSeed();
    assertThat(drawn.seed()).isNotEqualTo(FitOptions.epochs(3).drawSeed().seed());
    try (Tiny whole = model();
        Tiny halves = model()) {
      Fit.of(whole, TRAIN, HELD, drawn);
      Fit.of(halves, stoppingAt(1, 2), HELD, drawn.checkpoint(file));
      assertThat(Checkpoint.read(file).options().seed()).isEqualTo(drawn.seed());
      Fit.resume(halves, TRAIN, HELD, file);
      assertSameWeights(halves, whole);
    }
  }

  @Test
  void allOptionsComeBack() throws IOException {
    Path file = folder.resolve("run.tinker");
    FitOptions options =
        new FitOptions(
            1,
            3,
            5,
            true,
            new tinker.nn.Schedule.Warmup(1e-3, 0.1, 0.2),
            0.1,
            0.95,
            Double.POSITIVE_INFINITY,
            Long.MIN_VALUE,
            2,
            4,
            file,
            null);
    try (Tiny model = model()) {
      Fit fit = Fit.of(model, TRAIN, null, options);
      Checkpoint checkpoint = Checkpoint.read(file);
      assertThat(checkpoint.options()).isEqualTo(options);
      assertThat(checkpoint.history().epochs().get(0).validation()).isNaN();
      assertThat(checkpoint.history()).isEqualTo(fit.history());
      assertThat(checkpoint.toString())
          .startsWith("run.tinker: 1 of 1 epochs")
          .contains("finished");
    }
  }

  @Test
  void whatDoesNotBelongTogetherIsRefusedAndNothingChanges() throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny model = model();
        Tiny wider = new Tiny(V, 13, 0.3)) {
      assertThatThrownBy(() -> Fit.resume(model, TRAIN, HELD, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("there is no file");

      Fit.of(model, stoppingAt(2, 2), HELD, OPTIONS.checkpoint(file));
      Map<String, float[]> before = wider.weights();
      assertThatThrownBy(() -> Fit.resume(wider, TRAIN, HELD, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("does not fit the model")
          .hasMessageContaining("encoder.weight");
      before.forEach((name, w) -> assertThat(wider.weights().get(name)).isEqualTo(w));

      Batches other = new Streams(Streams.noisyPattern(2000, V, 1), 8, 16);
      assertThatThrownBy(() -> Fit.resume(model, other, HELD, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("other data");

      Path alien = folder.resolve("model.tinker");
      tinker.nn.Archive.write(tinker.nn.Archive.builder("model"), alien);
      assertThatThrownBy(() -> Fit.resume(model, TRAIN, HELD, alien))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("holds a model, not a training run");
    }
  }

  @Test
  void anotherSeedOfTheFirstWeightsIsNoOtherModel() throws IOException {
    Path file = folder.resolve("run.tinker");
    Vocabulary letters = Vocabulary.ofCharacters("abcde");
    Batches batches = TokenStreams.of(Corpus.ofText("some", "abcde".repeat(60)), letters, 4, 10);
    RecurrentOptions size = RecurrentOptions.of(1, 8);
    try (var trained = RecurrentModel.lstm(letters, size.seed(7));
        var begunElsewhere =
            RecurrentModel.lstm(letters, size.initialisation(Initialisation.orthogonal()));
        var dropping = RecurrentModel.lstm(letters, size.dropout(0.3).computedByHand());
        var ofOtherLetters = RecurrentModel.lstm(Vocabulary.ofCharacters("abcdf"), size)) {
      Fit.of(trained, batches, null, FitOptions.epochs(1).checkpoint(file));
      Fit.resume(begunElsewhere, batches, null, file);
      for (String name : Weights.of(trained.block()).keySet()) {
        assertThat(Weights.array(begunElsewhere.block(), name).toFloatArray())
            .isEqualTo(Weights.array(trained.block(), name).toFloatArray());
      }
      assertThatThrownBy(() -> Fit.resume(dropping, batches, null, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageEndingWith(
              "one of the same sizes and vocabulary: dropout is 0 there, 0.3 here; byHand is false"
                  + " there, true here");
      assertThatThrownBy(() -> Fit.resume(ofOtherLetters, batches, null, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageEndingWith(
              "one of the same sizes and vocabulary: the vocabulary is another one (5 tokens there,"
                  + " 5 here)");
    }
  }

  @Test
  void aCheckpointOfAnotherVersionIsOneSentence() throws IOException {
    Path file = folder.resolve("run.tinker");
    String begins = file + " tells of a training run in a form not known here: ";
    try (Tiny model = model()) {
      Fit.of(model, TRAIN, null, FitOptions.epochs(1).checkpoint(file));
    }
    rewrite(file, text -> text.replace("FINISHED", "PAUSED"), UnaryOperator.identity());
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessage(begins + "a part is missing or of a later version");
    rewrite(file, text -> text.replace("\"epochs\":1,", "\"epochs\":0,"), UnaryOperator.identity());
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessage(begins + "epochs is 0; it must be at least 1");
  }

  @Test
  void aFolderThatCannotBeReadToItsEndIsNoFaultOfTheFile() {
    Checkpoint.Listing torn =
        inside ->
            Stream.of(inside)
                .peek(
                    path -> {
                      throw new UncheckedIOException(new IOException(path + " is gone"));
                    });
    assertThatCode(() -> Checkpoint.sweep(folder.resolve("run.tinker"), torn))
        .doesNotThrowAnyException();
  }

  /** Writes the checkpoint again, signed, with other tensors. */
  private static void rewrite(Path file, UnaryOperator<Map<String, Tensor>> change)
      throws IOException {
    rewrite(file, UnaryOperator.identity(), change);
  }

  /** The same, with another text on the training as well. */
  private static void rewrite(
      Path file, UnaryOperator<String> training, UnaryOperator<Map<String, Tensor>> change)
      throws IOException {
    Safetensors archive = Archive.read(file);
    Safetensors.Builder builder = Archive.builder("checkpoint");
    Set<String> own = Set.of("program", "version", "sha256", "kind");
    archive
        .metadata()
        .forEach(
            (key, value) -> {
              if (!own.contains(key)) {
                builder.text(key, key.equals("training") ? training.apply(value) : value);
              }
            });
    change.apply(new LinkedHashMap<>(archive.tensors())).forEach(builder::put);
    Archive.write(builder, file);
  }

  @ParameterizedTest
  @CsvSource({
    "train/moment/rnn.bias_hh_l0.mean, missing",
    "train/moment/rnn.bias_hh_l0.mean, other size",
    "train/best/decoder.bias, missing",
    "train/best/decoder.bias, other size",
    "train/state/0, missing"
  })
  void whateverOfItDoesNotFitTheModelIsUnchanged(String name, String fault) throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny model = model();
        Tiny other = new Tiny(V, 12, 0.3, 5)) {
      Fit.of(model, stoppingAt(2, 2), HELD, OPTIONS.patience(30).checkpoint(file));
      rewrite(
          file,
          tensors -> {
            assertThat(tensors).containsKey(name);
            if (fault.equals("missing")) {
              tensors.remove(name);
            } else {
              tensors.put(name, Tensor.of(new float[3], 3));
            }
            return tensors;
          });
      Map<String, float[]> before = other.weights();
      assertThatThrownBy(() -> Fit.resume(other, TRAIN, HELD, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageStartingWith(file + " does not fit the model: ")
          .message()
          .doesNotContain("\n");
      before.forEach((key, w) -> assertThat(other.weights().get(key)).isEqualTo(w));
    }
  }

  @Test
  void aResumedRunIsRecordedWhereItWasToBe() throws IOException {
    Path file = folder.resolve("run.tinker");
    Path record = folder.resolve("runs.jsonl");
    try (Tiny model = model()) {
      Fit.of(model, stoppingAt(1, 2), HELD, OPTIONS.checkpoint(file).record(record));
      assertThat(Runs.read(record).all()).hasSize(1);
      Fit fit = Fit.resume(model, TRAIN, HELD, file);
      assertThat(fit.options().record()).isEqualTo(record);
      assertThat(Runs.read(record).all()).hasSize(2);
      assertThat(Runs.read(record).all().get(1).result()).isEqualTo(Stopped.Reason.FINISHED);
    }
  }

  @Test
  void batchesOfOtherTextsAreOtherDataEvenIfAsMany() throws IOException {
    Path file = folder.resolve("run.tinker");
    Vocabulary letters = Vocabulary.ofCharacters("abcde");
    Batches some = TokenStreams.of(Corpus.ofText("some", "abcde".repeat(60)), letters, 4, 10);
    Batches others = TokenStreams.of(Corpus.ofText("some", "abced".repeat(60)), letters, 4, 10);
    assertThat(others.size(1, 0)).isEqualTo(some.size(1, 0));
    try (Tiny model = new Tiny(letters.size(), 8, 0)) {
      Fit.of(model, some, null, FitOptions.epochs(1).checkpoint(file));
      assertThatThrownBy(() -> Fit.resume(model, others, null, file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("other data")
          .hasMessageContaining(some.checksum())
          .hasMessageContaining(others.checksum());
      assertThat(Fit.resume(model, some, null, file).stopped().reason())
          .isEqualTo(Stopped.Reason.FINISHED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void workersShareOutTheBatchesAsBeforeWhateverTheMachine(int workers) throws IOException {
    // Dropout would follow from the workers as well, but the engine's does not keep to threads.
    Batches wide = new Streams(Streams.noisyPattern(3000, V, 1), 32, 16);
    FitOptions options = FitOptions.epochs(6).oneCycle(1e-2).seed(9);
    Path file = folder.resolve("run.tinker");
    try (Tiny whole = new Tiny(V, 12, 0);
        Tiny halves = new Tiny(V, 12, 0);
        Tiny fresh = new Tiny(V, 12, 0);
        Tiny other = new Tiny(V, 12, 0)) {
      Fit uninterrupted = Fit.of(whole, wide, HELD, options, 1, workers);
      Fit first =
          Fit.of(halves, stoppingAt(wide, 2, 1), HELD, options.checkpoint(file), 1, workers);
      assertThat(first.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      int cores = Runtime.getRuntime().availableProcessors();
      assertThat(Checkpoint.read(file).position().workers())
          .isEqualTo(workers == 0 ? Math.min(4, cores) : workers);

      Fit second = Fit.resume(fresh, wide, HELD, file);
      assertSameWeights(fresh, whole);
      assertSameHistory(second.history(), uninterrupted.history());

      // The number matters: another one gives other bits.
      Fit.of(other, wide, HELD, options, 1, 1);
      if (workers > 0 || cores > 1) {
        assertThat(other.weights().get("rnn.weight_hh_l0"))
            .isNotEqualTo(whole.weights().get("rnn.weight_hh_l0"));
      }
    }
  }

  @Test
  void aFileThatIsTruncatedOrChangedIsRefused() throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny model = model()) {
      Fit.of(model, TRAIN, HELD, FitOptions.epochs(1).checkpoint(file));
    }
    byte[] bytes = Files.readAllBytes(file);
    var random = new Random(1);
    Path broken = folder.resolve("broken.tinker");
    for (int i = 0; i < 100; i++) {
      byte[] cut = Arrays.copyOf(bytes, i < 20 ? i : random.nextInt(bytes.length));
      Files.write(broken, cut);
      assertThatThrownBy(() -> Checkpoint.read(broken)).isInstanceOf(ArchiveException.class);
      byte[] flipped = bytes.clone();
      flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(broken, flipped);
      assertThatThrownBy(() -> Checkpoint.read(broken)).isInstanceOf(ArchiveException.class);
    }
  }

  @Test
  void anInterruptDuringTheWriteLeavesAWholeFile() throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny whole = model();
        Tiny again = model();
        Tiny model =
            new Tiny(V, 12, 0.3) {
              private int writes;

              @Override
              public String configuration() {
                if (writes++ == 3) {
                  Thread.currentThread().interrupt();
                }
                return super.configuration();
              }
            }) {
      Fit fit = Fit.of(model, TRAIN, HELD, OPTIONS.checkpoint(file));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
      assertThat(Checkpoint.read(file).epochs()).isEqualTo(4);
      Fit.of(whole, TRAIN, HELD, OPTIONS);
      Fit.resume(again, TRAIN, HELD, file);
      assertSameWeights(again, whole);
    }
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aCheckpointThatCannotBeWrittenIsSaidAndTheRunGoesOn() {
    Path file = folder.resolve("x".repeat(250));
    try (Tiny model = model()) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(2).checkpoint(file));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(fit.stopped().sentence()).contains("the checkpoint could not be written: ");
      assertThat(fit.history().epochs()).hasSize(2);
    }
  }

  @Test
  void aFileIsAllowedToGrowNoFurther() throws Exception {
    Path file = folder.resolve("run.tinker");
    try (Tiny model = model()) {
      Fit.of(model, stoppingAt(1, 0), HELD, OPTIONS.checkpoint(file));
    }
    byte[] before = Files.readAllBytes(file);
    // The system cuts every write off at 4 kB, as a full disk would.
    Process child = fork("ulimit -f 4; ", file, "small");
    String output =
        new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("could not be written");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aFolderInTheFilesPlaceIsSaidAndKept() throws IOException {
    Path file = folder.resolve("run.tinker");
    Path inside = file.resolve("notes.txt");
    try (Tiny model =
        new Tiny(V, 12, 0.3) {
          private int writes;

          @Override
          public String configuration() {
            try {
              if (++writes == 2) {
                Files.delete(file);
                Files.createDirectory(file);
                Files.writeString(inside, "mine");
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return super.configuration();
          }
        }) {
      Fit fit = Fit.of(model, TRAIN, HELD, FitOptions.epochs(3).checkpoint(file));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(fit.stopped().sentence())
          .endsWith(
              "; the checkpoint could not be written: "
                  + file
                  + " is a folder; a file name is needed")
          .doesNotContain("\n");
      assertThat(inside).hasContent("mine");
      assertThat(leftovers()).isEmpty();
    }
  }

  /** Large, and its epochs short, so that a run spends most of its time on writing. */
  private static Tiny large() {
    return new Tiny(V, 250, 0.3);
  }

  private static final Batches FEW = new Streams(Streams.noisyPattern(200, V, 1), 8, 4);

  @Test
  void killedWhileItWritesTheNewestWholeFileLoadsAndTheRunIsTheSame() throws Exception {
    Path file = folder.resolve("run.tinker");
    var random = new Random(1);
    int torn = 0;
    long before = 0;
    for (int kill = 0; kill < 4; kill++) {
      // The second write of each child is cut off, so that the first one has been of some use.
      var writes = new HashSet<Path>(leftovers());
      int enough = writes.size() + 2;
      Process child = fork("", file, "large");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
      while (writes.size() < enough && child.isAlive() && System.nanoTime() < deadline) {
        writes.addAll(leftovers());
        Thread.sleep(1); // the child needs the core more
      }
      Thread.sleep(kill == 0 ? 0 : random.nextInt(8));
      // SIGTERM comes last: the child trains on until Java has ended, and none is to follow that
      // would find no epoch left.
      if (kill < 3) {
        child.destroyForcibly();
      } else {
        child.destroy();
      }
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).as("kill %d", kill).isTrue();
      torn += leftovers().isEmpty() ? 0 : 1;
      Checkpoint checkpoint = Checkpoint.read(file);
      assertThat(checkpoint.updates()).isEqualTo(6L * checkpoint.epochs()).isGreaterThan(before);
      before = checkpoint.updates();
    }
    assertThat(torn).as("kills that came within a write").isPositive();
    try (Tiny whole = large();
        Tiny resumed = large()) {
      Fit uninterrupted = Fit.of(whole, FEW, HELD, OPTIONS);
      Fit fit = Fit.resume(resumed, FEW, HELD, file);
      assertSameWeights(resumed, whole);
      assertSameHistory(fit.history(), uninterrupted.history());
    }
    // What a killed writer left beside the file is gone after the next run.
    assertThat(leftovers()).isEmpty();
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> p.getFileName().toString().endsWith(".part")).toList();
    }
  }

  private static Process fork(String before, Path file, String size) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            "bash",
            "-c",
            before
                + "exec '"
                + java
                + "' -Xmx300m -XX:-UsePerfData -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
                + " -Dai.djl.pytorch.num_threads=1 -Dai.djl.pytorch.num_interop_threads=1"
                + " -cp '"
                + System.getProperty("java.class.path")
                + "' tinker.train.CheckpointTest '"
                + file
                + "' "
                + size);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** The child: trains, or goes on, until it is done or killed. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Progress.use(Progress::silent);
    boolean large = arguments[1].equals("large");
    Batches train = large ? FEW : TRAIN;
    try (Tiny model = large ? large() : model()) {
      Fit fit =
          Files.exists(file)
              ? Fit.resume(model, train, HELD, file)
              : Fit.of(model, train, HELD, OPTIONS.checkpoint(file));
      System.out.println(fit);
    }
  }

  @Test
  void aLossThatIsNoNumberLeavesTheFileOfTheLastWholeEpoch() throws IOException {
    Path file = folder.resolve("run.tinker");
    try (Tiny broken =
            new Tiny(V, 12, 0.3) {
              private int passes;

              @Override
              Result after(Result result, ParameterStore parameters, boolean training) {
                return training && ++passes == 2 * 7 + 3
                    ? new Result(result.loss().mul(Float.NaN), result.state())
                    : result;
              }
            };
        Tiny whole = model();
        Tiny fresh = model()) {
      Fit fit = Fit.of(broken, TRAIN, HELD, OPTIONS.checkpoint(file));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.NOT_A_NUMBER);
      assertThat(Checkpoint.read(file).epochs()).isEqualTo(2);
      assertThat(Checkpoint.read(file).updates()).isEqualTo(14);
      Fit.of(whole, TRAIN, HELD, OPTIONS);
      Fit.resume(fresh, TRAIN, HELD, file);
      assertSameWeights(fresh, whole);
    }
  }
}
