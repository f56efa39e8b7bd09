package tinker.gpu;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.generate.Generator;
import tinker.model.NeuralModel;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.OnDevice;
import tinker.nn.Weights;
import tinker.train.Fit;
import tinker.train.FitOptions;
import tinker.train.History;
import tinker.train.Stopped;

/** Trained on one device, resumed or sampled on the other. */
class MovesTest {
  private static final Batches TRAIN = TokenStreams.of(Zoo.TEXT, Zoo.CHARS, 6, 20).shuffled();
  private static final Batches HELD = TokenStreams.of(Zoo.TEXT, Zoo.CHARS, 4, 30);
  private static final FitOptions OPTIONS = FitOptions.epochs(4).oneCycle(5e-3).seed(3);
  private static final int[] TOKENS = Zoo.TEXT.tokens(Zoo.CHARS);

  @TempDir Path folder;

  @AfterEach
  void notInterrupted() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private static RecurrentModel model() {
    return RecurrentModel.lstm(Zoo.CHARS, RecurrentOptions.of(2, 24).embedding(12).seed(3));
  }

  /** The same batches, with an interrupt in the third epoch. */
  private static Batches stopping() {
    return new Batches() {
      @Override
      public Iterator<Batch> epoch(long seed, int epoch) {
        Iterator<Batch> all = TRAIN.epoch(seed, epoch);
        return new Iterator<>() {
          private int given;

          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Batch next() {
            if (epoch == 2 && ++given == 5) {
              Thread.currentThread().interrupt();
            }
            return all.next();
          }
        };
      }

      @Override
      public int size(long seed, int epoch) {
        return TRAIN.size(seed, epoch);
      }
    };
  }

  private static Map<String, float[]> weights(NeuralModel model) {
    var weights = new TreeMap<String, float[]>();
    Weights.of(model.block()).forEach((name, p) -> weights.put(name, Weights.values(p.getArray())));
    return weights;
  }

  /** Half of a run on one device, the rest on the other; how far it is from a whole one. */
  private void move(Device from, Device to, double allowed) throws IOException {
    Path file = folder.resolve(from.getDeviceType() + "-" + to.getDeviceType() + ".tinker");
    Map<String, float[]> left =
        OnDevice.call(
            from,
            () -> {
              try (var model = model()) {
                Fit fit = Fit.of(model, stopping(), HELD, OPTIONS.checkpoint(file));
                assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.INTERRUPTED);
                return weights(model);
              }
            });
    History whole =
        OnDevice.call(
            from,
            () -> {
              try (var model = model()) {
                return Fit.of(model, TRAIN, HELD, OPTIONS).history();
              }
            });
    History moved =
        OnDevice.call(
            to,
            () -> {
              try (NeuralModel model = NeuralModel.load(file)) {
                Map<String, float[]> found = weights(model);
                left.forEach((name, w) -> assertThat(found.get(name)).isEqualTo(w));
                return Fit.resume(model, TRAIN, HELD, file).history();
              }
            });
    double exact = Math.min(allowed, 1e-4);
    int next = 2 * TRAIN.size(3, 0) + 5; // the first step on the other device
    assertThat(moved.steps()).hasSameSizeAs(whole.steps());
    assertThat(moved.steps().get(next).loss())
        .isCloseTo(whole.steps().get(next).loss(), within(exact));
    assertThat(moved.best().orElseThrow()).isCloseTo(whole.best().orElseThrow(), within(allowed));

    // The finished model says and writes the same on both.
    var said = new double[2];
    var written = new String[2];
    for (int i = 0; i < 2; i++) {
      int at = i;
      OnDevice.call(
          i == 0 ? from : to,
          () -> {
            try (NeuralModel model = NeuralModel.load(file)) {
              said[at] = -Arrays.stream(model.score(TOKENS)).average().orElseThrow();
              written[at] = Generator.of(model).prime("a").seed(3).temperature(0.5).write(60);
              return "";
            }
          });
    }
    assertThat(said[1]).isCloseTo(said[0], within(exact));
    assertThat(written[1]).isEqualTo(written[0]);
  }

  @Test
  void aRunThatMovesNowhereIsTheSameRun() throws IOException {
    move(Device.cpu(), Device.cpu(), 0);
  }

  @Tag("gpu")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunMovesBetweenTheDevices(boolean toTheGpu) throws IOException {
    Device gpu = OnDevice.gpu();
    // What rounding makes of some hundred updates is above what it makes of one pass.
    move(toTheGpu ? Device.cpu() : gpu, toTheGpu ? gpu : Device.cpu(), 5e-3);
  }

  @Test
  void noFileSaysWhichDeviceItComesFrom() throws IOException {
    Path saved = folder.resolve("model.tinker");
    Path checkpoint = folder.resolve("run.tinker");
    try (var model = model()) {
      Fit.of(model, TRAIN, null, FitOptions.epochs(1).checkpoint(checkpoint));
      model.save(saved);
    }
    for (Path file : new Path[] {saved, checkpoint}) {
      String text = Files.readString(file, ISO_8859_1);
      String header = text.substring(8, text.indexOf("}}") + 2).toLowerCase(Locale.ROOT);
      assertThat(header).contains("sha256").doesNotContain("gpu").doesNotContain("cuda");
      assertThat(header.replace("cpus", "")).doesNotContain("cpu");
    }
  }
}
