package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;

/** A model that says how likely each of a few classes is. */
public interface TrainableClassifier extends Trainable {
  /**
   * The scores before the softmax.
   *
   * @param parameters where the values of the parameters are looked up
   * @param inputs what the model reads of a batch of B rows
   * @param training true switches dropout on
   * @return (B, number of classes) float32
   */
  NDArray logits(ParameterStore parameters, NDList inputs, boolean training);

  /** One prediction is made for a whole text or pair of texts. */
  @Override
  default String unit() {
    return "example";
  }

  /** Cross-entropy of the right classes: the mean over the rows. Labels: one array, (B) int64. */
  @Override
  default Result loss(
      ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
    NDArray logits = logits(parameters, inputs, training);
    return new Result(Loss.crossEntropy(logits, labels.singletonOrThrow()), new NDList());
  }
}
