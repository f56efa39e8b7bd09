package tinker.matching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import tinker.text.Pair;

/**
 * Logistic regression over bags of words: what can be known of a pair without the order of its
 * words, and without knowing that two words mean the same.
 *
 * <pre>{@code
 * var bag = BagBaseline.train(split.train().all(), split.train().labels(), 1e-4, 7);
 * bag.probabilities(split.test().all());          // one row a pair
 * }</pre>
 *
 * <p>A pair's features are its words, each marked as standing in both sentences, in the first alone
 * or in the second alone; the share of each sentence that the other has; and how much longer one is
 * than the other.
 */
public final class BagBaseline {
  private static final int EPOCHS = 15;
  private static final double RATE = 0.1;
  private static final int MEASURES = 5;

  private final List<String> labels;
  private final Map<String, Integer> features;
  // By feature, then by label; the first rows are the measures.
  private final double[][] weights;

  private BagBaseline(List<String> labels, Map<String, Integer> features, double[][] weights) {
    this.labels = labels;
    this.features = features;
    this.weights = weights;
  }

  /**
   * Always the same answer: how frequent each label is.
   *
   * @return one probability for each of {@code labels}
   */
  public static double[] frequencies(List<Pair> pairs, List<String> labels) {
    double[] shares = new double[labels.size()];
    for (Pair pair : pairs) {
      shares[label(pair, labels)] += 1.0 / pairs.size();
    }
    return shares;
  }

  private static int label(Pair pair, List<String> labels) {
    int label = labels.indexOf(pair.label());
    if (label < 0) {
      throw new IllegalArgumentException(
          "a pair is labelled \"" + pair.label() + "\"; the labels are " + labels);
    }
    return label;
  }

  /**
   * Learns with AdaGrad (Duchi, Hazan and Singer 2011), one pair at a time, 15 times through.
   *
   * @param labels in the order of the classes
   * @param decay how strongly weights are drawn to 0, at least 0; choose it on a validation set
   * @param seed of the order of the pairs
   */
  public static BagBaseline train(List<Pair> pairs, List<String> labels, double decay, long seed) {
    if (pairs.isEmpty()) {
      throw new IllegalArgumentException("there are no pairs to learn from");
    }
    if (!(decay >= 0)) {
      throw new IllegalArgumentException("decay is " + decay + "; it must be at least 0");
    }
    var features = new HashMap<String, Integer>();
    var rows = new ArrayList<Row>();
    for (Pair pair : pairs) {
      for (String name : names(pair)) {
        features.putIfAbsent(name, MEASURES + features.size());
      }
      rows.add(row(pair, features));
    }
    int[] classes = pairs.stream().mapToInt(p -> label(p, labels)).toArray();
    double[][] weights = new double[MEASURES + features.size()][labels.size()];
    double[][] squares = new double[weights.length][labels.size()];
    var order = new ArrayList<Integer>();
    for (int i = 0; i < rows.size(); i++) {
      order.add(i);
    }
    var random = new Random(seed);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      Collections.shuffle(order, random);
      for (int i : order) {
        Row row = rows.get(i);
        double[] error = softmax(scores(row, weights));
        error[classes[i]] -= 1;
        for (int f = 0; f < row.ids.length; f++) {
          double[] weight = weights[row.ids[f]];
          double[] square = squares[row.ids[f]];
          for (int c = 0; c < error.length; c++) {
            double gradient = error[c] * row.values[f] + decay * weight[c];
            square[c] += gradient * gradient;
            weight[c] -= RATE * gradient / Math.sqrt(square[c] + 1e-8);
          }
        }
      }
    }
    return new BagBaseline(List.copyOf(labels), features, weights);
  }

  /** Features of a pair: where, and how large. */
  private record Row(int[] ids, double[] values) {}

  private static Set<String> names(Pair pair) {
    Set<String> first = new LinkedHashSet<>(pair.firstWords());
    Set<String> second = new LinkedHashSet<>(pair.secondWords());
    Set<String> names = new LinkedHashSet<>();
    for (String word : first) {
      names.add((second.contains(word) ? "=" : "1") + word);
    }
    for (String word : second) {
      if (!first.contains(word)) {
        names.add("2" + word);
      }
    }
    return names;
  }

  private static Row row(Pair pair, Map<String, Integer> features) {
    List<String> first = pair.firstWords();
    List<String> second = pair.secondWords();
    var ids = new ArrayList<Integer>();
    for (String name : names(pair)) {
      Integer id = features.get(name);
      if (id != null) {
        ids.add(id);
      }
    }
    int n = ids.size() + MEASURES;
    int[] all = new int[n];
    double[] values = new double[n];
    double[] measures = {
      1,
      share(first, second),
      share(second, first),
      Math.log((1.0 + first.size()) / (1.0 + second.size())),
      first.equals(second) ? 1 : 0
    };
    for (int i = 0; i < MEASURES; i++) {
      all[i] = i;
      values[i] = measures[i];
    }
    for (int i = MEASURES; i < n; i++) {
      all[i] = ids.get(i - MEASURES);
      values[i] = 1;
    }
    return new Row(all, values);
  }

  /** The share of {@code words} that {@code others} has; 0 for none. */
  private static double share(List<String> words, List<String> others) {
    Set<String> there = Set.copyOf(others);
    return words.isEmpty()
        ? 0
        : words.stream().filter(there::contains).count() / (double) words.size();
  }

  private static double[] scores(Row row, double[][] weights) {
    double[] scores = new double[weights[0].length];
    for (int f = 0; f < row.ids.length; f++) {
      for (int c = 0; c < scores.length; c++) {
        scores[c] += row.values[f] * weights[row.ids[f]][c];
      }
    }
    return scores;
  }

  private static double[] softmax(double[] scores) {
    double most = Arrays.stream(scores).max().orElseThrow();
    double[] shares = Arrays.stream(scores).map(s -> Math.exp(s - most)).toArray();
    double sum = Arrays.stream(shares).sum();
    for (int c = 0; c < shares.length; c++) {
      shares[c] /= sum;
    }
    return shares;
  }

  /** How likely each label is for each pair: one row a pair, which sums to 1. */
  public double[][] probabilities(List<Pair> pairs) {
    return pairs.stream()
        .map(pair -> softmax(scores(row(pair, features), weights)))
        .toArray(double[][]::new);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "bag of words: %,d features, %d labels",
        MEASURES + features.size(),
        labels.size());
  }
}
