package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
import tinker.nn.ArchiveException;

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
    return new Batches() {
      @Override
      public Iterator<Batch> epoch(long seed, int epoch) {
        Iterator<Batch> batches = TRAIN.epoch(seed, epoch);
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
        return TRAIN.size(seed, epoch);
      }
    };
  }

  private static void assertSameWeights(Tiny one, Tiny other) {
    Map<String, float[]> others = other.weights();
    one.weights().forEach((name, values) -> assertThat(others.get(name)).isEqualTo(values));
  }

  private static void assertSameHistory(History one, History other) {
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
    Process child = fork("ulimit -f 4; ", file);
    String output =
        new String(child.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("could not be written");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(leftovers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1})
  void killedAtAnyMomentTheNewestWholeFileLoads(int round) throws Exception {
    Path file = folder.resolve("run.tinker");
    var random = new Random(round);
    int read = 0;
    boolean finished = false;
    for (int kill = 0; kill < 4 && !finished; kill++) {
      Process child = fork("", file);
      // Once the child has begun to write, it is killed at some moment.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
      long written = modified(file);
      while (modified(file) == written && child.isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(1);
      }
      Thread.sleep(random.nextInt(60));
      finished = !child.isAlive();
      child.destroyForcibly().waitFor();
      if (Files.exists(file)) {
        Checkpoint checkpoint = Checkpoint.read(file);
        assertThat(checkpoint.updates()).isGreaterThanOrEqualTo(7L * checkpoint.epochs());
        read++;
      }
    }
    assertThat(read).isGreaterThan(0);
    try (Tiny whole = model();
        Tiny resumed = model()) {
      Fit.of(whole, TRAIN, HELD, OPTIONS);
      Fit.resume(resumed, TRAIN, HELD, file);
      assertSameWeights(resumed, whole);
    }
    // What a killed writer left beside the file is gone after the next run.
    assertThat(leftovers()).isEmpty();
  }

  private static long modified(Path file) throws IOException {
    return Files.exists(file) ? Files.getLastModifiedTime(file).toMillis() : 0;
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> p.getFileName().toString().endsWith(".part")).toList();
    }
  }

  private static Process fork(String before, Path file) throws IOException {
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
                + "'");
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** The child: trains, or goes on, until it is done or killed. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    Progress.use(Progress::silent);
    try (Tiny model = model()) {
      Fit fit =
          Files.exists(file)
              ? Fit.resume(model, TRAIN, HELD, file)
              : Fit.of(model, TRAIN, HELD, OPTIONS.checkpoint(file));
      System.out.println(fit);
    }
  }
}
