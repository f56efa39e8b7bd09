package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.PairBatch;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.TrainableClassifier;

/**
 * What a classifier said of every item of a data set, beside what is right.
 *
 * <pre>{@code
 * var said = Predictions.of(model, PairBatches.of(split.test(), vectors, letters, 64));
 * said.accuracy()                   // 0.803 [0.792, 0.814]
 * said.mcNemar(other)               // is one really better?
 * }</pre>
 */
public final class Predictions {
  private final double[][] probabilities;
  private final int[] labels;

  private Predictions(double[][] probabilities, int[] labels) {
    this.probabilities = probabilities;
    this.labels = labels;
  }

  /**
   * @param probabilities of each item, one for each class
   * @param labels the right class of each item
   */
  public static Predictions of(double[][] probabilities, int[] labels) {
    if (probabilities.length != labels.length) {
      throw new IllegalArgumentException(
          probabilities.length + " predictions for " + labels.length + " labels");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= probabilities[i].length) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "label %d of item %d; the answers are numbered 0 to %d",
                labels[i],
                i,
                probabilities[i].length - 1));
      }
    }
    return new Predictions(probabilities.clone(), labels.clone());
  }

  /**
   * Asks a model for all items of an epoch, without dropout.
   *
   * @param batches of pairs: then the items come in the order of the data set; of anything else, in
   *     the order of the batches
   * @throws java.util.concurrent.CancellationException if the thread is interrupted, whose flag is
   *     cleared
   */
  public static Predictions of(TrainableClassifier model, Batches batches) {
    var places = new ArrayList<Integer>();
    var said = new ArrayList<double[]>();
    var right = new ArrayList<Integer>();
    try (var off = Gradients.off();
        NDManager manager = NDManager.newBaseManager(Gradients.device(model.block()))) {
      var parameters = new Frozen(manager);
      for (Iterator<Batch> epoch = batches.epoch(0, 0); epoch.hasNext(); ) {
        Batch batch = epoch.next();
        try (NDManager step = manager.newSubManager()) {
          NDArray answers = model.logits(parameters, batch.inputs(step), false).softmax(1);
          float[] flat = answers.toFloatArray();
          long[] labels = batch.labels(step).head().toLongArray();
          int classes = flat.length / labels.length;
          for (int row = 0; row < labels.length; row++) {
            int from = row * classes;
            said.add(IntStream.range(from, from + classes).mapToDouble(i -> flat[i]).toArray());
            right.add((int) labels[row]);
            places.add(batch instanceof PairBatch p ? p.places()[row] : places.size());
          }
        }
        Interrupts.check(" after " + said.size() + " items");
      }
    }
    double[][] probabilities = new double[said.size()][];
    int[] labels = new int[said.size()];
    for (int i = 0; i < labels.length; i++) {
      probabilities[places.get(i)] = said.get(i);
      labels[places.get(i)] = right.get(i);
    }
    return of(probabilities, labels);
  }

  /** Number of items. */
  public int size() {
    return labels.length;
  }

  /** The right class of item {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /** How likely class {@code c} was held to be for item {@code i}. */
  public double probability(int i, int c) {
    return probabilities[i][c];
  }

  /** The class held most likely for item {@code i}; of equal ones the first. */
  public int predicted(int i) {
    int best = 0;
    for (int c = 1; c < probabilities[i].length; c++) {
      best = probabilities[i][c] > probabilities[i][best] ? c : best;
    }
    return best;
  }

  /** Whether item {@code i} was predicted rightly. */
  public boolean correct(int i) {
    return predicted(i) == labels[i];
  }

  /** The share predicted rightly, with the interval for another test set of this size. */
  public Estimate accuracy() {
    return Estimate.share(IntStream.range(0, size()).filter(this::correct).count(), size());
  }

  /** Mean surprise at the right class, in nats. */
  public double loss() {
    return IntStream.range(0, size())
        .mapToDouble(i -> -Math.log(Math.max(probabilities[i][labels[i]], 1e-12)))
        .average()
        .orElse(Double.NaN);
  }

  /** How often each class (row) was predicted as each (column). */
  public double[][] confusion() {
    int classes = size() == 0 ? 0 : probabilities[0].length;
    double[][] counts = new double[classes][classes];
    for (int i = 0; i < size(); i++) {
      counts[labels[i]][predicted(i)]++;
    }
    return counts;
  }

  /**
   * The predictions of each group apart.
   *
   * @param groups of each item, in order
   */
  public Map<String, Predictions> by(List<String> groups) {
    if (groups.size() != size()) {
      throw new IllegalArgumentException(groups.size() + " groups for " + size() + " items");
    }
    var members = new LinkedHashMap<String, List<Integer>>();
    for (int i = 0; i < size(); i++) {
      members.computeIfAbsent(groups.get(i), g -> new ArrayList<Integer>()).add(i);
    }
    var parts = new LinkedHashMap<String, Predictions>();
    members.forEach(
        (group, items) ->
            parts.put(
                group,
                new Predictions(
                    items.stream().map(i -> probabilities[i]).toArray(double[][]::new),
                    items.stream().mapToInt(i -> labels[i]).toArray())));
    return parts;
  }

  /**
   * Whether two systems differ on the same items, by those that only one got right.
   *
   * @param onlyThis how many items only the one asked got right
   * @param onlyOther how many only the other one
   * @param p how likely so uneven a split would be if both were equally good: the exact two-sided
   *     p-value
   */
  public record McNemar(int onlyThis, int onlyOther, double p) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%d right only here, %d only there, p = %.2g", onlyThis, onlyOther, p);
    }
  }

  /** McNemar's test (1947) against what another system said of the same items. */
  public McNemar mcNemar(Predictions other) {
    if (other.size() != size()) {
      throw new IllegalArgumentException(
          size() + " items beside " + other.size() + "; they must be the same ones");
    }
    int here = 0;
    int there = 0;
    for (int i = 0; i < size(); i++) {
      here += correct(i) && !other.correct(i) ? 1 : 0;
      there += !correct(i) && other.correct(i) ? 1 : 0;
    }
    return new McNemar(here, there, binomial(Math.min(here, there), here + there));
  }

  /** Twice the chance of at most {@code k} heads in {@code n} throws of a fair coin, at most 1. */
  private static double binomial(int k, int n) {
    double sum = 0;
    double logTerm = -n * Math.log(2);
    for (int i = 0; i <= k; i++) {
      sum += Math.exp(logTerm);
      logTerm += Math.log(n - i) - Math.log(i + 1);
    }
    return Math.min(1, 2 * sum);
  }

  @Override
  public String toString() {
    if (size() == 0) {
      return "0 items";
    }
    return String.format(
        Locale.ROOT, "%,d items: %s %% right, loss %.3f", size(), accuracy().percent(), loss());
  }
}
