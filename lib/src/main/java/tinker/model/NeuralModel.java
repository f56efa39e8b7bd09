package tinker.model;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import tinker.nn.Layer;
import tinker.nn.Trainable;
import tinker.nn.Weights;

/**
 * A language model that is trained: it has weights, and goes to a file and back.
 *
 * <pre>{@code
 * lstm.save(Path.of("lstm.tinker"));
 * NeuralModel again = NeuralModel.load(Path.of("lstm.tinker"));
 * }</pre>
 *
 * <p>It owns native memory: close it, or let it live as long as the program. Training changes it
 * from one thread; meanwhile no other may use it.
 */
public sealed interface NeuralModel extends LanguageModel, Trainable, AutoCloseable
    permits RecurrentModel, NeuralNGram, TextGenRnn {
  /** The manager that owns the weights, and nothing else. */
  NDManager manager();

  @Override
  default long parameters() {
    return Weights.count(block());
  }

  /** Every parameter with its shape and size. */
  default List<Layer> layers() {
    return Weights.table(block());
  }

  /** What tables and notebooks show. */
  default String summary() {
    return String.format(Locale.ROOT, "%s: %s, %,d parameters", name(), vocabulary(), parameters());
  }

  /**
   * Writes configuration, vocabulary and weights to one file: all that is needed to generate from
   * the model. It is a safetensors file too, with PyTorch's names. Whatever happens on the way, the
   * file is either as it was or complete.
   *
   * @throws IOException if it cannot be written
   */
  default void save(Path file) throws IOException {
    ModelFile.save(this, file);
  }

  /**
   * Reads a model from what {@link #save} or a training run's checkpoint wrote. No code from the
   * file is run.
   *
   * @throws tinker.nn.ArchiveException if it is not such a file, of another version, or damaged
   * @throws IOException if it cannot be read
   */
  static NeuralModel load(Path file) throws IOException {
    return ModelFile.load(file);
  }

  /** Frees the weights. */
  @Override
  void close();
}
