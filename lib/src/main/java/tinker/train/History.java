package tinker.train;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What happened while a model was trained. All losses are nats a prediction.
 *
 * @param unit what one prediction is made for, such as {@code "token"}
 * @param steps the course of the loss, at most about a thousand points
 * @param validations each look at the validation data
 * @param epochs each epoch that was gone through to its end
 */
public record History(
    String unit, List<Step> steps, List<Validation> validations, List<Epoch> epochs) {
  public History {
    // Records of runs and checkpoints written before there was a unit are of language models.
    unit = Objects.requireNonNullElse(unit, "token");
    steps = List.copyOf(steps);
    validations = List.copyOf(validations);
    epochs = List.copyOf(epochs);
  }

  /**
   * @param step number of the last update that this point stands for, counted from 1
   * @param loss mean loss of the updates since the point before, each measured before its update
   * @param rate learning rate of the last of them
   * @param gradientNorm norm of the gradients of the last of them, before clipping
   */
  public record Step(long step, double loss, double rate, double gradientNorm) {}

  /**
   * @param step number of updates made before
   * @param epoch in which it happened, counted from 1
   * @param loss on the validation data
   */
  public record Validation(long step, int epoch, double loss) {}

  /**
   * @param epoch counted from 1
   * @param step number of updates made by its end
   * @param loss mean loss of its updates
   * @param validation loss on the validation data at its end; NaN without validation data
   * @param seconds time it took, validation included
   * @param tokensPerSecond predictions trained on a second, validation excluded
   */
  public record Epoch(
      int epoch,
      long step,
      double loss,
      double validation,
      double seconds,
      double tokensPerSecond) {
    @Override
    public String toString() {
      String held =
          Double.isNaN(validation)
              ? ""
              : String.format(Locale.ROOT, ", validation %.4f", validation);
      return String.format(
          Locale.ROOT,
          "epoch %d: train %.4f%s nats, %.1f s, %,.0f tokens/s",
          epoch,
          loss,
          held,
          seconds,
          tokensPerSecond);
    }
  }

  /** The lowest validation loss, if there was one that is a number. */
  public OptionalDouble best() {
    return validations.stream()
        .mapToDouble(Validation::loss)
        .filter(loss -> !Double.isNaN(loss))
        .min();
  }
}
