package tinker.train;

import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tinker.nn.OneCycle;
import tinker.nn.Schedule;

/**
 * How a model is trained. Begin with {@link #epochs(int)} and change what you want changed:
 *
 * <pre>{@code
 * FitOptions.epochs(8).oneCycle(3e-3)
 * FitOptions.epochs(80).rate(1e-3).patience(5).seed(7)
 * }</pre>
 *
 * @param epochs how often the training data is gone through, at least 1
 * @param batchSize rows that are trained on side by side, at least 1. Default 32: small enough that
 *     its noise regularises, large enough that the matrix products fill a CPU core.
 * @param bptt tokens of a row that one step reads, and so how far back a gradient reaches, at least
 *     1. Default 64, about a line of text: longer costs memory and updates less often. The state is
 *     carried over, so the model still remembers further back than that.
 * @param randomLengths whether the steps' lengths vary about {@code bptt}, as fastai does it, so
 *     that the cuts do not fall on the same places in each epoch; the rate of a step is then scaled
 *     with its length. Default false: with state carried over it makes little difference, and equal
 *     steps are easier to compare. Batches that a run is given are cut already: for them it is
 *     {@link tinker.data.TokenStreams#randomLengths} that counts, and this one, which could only be
 *     passed over, is refused with batches of this library that are cut otherwise.
 * @param schedule the learning rate over time. Default one-cycle with at most 0.003, which suits
 *     AdamW on recurrent models of 100 to 500 units; find your own with {@link LearningRateFinder}.
 * @param weightDecay AdamW's decoupled decay, at least 0. Default 0.01, PyTorch's.
 * @param beta2 how slowly AdamW forgets squared gradients, in [0, 1). Default 0.99: runs of a few
 *     thousand steps are too short for PyTorch's 0.999; fastai uses 0.99 as well.
 * @param clipNorm longest gradient that is let through, above 0; infinity switches clipping off.
 *     Default 1: recurrent models now and then meet a gradient many times too long.
 * @param seed of the order of the data and of dropout. Default 1. What the weights begin with is
 *     the model's seed, not this one.
 * @param patience number of validations without improvement after which training stops; the weights
 *     with the best validation are put back at the end. Default 0: never stop early and keep the
 *     last weights.
 * @param validateEvery number of steps between validations; default 0: one after each epoch
 * @param checkpoint file that is written after each epoch and on an interrupt, so that {@link
 *     Fit#resume} can go on from there; default null: none
 * @param record file to which the run adds its line, see {@link Runs}; default {@link Runs#file()},
 *     which is null unless the environment names one
 */
public record FitOptions(
    int epochs,
    int batchSize,
    int bptt,
    boolean randomLengths,
    Schedule schedule,
    double weightDecay,
    double beta2,
    double clipNorm,
    long seed,
    int patience,
    int validateEvery,
    @Nullable Path checkpoint,
    @Nullable Path record) {

  public FitOptions {
    atLeast("epochs", epochs, 1);
    atLeast("batchSize", batchSize, 1);
    atLeast("bptt", bptt, 1);
    if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
      throw new IllegalArgumentException(
          "weightDecay is " + weightDecay + "; it must be at least 0 and finite");
    }
    if (!(beta2 >= 0 && beta2 < 1)) {
      throw new IllegalArgumentException("beta2 is " + beta2 + "; it must be in [0, 1)");
    }
    if (!(clipNorm > 0)) {
      throw new IllegalArgumentException(
          "clipNorm is " + clipNorm + "; it must be above 0 (infinity switches clipping off)");
    }
    atLeast("patience", patience, 0);
    atLeast("validateEvery", validateEvery, 0);
  }

  /** The defaults, with this many epochs. */
  public static FitOptions epochs(int epochs) {
    return new FitOptions(
        epochs, 32, 64, false, OneCycle.of(3e-3), 0.01, 0.99, 1, 1, 0, 0, null, Runs.file());
  }

  /** The same with this many rows side by side. */
  public FitOptions batchSize(int rows) {
    return new FitOptions(
        epochs,
        rows,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with this many tokens of a row in a step. */
  public FitOptions bptt(int tokens) {
    return new FitOptions(
        epochs,
        batchSize,
        tokens,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with steps of varying length, or without. */
  public FitOptions randomLengths(boolean on) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        on,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same learning rate from beginning to end. */
  public FitOptions rate(double rate) {
    return schedule(new Schedule.Constant(rate));
  }

  /** One cycle of learning rate and momentum, with this highest rate. */
  public FitOptions oneCycle(double highestRate) {
    return schedule(OneCycle.of(highestRate));
  }

  /** The same with another course of the learning rate. */
  public FitOptions schedule(Schedule other) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        other,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with this weight decay. */
  public FitOptions weightDecay(double decay) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        decay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with this beta2. */
  public FitOptions beta2(double value) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        value,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with gradients of at most this length; infinity switches clipping off. */
  public FitOptions clipNorm(double longest) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        longest,
        seed,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same with another seed. */
  public FitOptions seed(long value) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        value,
        patience,
        validateEvery,
        checkpoint,
        record);
  }

  /** A seed drawn now; it is part of the options, so the run can still be repeated. */
  public FitOptions drawSeed() {
    return seed(RandomGenerator.getDefault().nextLong());
  }

  /** The same, stopping after this many validations without improvement; 0 never does. */
  public FitOptions patience(int validations) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        validations,
        validateEvery,
        checkpoint,
        record);
  }

  /** The same, with a validation every so many steps; 0 for one after each epoch. */
  public FitOptions validateEvery(int steps) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        steps,
        checkpoint,
        record);
  }

  /** The same, written to this file again and again; null for none. */
  public FitOptions checkpoint(@Nullable Path file) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        file,
        record);
  }

  /** The same, adding its line to this file; null for none. */
  public FitOptions record(@Nullable Path file) {
    return new FitOptions(
        epochs,
        batchSize,
        bptt,
        randomLengths,
        schedule,
        weightDecay,
        beta2,
        clipNorm,
        seed,
        patience,
        validateEvery,
        checkpoint,
        file);
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
    }
  }
}
