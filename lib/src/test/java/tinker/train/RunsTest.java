package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.plot.Plots;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;

@ExtendWith(Quiet.class)
class RunsTest {
  private static final int V = 7;
  private static final Batches DATA = new Streams(Streams.noisyPattern(600, V, 1), 8, 16);

  @TempDir Path folder;

  @Test
  void eachFitAddsALineThatComesBackWithEverything() throws IOException {
    Path file = folder.resolve("notes").resolve("runs.jsonl");
    FitOptions options = FitOptions.epochs(2).oneCycle(1e-2).seed(Long.MAX_VALUE).record(file);
    try (var model = new Tiny(V, 8, 0)) {
      Fit one = Fit.of(model, DATA, DATA, options);
      Fit.of(model, DATA, null, options.rate(1e-3).seed(4));
      assertThat(Files.readAllLines(file)).hasSize(2);

      Runs runs = Runs.read(file);
      assertThat(runs.damaged()).isZero();
      Runs.Run first = runs.all().get(0);
      assertThat(first.options()).isEqualTo(options);
      assertThat(first.history()).isEqualTo(one.history());
      assertThat(first.result()).isEqualTo(Stopped.Reason.FINISHED);
      assertThat(first.model()).isEqualTo("Tiny");
      assertThat(first.versions()).containsKeys("java", "djl", "PyTorch");
      assertThat(first.device()).startsWith("cpu()");
      assertThat(first.best()).isEqualTo(one.history().best().getAsDouble());

      Table table = runs.table();
      assertThat(table.rowCount()).isEqualTo(2);
      assertThat(table.stringColumn("seed").asList())
          .containsExactly(Long.toString(Long.MAX_VALUE), "4");
      assertThat(table.doubleColumn("rate").asList()).containsExactly(1e-2, 1e-3);
      assertThat(table.doubleColumn("validation").isMissing(1)).isTrue();
      assertThat(table.stringColumn("result").get(0)).isEqualTo("finished");
      assertThat(runs.curves()).containsOnlyKeys("1 Tiny", "2 Tiny");
      assertThat(runs.curves().values())
          .extracting(history -> history.validations().size())
          .containsExactly(2, 0);
    }
  }

  @Test
  void aLineWithoutAUnitIsOfALanguageModel() throws IOException {
    Path file = folder.resolve("runs.jsonl");
    try (var model = new Tiny(V, 8, 0)) {
      Fit.of(model, DATA, null, FitOptions.epochs(1).record(file));
    }
    String line = Files.readString(file);
    assertThat(line).contains("\"unit\":\"token\",");
    Files.writeString(file, line.replace("\"unit\":\"token\",", ""));
    assertThat(Runs.read(file).all().get(0).history().unit()).isEqualTo("token");
  }

  @Test
  void aTornLineLosesOnlyItself() throws IOException {
    Path file = folder.resolve("runs.jsonl");
    FitOptions options = FitOptions.epochs(1).record(file);
    try (var model = new Tiny(V, 8, 0)) {
      Fit.of(model, DATA, null, options);
      String line = Files.readString(file);
      Files.writeString(file, line.substring(0, line.length() / 2), StandardOpenOption.APPEND);
      assertThat(Runs.read(file).damaged()).isEqualTo(1);
      Fit.of(model, DATA, null, options.seed(8));
    }
    Runs runs = Runs.read(file);
    assertThat(runs.all()).extracting(run -> run.options().seed()).containsExactly(1L, 8L);
    assertThat(runs.damaged()).isEqualTo(1);
    assertThat(runs.toString()).isEqualTo("2 runs; 1 lines could not be read");
    Files.writeString(file, "{}\nnull\n[1]\n7\n\"x\"\n", StandardOpenOption.APPEND);
    assertThat(Runs.read(file).damaged()).isEqualTo(6);
  }

  @Test
  void aLineOfALaterVersionLosesOnlyItself() throws IOException {
    Path file = folder.resolve("runs.jsonl");
    try (var model = new Tiny(V, 8, 0)) {
      Fit.of(model, DATA, null, FitOptions.epochs(1).record(file));
    }
    String line = Files.readString(file);
    List<String> later =
        List.of(
            line.replace("\"epochs\":1,", "\"epochs\":0,"),
            line.replace("\"result\":\"FINISHED\"", "\"result\":\"PAUSED\""),
            line.replace("\"model\":\"Tiny\",", ""),
            line.replaceFirst("\"device\":\"[^\"]*\",", ""),
            line.replaceFirst("\"schedule\":\\{[^}]*\\},", ""),
            line.replaceFirst("\"kind\":\"one-cycle\"", "\"kind\":\"two-cycle\""));
    assertThat(later).doesNotContain(line);
    Files.writeString(file, String.join("", later), StandardOpenOption.APPEND);
    Runs runs = Runs.read(file);
    assertThat(runs.all()).hasSize(1);
    assertThat(runs.damaged()).isEqualTo(later.size());
    assertThat(runs.table().rowCount()).isEqualTo(1);
  }

  @Test
  void manyWritersAtOnceKeepTheirLinesApart() throws Exception {
    Path file = folder.resolve("runs.jsonl");
    Runs.Run run;
    try (var model = new Tiny(V, 8, 0)) {
      Fit.of(model, DATA, null, FitOptions.epochs(1).record(file));
      run = Runs.read(file).all().get(0);
    }
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      var writer =
          new Thread(
              () -> {
                for (int j = 0; j < 20; j++) {
                  try {
                    Runs.append(file, run);
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                }
              });
      writers.add(writer);
      writer.start();
    }
    for (Thread writer : writers) {
      writer.join();
    }
    Runs runs = Runs.read(file);
    assertThat(runs.damaged()).isZero();
    assertThat(runs.all()).hasSize(161).allMatch(run::equals);
  }

  @Test
  void aMissingFileIsSaidAndOneThatCannotBeWrittenLosesNothing() {
    assertThatThrownBy(() -> Runs.read(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no record of runs at");
    try (var model = new Tiny(V, 8, 0)) {
      Fit fit = Fit.of(model, DATA, null, FitOptions.epochs(1).record(folder));
      assertThat(fit.stopped().reason()).isEqualTo(Stopped.Reason.FINISHED);
    }
  }

  @Test
  void theDataIsToldByItsChecksumAndTheCurvesOfTheFileAreDrawn() throws IOException {
    Path file = folder.resolve("runs.jsonl");
    FitOptions options = FitOptions.epochs(1).batchSize(2).bptt(10).record(file);
    Vocabulary letters = Vocabulary.ofCharacters("abcde");
    Corpus one = Corpus.ofText("one", "abcde".repeat(60));
    Corpus other = Corpus.ofText("one", "abced".repeat(60));
    Corpus none = Corpus.of("none", List.of());
    TokenStreams batches = TokenStreams.of(one, letters, 2, 10);
    try (var model = RecurrentModel.lstm(letters, RecurrentOptions.of(1, 8))) {
      Fit.of(model, batches, null, options);
      Fit.of(model, new Split(one, none, none), options);
      Fit.of(model, new Split(other, none, none), options);
    }
    Runs runs = Runs.read(file);
    assertThat(runs.all())
        .extracting(Runs.Run::data)
        .containsExactly(batches.checksum(), one.checksum(), other.checksum())
        .doesNotContainNull();
    assertThat(one.checksum()).isNotEqualTo(other.checksum());
    assertThat(runs.table().stringColumn("data").get(1)).isEqualTo(one.checksum().substring(0, 8));
    assertThat(runs.all().get(0).versions()).containsEntry("tinker", Runs.version());
    assertThat(Plots.loss(runs.curves()).description())
        .contains("1 LSTM 1x8", "2 LSTM 1x8", "3 LSTM 1x8");
  }
}
