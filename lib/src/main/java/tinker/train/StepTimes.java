package tinker.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.GradientNorm;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.Leaves;
import tinker.nn.Trainable;

/**
 * Where the time of a training step goes, in seconds: the median over some steps of each part.
 *
 * <pre>{@code
 * StepTimes.measure(model, batches, FitOptions.epochs(1), 20)
 * }</pre>
 *
 * <p>The step is that of {@link Fit}, except that one worker does the whole batch: where several
 * share it, their forward and backward passes overlap and cannot be told apart by a clock.
 *
 * @param data taking the next batch and making arrays of it
 * @param forward from the inputs to the loss
 * @param backward from the loss to the gradients
 * @param update measuring the gradients' length and changing the weights
 */
public record StepTimes(double data, double forward, double backward, double update) {
  private static final int PARTS = 4;

  /** Steps that are made but not counted: the first ones find everything cold. */
  private static final int UNCOUNTED = 3;

  /**
   * Makes {@code steps} updates, and some before them that are not counted. The model's weights are
   * put back afterwards.
   *
   * @param steps how many are counted, at least 1
   * @throws IllegalArgumentException if steps is below 1 or there is no batch
   * @throws java.util.concurrent.CancellationException if the thread is interrupted before the last
   *     step, whose flag is cleared
   */
  public static StepTimes measure(Trainable model, Batches batches, FitOptions options, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + "; it must be at least 1");
    }
    double[][] times = new double[PARTS][steps];
    try (var before = new Snapshot(model.block())) {
      try (AdamW optimizer = Fit.optimizer(model, options)) {
        Iterator<Batch> epoch = batches.epoch(options.seed(), 0);
        int number = 0;
        for (int i = -UNCOUNTED; i < steps; i++) {
          Interrupts.check(" after " + Math.max(0, i) + " of " + steps + " steps");
          if (!epoch.hasNext()) {
            epoch = batches.epoch(options.seed(), ++number);
          }
          if (!epoch.hasNext()) {
            throw new IllegalArgumentException("the training data has no batch");
          }
          double[] parts = step(model, epoch, optimizer, options);
          for (int part = 0; part < PARTS && i >= 0; part++) {
            times[part][i] = parts[part];
          }
        }
      } finally {
        before.putBack();
      }
    }
    return new StepTimes(median(times[0]), median(times[1]), median(times[2]), median(times[3]));
  }

  private static double[] step(
      Trainable model, Iterator<Batch> epoch, AdamW optimizer, FitOptions options) {
    long[] clock = new long[PARTS + 1];
    try (NDManager manager = NDManager.newBaseManager(Gradients.device(model.block()));
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      clock[0] = System.nanoTime();
      Batch batch = epoch.next();
      NDList inputs = batch.inputs(manager);
      NDList labels = batch.labels(manager);
      clock[1] = System.nanoTime();
      Leaves leaves = Leaves.taped(manager, options.seed());
      NDArray loss = model.loss(leaves, inputs, labels, new NDList(), true).loss();
      settle(loss);
      clock[2] = System.nanoTime();
      leaves.backward(loss);
      List<NDArray> gradients = leaves.gradients(model.block());
      settle(gradients.get(gradients.size() - 1));
      clock[3] = System.nanoTime();
      double norm = GradientNorm.of(gradients);
      optimizer.step(
          gradients,
          options.schedule().maximum(),
          options.schedule().momentum(0),
          GradientNorm.scale(norm, options.clipNorm()));
      clock[4] = System.nanoTime();
    }
    double[] parts = new double[PARTS];
    for (int part = 0; part < PARTS; part++) {
      parts[part] = (clock[part + 1] - clock[part]) / 1e9;
    }
    return parts;
  }

  /** Waits for a device that works on while the program goes on, by asking it for a number. */
  private static void settle(NDArray array) {
    if (array.getDevice().isGpu()) {
      try (NDArray sum = array.sum()) {
        sum.toArray();
      }
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** All four parts together: how long a step takes. */
  public double total() {
    return data + forward + backward + update;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f ms a step: data %.1f, forward %.1f, backward %.1f, update %.1f",
        1e3 * total(),
        1e3 * data,
        1e3 * forward,
        1e3 * backward,
        1e3 * update);
  }
}
