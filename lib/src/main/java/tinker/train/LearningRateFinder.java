package tinker.train;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.TokenStreams;
import tinker.nn.AdamW;
import tinker.nn.Trainable;
import tinker.text.Split;
import tinker.text.Tokenized;

/**
 * Finds a learning rate by trying them all (Smith 2017, "Cyclical learning rates for training
 * neural networks"): one update at each rate of a sweep from very small to too large, while the
 * loss is watched. Where it falls fastest, the rate is good; where it explodes, it is too large.
 *
 * <pre>{@code
 * var found = LearningRateFinder.of(model, split, FitOptions.epochs(1));
 * found.suggestion()                              // such as 0.004
 * found.rates()                                   // with found.smoothed(): a chart, x logarithmic
 * }</pre>
 *
 * <p>The model's weights are put back afterwards. Interrupting the thread ends the sweep after the
 * update at hand; what is known then is given back, and {@link #toString} says that it is a part.
 */
public final class LearningRateFinder {
  private static final String NONE = "the loss never fell, so no rate can be suggested";

  private static final double LOWEST = 1e-6;
  private static final double HIGHEST = 1;
  private static final int STEPS = 100;
  private static final double SMOOTHING = 0.9;
  private static final double EXPLODED = 4;

  private final double[] rates;
  private final double[] losses;
  private final double[] smoothed;

  /** How many rates there were to be if the sweep was interrupted; 0 if it came to its end. */
  private final int planned;

  private LearningRateFinder(double[] rates, double[] losses, double[] smoothed, int planned) {
    this.rates = rates;
    this.losses = losses;
    this.smoothed = smoothed;
    this.planned = planned;
  }

  /** Sweeps over the training part of {@code split}; from the options come size and decay. */
  public static <M extends Trainable & Tokenized> LearningRateFinder of(
      M model, Split split, FitOptions options) {
    return of(
        model,
        TokenStreams.of(split.train(), model.vocabulary(), options.batchSize(), options.bptt())
            .shuffled(),
        options);
  }

  /** A hundred updates with rates from 0.000001 to 1, or fewer if the loss explodes before. */
  public static LearningRateFinder of(Trainable model, Batches batches, FitOptions options) {
    return of(model, batches, options, LOWEST, HIGHEST, STEPS);
  }

  /**
   * @param lowest first rate, above 0
   * @param highest last rate, above the first
   * @param steps number of updates, at least 10
   */
  public static LearningRateFinder of(
      Trainable model,
      Batches batches,
      FitOptions options,
      double lowest,
      double highest,
      int steps) {
    if (!(lowest > 0) || !(highest > lowest) || Double.isInfinite(highest)) {
      throw new IllegalArgumentException(
          "rates go from "
              + lowest
              + " to "
              + highest
              + "; the first must be above 0, the last above the first");
    }
    if (steps < 10) {
      throw new IllegalArgumentException("steps is " + steps + "; it must be at least 10");
    }
    Progress progress = Progress.create();
    progress.start("Looking for a learning rate for " + Fit.name(model));
    var rates = new ArrayList<Double>();
    var losses = new ArrayList<Double>();
    var smoothed = new ArrayList<Double>();
    String said = "";
    try (var before = new Snapshot(model.block())) {
      boolean interrupted;
      try (AdamW optimizer = Fit.optimizer(model, options);
          var step = new TrainingStep(model, optimizer, options.clipNorm(), options.seed())) {
        interrupted =
            sweep(
                step, batches, options, lowest, highest, steps, rates, losses, smoothed, progress);
      } finally {
        before.putBack();
      }
      var found =
          new LearningRateFinder(
              plain(rates), plain(losses), plain(smoothed), interrupted ? steps : 0);
      said = found.toString();
      return found;
    } finally {
      progress.finish(
          said.isEmpty() ? "failed after " + rates.size() + " of " + steps + " rates" : said,
          Map.of());
    }
  }

  /** True if the thread was interrupted; as in {@link Fit}, it no longer is then. */
  private static boolean sweep(
      TrainingStep step,
      Batches batches,
      FitOptions options,
      double lowest,
      double highest,
      int steps,
      List<Double> rates,
      List<Double> losses,
      List<Double> smoothed,
      Progress progress) {
    Iterator<Batch> epoch = batches.epoch(options.seed(), 0);
    int number = 0;
    double average = 0;
    double best = Double.POSITIVE_INFINITY;
    long began = System.nanoTime();
    long shown = began;
    for (int i = 0; i < steps; i++) {
      if (Thread.interrupted()) {
        return true;
      }
      if (!epoch.hasNext()) {
        epoch = batches.epoch(options.seed(), ++number);
      }
      double rate = lowest * Math.pow(highest / lowest, i / (steps - 1.0));
      double loss = step.run(epoch.next(), rate, 0.9);
      if (!Double.isFinite(loss)) {
        return false;
      }
      // An average that forgets, corrected for having begun at zero.
      average = SMOOTHING * average + (1 - SMOOTHING) * loss;
      double smooth = average / (1 - Math.pow(SMOOTHING, i + 1));
      rates.add(rate);
      losses.add(loss);
      smoothed.add(smooth);
      best = Math.min(best, smooth);
      if (smooth > EXPLODED * best) {
        return false;
      }
      long now = System.nanoTime();
      if (now - shown > 200_000_000) {
        shown = now;
        progress.step(
            (i + 1.0) / steps,
            String.format(Locale.ROOT, "rate %.2g", rate),
            Map.of("loss", String.format(Locale.ROOT, "%.3f", smooth)),
            Duration.ofNanos((now - began) / (i + 1) * (steps - i - 1)));
      }
    }
    return false;
  }

  private static double[] plain(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The rates tried, rising. */
  public double[] rates() {
    return rates.clone();
  }

  /** The loss at each rate, before its update. */
  public double[] losses() {
    return losses.clone();
  }

  /** The losses, averaged over about the ten before. */
  public double[] smoothed() {
    return smoothed.clone();
  }

  /**
   * A rate for the maximum of a one-cycle run: the middle of the longest fall of the smoothed loss,
   * as fastai's "valley" finds it.
   *
   * @throws IllegalStateException if the loss never fell
   */
  public double suggestion() {
    return suggested().orElseThrow(() -> new IllegalStateException(NONE));
  }

  /** What {@link #suggestion} gives, or nothing if the loss never fell. */
  public OptionalDouble suggested() {
    int n = smoothed.length;
    int[] falls = new int[n];
    Arrays.fill(falls, 1);
    int end = 0;
    for (int i = 1; i < n; i++) {
      for (int j = 0; j < i; j++) {
        if (smoothed[i] < smoothed[j] && falls[i] < falls[j] + 1) {
          falls[i] = falls[j] + 1;
        }
      }
      if (falls[i] > falls[end]) {
        end = i;
      }
    }
    if (n == 0 || falls[end] < 3) {
      return OptionalDouble.empty();
    }
    int start = Math.max(0, end - falls[end]);
    int third = (end - start) / 3;
    return OptionalDouble.of(rates[start + third + third / 2]);
  }

  @Override
  public String toString() {
    String tried =
        planned == 0
            ? rates.length + " rates tried"
            : "interrupted after " + rates.length + " of " + planned + " rates";
    OptionalDouble rate = suggested();
    return rate.isPresent()
        ? String.format(Locale.ROOT, "%s; take about %.2g", tried, rate.getAsDouble())
        : tried + "; " + NONE;
  }
}
