package tinker.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tinker.nn.Archive;
import tinker.nn.ArchiveException;
import tinker.nn.Compute;
import tinker.nn.Safetensors;
import tinker.nn.SafetensorsException;
import tinker.nn.Tensor;
import tinker.nn.Weights;
import tinker.text.Tokenizer;
import tinker.text.Vocabulary;

/**
 * Models in files: an {@link Archive} whose text {@code configuration} is {@link
 * NeuralModel#configuration}, and whose tensors are the weights. Tensors whose names begin with
 * {@code train/} belong to a training run and are passed over.
 */
final class ModelFile {
  static final String CONFIGURATION = "configuration";
  private static final String OF_TRAINING = "train/";

  private ModelFile() {}

  static void save(NeuralModel model, Path file) throws IOException {
    Safetensors.Builder builder = Archive.builder("model");
    builder.text(CONFIGURATION, model.configuration());
    Weights.save(model.block(), builder);
    Archive.write(builder, file);
  }

  static NeuralModel load(Path file) throws IOException {
    Safetensors archive = Archive.read(file);
    String configuration = archive.metadata().getOrDefault(CONFIGURATION, "");
    if (configuration.isEmpty()) {
      throw new ArchiveException(file + " holds no model that can be made again");
    }
    Map<String, Tensor> weights = new LinkedHashMap<>(archive.tensors());
    weights.keySet().removeIf(name -> name.startsWith(OF_TRAINING));
    NeuralModel model;
    try {
      model = of(JsonParser.parseString(configuration).getAsJsonObject());
    } catch (RuntimeException e) {
      // A damaged configuration shows in many ways; the engine's own among them.
      if (Compute.isOutOfMemory(e)) {
        throw e;
      }
      throw new ArchiveException(file + " has a model's configuration that is not known here", e);
    }
    try {
      Weights.load(model.block(), weights);
      return model;
    } catch (SafetensorsException e) {
      String vocabulary = otherVocabulary(model, weights);
      model.close();
      throw new ArchiveException(
          file + " has weights that do not fit its configuration: " + vocabulary + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * What there is to say of the vocabulary if it is the difference: if every weight that has
   * another shape has another number of rows, where the model has one for each token.
   */
  private static String otherVocabulary(NeuralModel model, Map<String, Tensor> weights) {
    int size = model.vocabulary().size();
    long there = size;
    for (var e : Weights.of(model.block()).entrySet()) {
      long[] own = e.getValue().getArray().getShape().getShape();
      Tensor tensor = weights.get(e.getKey());
      if (tensor == null || Arrays.equals(own, tensor.shape())) {
        continue;
      }
      long[] shape = tensor.shape();
      long rows = shape.length == own.length && own[0] == size ? shape[0] : -1;
      boolean first = there == size;
      there = first ? rows : there;
      if (rows != there || !Arrays.equals(own, 1, own.length, shape, 1, shape.length)) {
        return "";
      }
    }
    return there == size
        ? ""
        : String.format(
            Locale.ROOT, "the vocabulary has %,d tokens, the weights are for %,d; ", size, there);
  }

  private static NeuralModel of(JsonObject json) {
    String model = json.get("model").getAsString();
    Vocabulary vocabulary = vocabulary(json.getAsJsonObject("vocabulary"));
    return switch (model) {
      case RecurrentModel.TAG -> RecurrentModel.of(vocabulary, json);
      case NeuralNGram.TAG -> NeuralNGram.of(vocabulary, json);
      case TextGenRnn.TAG -> TextGenRnn.of(vocabulary, json);
      default -> throw new IllegalArgumentException("no model \"" + model + "\"");
    };
  }

  /** The beginning of every configuration. */
  static JsonObject json(String model, Vocabulary vocabulary) {
    var json = new JsonObject();
    json.addProperty("model", model);
    json.add("vocabulary", json(vocabulary));
    return json;
  }

  private static JsonObject json(Vocabulary vocabulary) {
    var json = new JsonObject();
    json.addProperty("tokenizer", vocabulary.tokenizer().name());
    json.addProperty("acceptsUnknown", vocabulary.acceptsUnknown());
    var tokens = new JsonArray();
    vocabulary.textTokens().forEach(tokens::add);
    json.add("tokens", tokens);
    return json;
  }

  private static Vocabulary vocabulary(JsonObject json) {
    List<String> tokens = new ArrayList<>();
    for (JsonElement token : json.getAsJsonArray("tokens")) {
      tokens.add(token.getAsString());
    }
    return Vocabulary.of(
        Tokenizer.valueOf(json.get("tokenizer").getAsString()),
        tokens,
        json.get("acceptsUnknown").getAsBoolean());
  }
}
