package tinker.train;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Trainable;

/**
 * A model together with the way it is fed, trained and judged: all that {@link Doctor} looks at.
 * This is for loops that someone wrote for themselves. With {@link Fit} the loop is given, and a
 * model, its loss and data will do: {@link Doctor#examine(Trainable, Batches, Batches,
 * FitOptions)}.
 *
 * <p>For another loop they would not do. That gradients pile up, that a state leaks or is cut, that
 * nothing is clipped, that the reported figure leaves something out: these are faults of the loop,
 * and show only where an exam can ask the loop.
 *
 * <p>Labels come from {@link Batch#labels}: the ids (B, T) int64, and where rows are padded a mask
 * (B, T) float32, 1 where there is text.
 */
public interface TrainingSetup {
  /** The model with its loss. */
  Trainable model();

  /** What is trained on. */
  Batches training();

  /** What is evaluated on. */
  Batches evaluation();

  /** Number of answers the model chooses from, V. */
  int classes();

  /**
   * What the model hands to its loss for a batch that begins anew, in evaluation.
   *
   * @return B T rows of V numbers, in the order of the labels
   */
  float[][] outputs(Batch batch);

  /**
   * The hidden layer before the outputs, in evaluation.
   *
   * @return B T rows of H numbers, or no rows if it cannot be shown
   */
  float[][] activations(Batch batch);

  /** The gradients that an update with this batch would use, by the names of the parameters. */
  Map<String, float[]> gradients(Batch batch);

  /**
   * Makes one update.
   *
   * @param rateFactor the learning rate is multiplied with it
   * @return the loss of the batch as the loop reports it
   */
  double update(Batch batch, double rateFactor);

  /** The losses of batches that come one after another, as the loop sees them, in evaluation. */
  double[] losses(List<Batch> batches);

  /** The loss on the evaluation data as it is reported, in nats. */
  double reported();

  /** Begins anew: first weights, no moments, no state. */
  void reset();

  /**
   * Arrays of the engine as {@link #outputs} and {@link #activations} give them: a row for each
   * place.
   *
   * @param array float32 (..., N)
   * @return rows of N numbers
   */
  static float[][] rows(NDArray array) {
    int width = Math.toIntExact(array.getShape().get(array.getShape().dimension() - 1));
    float[] flat = array.toFloatArray();
    float[][] rows = new float[flat.length / width][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * width, (row + 1) * width);
    }
    return rows;
  }
}
