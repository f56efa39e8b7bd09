package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.nn.Archive;
import tinker.nn.ArchiveException;
import tinker.nn.Initialisation;
import tinker.nn.Recurrent;
import tinker.nn.Safetensors;
import tinker.nn.Tensor;
import tinker.nn.Weights;
import tinker.text.Tokenizer;
import tinker.text.Vocabulary;

class ModelFileTest {
  /** Characters that go wrong easily: quotation, control, combining, outside the first plane. */
  private static final Vocabulary CHARS =
      Vocabulary.ofCharacters("a\"\\\n\u0000\u0301\u05d0\ud83d\ude00{}");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void comesBackInEveryBit(Recurrent.Kind kind) throws IOException {
    Path file = folder.resolve("model.tinker");
    var options =
        RecurrentOptions.of(2, 5)
            .embedding(3)
            .dropout(0.25)
            .seed(Long.MIN_VALUE)
            .initialisation(Initialisation.orthogonal().forgetBias(2));
    try (var model = RecurrentModel.of(kind, CHARS, options)) {
      model.save(file);
      try (NeuralModel back = NeuralModel.load(file)) {
        assertThat(back.vocabulary()).isEqualTo(CHARS);
        assertThat(((RecurrentModel) back).options()).isEqualTo(options);
        assertThat(back.configuration()).isEqualTo(model.configuration());
        assertThat(back).hasToString(model.toString());
        assertThat(back.logProbabilities(2, 3, 4)).isEqualTo(model.logProbabilities(2, 3, 4));
        back.save(file);
      }
      try (NeuralModel again = NeuralModel.load(file)) {
        assertThat(again.logProbabilities(2)).isEqualTo(model.logProbabilities(2));
      }
    }
  }

  @Test
  void theVocabularyComesBackWithAllItsTraits() throws IOException {
    var words = Vocabulary.of(Tokenizer.WORDS, List.of(" the", "\ud800", "\n"), false);
    Path file = folder.resolve("words.tinker");
    try (var model = RecurrentModel.gru(words, RecurrentOptions.of(1, 2).computedByHand())) {
      model.save(file);
      try (NeuralModel back = NeuralModel.load(file)) {
        assertThat(back.vocabulary()).isEqualTo(words);
        assertThat(back.name()).isEqualTo("GRU 1x2 by hand");
      }
    }
  }

  @Test
  void refusesACutOrChangedFile() throws IOException {
    Path file = folder.resolve("model.tinker");
    try (var model = RecurrentModel.rnn(CHARS, RecurrentOptions.of(1, 2))) {
      model.save(file);
    }
    byte[] whole = Files.readAllBytes(file);
    var random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] bytes =
          i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      if (i % 2 == 1) {
        bytes[random.nextInt(whole.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, bytes);
      assertThatThrownBy(() -> NeuralModel.load(file))
          .isInstanceOf(ArchiveException.class)
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void refusesWhatIsWholeButDoesNotFit() throws IOException {
    Path file = folder.resolve("model.tinker");
    Archive.write(Archive.builder("run"), file);
    assertThatThrownBy(() -> NeuralModel.load(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessageEndingWith("holds no model that can be made again");
    Archive.write(Archive.builder("model").text("configuration", "{\"model\":\"gpt\"}"), file);
    assertThatThrownBy(() -> NeuralModel.load(file))
        .isInstanceOf(ArchiveException.class)
        .hasMessageEndingWith("has a model's configuration that is not known here");
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(1, 2))) {
      Safetensors.Builder builder = Archive.builder("model");
      Weights.save(model.block(), builder);
      Archive.write(
          builder.text(
              "configuration", model.configuration().replace("\"hidden\":2", "\"hidden\":3")),
          file);
      assertThatThrownBy(() -> NeuralModel.load(file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("\"rnn.weight_ih_l0\" has the shape (8, 2) in the file");
    }
  }

  @Test
  void aVocabularyThatDoesNotFitTheWeightsIsNamedByItsSizes() throws IOException {
    Path file = folder.resolve("model.tinker");
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(1, 5).embedding(3))) {
      Safetensors.Builder builder = Archive.builder("model");
      Weights.save(model.block(), builder);
      String more = model.configuration().replace("\"tokens\":[", "\"tokens\":[\"x\",\"y\",");
      Archive.write(builder.text("configuration", more), file);
      int size = CHARS.size();
      assertThatThrownBy(() -> NeuralModel.load(file))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining(
              "the vocabulary has " + (size + 2) + " tokens, the weights are for " + size + "; ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Cast, number, type, range, arithmetic and the engine's own: each fails in its own way.
        "\"vocabulary\":[],\"was\":{|\"vocabulary\":{",
        "\"hidden\":[1,2]|\"hidden\":2",
        "\"hidden\":\"two\"|\"hidden\":2",
        "\"hidden\":0|\"hidden\":2",
        "\"hidden\":1000000000|\"hidden\":2",
        "\"layers\":null|\"layers\":1"
      })
  void aDamagedConfigurationIsOneSentence(String change) throws IOException {
    Path file = folder.resolve("model.tinker");
    String[] parts = change.split("\\|", 2);
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(1, 2))) {
      assertThat(model.configuration()).contains(parts[1]);
      String changed = model.configuration().replace(parts[1], parts[0]);
      Archive.write(Archive.builder("model").text("configuration", changed), file);
      assertThatThrownBy(() -> NeuralModel.load(file))
          .isInstanceOf(ArchiveException.class)
          .hasMessage(file + " has a model's configuration that is not known here");
    }
  }

  @Test
  void aHalfMadeModelLeavesNoMemoryBehind() {
    NDManager manager = NDManager.newBaseManager();
    var failure = new IllegalStateException("half-way");
    var block = new RecurrentBlock(Recurrent.Kind.LSTM, CHARS.size(), RecurrentOptions.of(1, 2));
    Weights.Drawer fails =
        (name, shape, random) -> {
          if (name.startsWith("decoder")) {
            throw failure;
          }
          return new float[Math.toIntExact(shape.size())];
        };
    assertThatThrownBy(() -> Weights.initialise(block, manager, 7, fails, new Shape(1, 1)))
        .isSameAs(failure);
    assertThat(manager.isOpen()).isFalse();
  }

  @Test
  void whatATrainingRunAddsIsPassedOver() throws IOException {
    Path file = folder.resolve("checkpoint.tinker");
    try (var model = RecurrentModel.lstm(CHARS, RecurrentOptions.of(1, 2))) {
      Safetensors.Builder builder = Archive.builder("checkpoint");
      builder.text("configuration", model.configuration());
      builder.put("train/moments", Tensor.of(new float[3], 3));
      Weights.save(model.block(), builder);
      Archive.write(builder, file);
      try (NeuralModel back = NeuralModel.load(file)) {
        assertThat(back.logProbabilities(2)).isEqualTo(model.logProbabilities(2));
      }
    }
  }
}
