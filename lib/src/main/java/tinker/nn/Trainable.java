package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/** What training needs of a model: its parameters, and the loss on a batch. */
public interface Trainable {
  /** The initialised block that holds the parameters. */
  Block block();

  /**
   * Everything of the model but the values of its weights, as JSON: what a file needs beside them
   * to make the model again. Empty if the model cannot be made from a file.
   */
  default String configuration() {
    return "";
  }

  /** What one prediction is made for, in the singular: a loss is counted in nats for each of it. */
  default String unit() {
    return "token";
  }

  /**
   * The loss on one batch, and what the batch leaves behind for the next one.
   *
   * @param parameters where the values of the parameters are looked up; training on several threads
   *     gives each thread its own
   * @param inputs what the model reads; a language model reads one array of token ids, (B, T) int64
   * @param labels what it should answer; for a language model the next token ids, (B, T) int64
   * @param state the {@link Result#state} of the batch before, or empty to begin anew; the arrays
   *     must not carry gradients
   * @param training true switches dropout on
   */
  Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training);

  /**
   * @param loss scalar: the mean over all predictions of the batch, in nats
   * @param state what the next batch may begin with; empty for a model that carries nothing. Axis 1
   *     of each array counts the rows of the batch, so that the state can be cut as the batch is
   */
  record Result(NDArray loss, NDList state) {}
}
