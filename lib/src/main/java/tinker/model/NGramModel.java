package tinker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import tinker.text.Vocabulary;

/**
 * A language model made of counts; {@link NGram} makes it. Every token of its vocabulary can be
 * asked for, the unknown one included: a smoothed model gives it its share of what is left for
 * tokens never seen.
 */
public final class NGramModel implements LanguageModel {
  /** What is taken off an n-gram's count: {@code one} off a count of 1, and so on. */
  public record Discounts(double one, double two, double threeOrMore, boolean estimated) {
    static final Discounts NONE = new Discounts(0, 0, 0, true);
    static final Discounts FALLBACK = new Discounts(0.5, 1, 1.5, false);

    /**
     * Chen and Goodman's estimate.
     *
     * @param n number of n-grams that occur i + 1 times, for i in [0, 4)
     */
    static Discounts of(long[] n) {
      if (n[0] == 0 || n[1] == 0 || n[2] == 0 || n[3] == 0) {
        return FALLBACK;
      }
      double y = n[0] / (n[0] + 2.0 * n[1]);
      var d =
          new Discounts(
              1 - 2 * y * n[1] / n[0], 2 - 3 * y * n[2] / n[1], 3 - 4 * y * n[3] / n[2], true);
      return d.one > 0 && d.two > 0 && d.threeOrMore > 0 ? d : FALLBACK;
    }
  }

  /** How a longer history and the shorter ones beneath it go together. */
  private enum Rule {
    /** Every length of history that occurred takes part. */
    INTERPOLATED,
    /** Only the full history; another answer is given where it never occurred. */
    FULL_ONLY,
    /** Only the longest end of the history that occurred. */
    LONGEST_SEEN
  }

  private final NGram counts;
  private final String name;
  private final Rule rule;
  private final double ifNeverSeen;
  // For each length of history k, from 0 to the order: the probability of a token after history h
  // is
  //   (count - discount) / divisor[k][h] + rest[k][h] * (probability after the shorter history).
  // divisor 0: nothing ever followed h.
  private final int[][] count;
  private final double[][] discount;
  private final double[][] divisor;
  private final double[][] rest;
  private final List<Discounts> discounts;

  private NGramModel(
      NGram counts,
      String name,
      Rule rule,
      double ifNeverSeen,
      List<Discounts> discounts,
      int[][] count,
      double[][] divisor,
      double[][] rest) {
    this.counts = counts;
    this.name = name + ", order " + counts.order();
    this.rule = rule;
    this.ifNeverSeen = ifNeverSeen;
    this.discounts = discounts;
    this.count = count;
    this.divisor = divisor;
    this.rest = rest;
    this.discount = new double[counts.order() + 1][];
    for (int k = 0; k < discount.length; k++) {
      Discounts d = discounts.get(k);
      discount[k] = new double[] {0, d.one, d.two, d.threeOrMore};
    }
  }

  static NGramModel maximumLikelihood(NGram counts) {
    return unsmoothed(counts, Rule.FULL_ONLY);
  }

  private static NGramModel unsmoothed(NGram counts, Rule rule) {
    var s = new Sums(counts, false);
    double[][] rest = new double[counts.order() + 1][];
    for (int k = 0; k <= counts.order(); k++) {
      rest[k] = new double[s.total[k].length];
    }
    return new NGramModel(
        counts, "maximum likelihood", rule, 0, none(counts), s.count, s.total, rest);
  }

  static NGramModel addK(NGram counts, double k) {
    if (!(k > 0) || k == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("k is " + k + "; it must be a number above 0");
    }
    int v = counts.vocabulary().size();
    var s = new Sums(counts, false);
    double[][] rest = new double[counts.order() + 1][];
    for (int h = 0; h <= counts.order(); h++) {
      rest[h] = new double[s.total[h].length];
      for (int i = 0; i < rest[h].length; i++) {
        if (s.total[h][i] > 0) {
          s.total[h][i] += k * v;
          rest[h][i] = k * v / s.total[h][i];
        }
      }
    }
    String name = "add-" + (k == Math.rint(k) ? String.valueOf((long) k) : String.valueOf(k));
    return new NGramModel(
        counts, name, Rule.FULL_ONLY, 1.0 / v, none(counts), s.count, s.total, rest);
  }

  static NGramModel wittenBell(NGram counts) {
    var s = new Sums(counts, false);
    double[][] rest = new double[counts.order() + 1][];
    for (int k = 0; k <= counts.order(); k++) {
      rest[k] = new double[s.total[k].length];
      for (int h = 0; h < rest[k].length; h++) {
        double types = s.types(k, h);
        if (types > 0) {
          s.total[k][h] += types;
          rest[k][h] = types / s.total[k][h];
        }
      }
    }
    return new NGramModel(
        counts, "Witten-Bell", Rule.INTERPOLATED, 0, none(counts), s.count, s.total, rest);
  }

  static NGramModel kneserNey(NGram counts) {
    var s = new Sums(counts, true);
    var discounts = new ArrayList<Discounts>();
    double[][] rest = new double[counts.order() + 1][];
    for (int k = 0; k <= counts.order(); k++) {
      Discounts d = Discounts.of(s.occurring[k]);
      discounts.add(d);
      rest[k] = new double[s.total[k].length];
      for (int h = 0; h < rest[k].length; h++) {
        if (s.total[k][h] > 0) {
          double taken =
              d.one * s.types[k][3 * h]
                  + d.two * s.types[k][3 * h + 1]
                  + d.threeOrMore * s.types[k][3 * h + 2];
          rest[k][h] = taken / s.total[k][h];
        }
      }
    }
    return new NGramModel(
        counts, "Kneser-Ney", Rule.INTERPOLATED, 0, List.copyOf(discounts), s.count, s.total, rest);
  }

  private static List<Discounts> none(NGram counts) {
    return Collections.nCopies(counts.order() + 1, Discounts.NONE);
  }

  /** For each history: the sum over what follows it, and how many tokens follow how often. */
  private static final class Sums {
    // The count of each n-gram that follows a history of that length.
    final int[][] count;
    final double[][] total;
    // Number of tokens that follow once, twice, and more often: three values for each history.
    final int[][] types;
    // For each length: number of n-grams that occur 1, 2, 3 and 4 times.
    final long[][] occurring;

    Sums(NGram counts, boolean continuations) {
      int order = counts.order();
      count = new int[order + 1][];
      total = new double[order + 1][];
      types = new int[order + 1][];
      occurring = new long[order + 1][4];
      for (int k = 0; k <= order; k++) {
        int histories = k == 0 ? 1 : counts.grams(k).size();
        double[] sum = new double[histories];
        int[] kinds = new int[3 * histories];
        long[] often = occurring[k];
        int[] used =
            continuations && k < order
                ? adjusted(counts.grams(k + 1))
                : counts.grams(k + 1).counts();
        counts
            .grams(k + 1)
            .forEach(
                (parent, gram) -> {
                  int n = used[gram];
                  if (n > 0) {
                    sum[parent] += n;
                    kinds[3 * parent + Math.min(n, 3) - 1]++;
                    if (n <= 4) {
                      often[n - 1]++;
                    }
                  }
                });
        count[k] = used;
        total[k] = sum;
        types[k] = kinds;
      }
    }

    double types(int k, int history) {
      return types[k][3 * history] + types[k][3 * history + 1] + types[k][3 * history + 2];
    }
  }

  /** Kneser and Ney's counts: how many different tokens stand before each n-gram. */
  private static int[] adjusted(Grams grams) {
    int[] adjusted = grams.tokensBefore().clone();
    for (int i = 0; i < adjusted.length; i++) {
      if (adjusted[i] == 0) {
        // Nothing stands before the beginning of a document.
        adjusted[i] = grams.counts()[i];
      }
    }
    return adjusted;
  }

  @Override
  public String name() {
    return name;
  }

  /** Number of tokens of history. */
  public int order() {
    return counts.order();
  }

  /** The counts this model was made of. */
  public NGram counts() {
    return counts;
  }

  /** Number of different n-grams it looks up: of every length, or of the longest alone. */
  @Override
  public long parameters() {
    long number = 0;
    for (int length = rule == Rule.INTERPOLATED ? 1 : order() + 1;
        length <= order() + 1;
        length++) {
      number += counts.size(length);
    }
    return number;
  }

  /**
   * What is taken off the counts, for n-grams of 1 to order + 1 tokens; zeros unless this is
   * Kneser-Ney. {@code estimated} is false where the text was too small for the formula.
   */
  public List<Discounts> discounts() {
    return discounts;
  }

  @Override
  public Vocabulary vocabulary() {
    return counts.vocabulary();
  }

  @Override
  public LanguageModel forWriting() {
    return rule == Rule.FULL_ONLY && ifNeverSeen == 0
        ? unsmoothed(counts, Rule.LONGEST_SEEN)
        : this;
  }

  private double share(int k, int history, int gram) {
    if (gram < 0) {
      return 0;
    }
    int n = count[k][gram];
    return (n - discount[k][Math.min(n, 3)]) / divisor[k][history];
  }

  @Override
  public double[] score(int[] tokens) {
    if (tokens.length < 2) {
      return new double[0];
    }
    for (int token : tokens) {
      Objects.checkIndex(token, vocabulary().size());
    }
    int end = vocabulary().end();
    int order = order();
    double[] probability = new double[tokens.length];
    double uniform = 1.0 / vocabulary().size();
    Arrays.fill(probability, rule == Rule.INTERPOLATED ? uniform : ifNeverSeen);
    // As in NGram.count: one length of history after the other.
    int[] shorter = new int[tokens.length];
    int[] longer = new int[tokens.length];
    for (int k = 0; k <= order; k++) {
      Grams grams = counts.grams(k + 1);
      longer[0] = k == 0 ? grams.find(0, end) : -1;
      int length = 0;
      for (int i = 1; i < tokens.length; i++) {
        boolean first = i == 1 || tokens[i - 1] == end;
        length = first ? 1 : length + 1;
        int history = k >= 2 && first ? -1 : shorter[i - 1];
        int gram = history < 0 ? -1 : grams.find(history, tokens[i]);
        longer[i] = gram;
        if (history < 0 || divisor[k][history] == 0) {
          continue;
        }
        switch (rule) {
          case INTERPOLATED ->
              probability[i] = share(k, history, gram) + rest[k][history] * probability[i];
          case LONGEST_SEEN -> probability[i] = share(k, history, gram);
          case FULL_ONLY -> {
            if (k == Math.min(length, order)) {
              probability[i] = share(k, history, gram) + rest[k][history] * uniform;
            }
          }
        }
      }
      int[] swap = shorter;
      shorter = longer;
      longer = swap;
    }
    double[] scores = new double[tokens.length - 1];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.log(probability[i + 1]);
    }
    return scores;
  }

  @Override
  public State start() {
    return new Histories();
  }

  /** The places in the tree of n-grams of every end of what was read, from 0 to order tokens. */
  private final class Histories implements State {
    private final int[] nodes;
    private int length;

    Histories() {
      nodes = new int[order() + 1];
      read(vocabulary().end());
    }

    private Histories(Histories other) {
      nodes = other.nodes.clone();
      length = other.length;
    }

    @Override
    public void read(int token) {
      Objects.checkIndex(token, vocabulary().size());
      boolean end = token == vocabulary().end();
      for (int k = order(); k >= 1; k--) {
        nodes[k] =
            (end && k >= 2) || nodes[k - 1] < 0 ? -1 : counts.grams(k).find(nodes[k - 1], token);
      }
      length = Math.min(end ? 1 : length + 1, order());
    }

    @Override
    public double[] logProbabilities() {
      int v = vocabulary().size();
      double[] probability = new double[v];
      Arrays.fill(probability, rule == Rule.INTERPOLATED ? 1.0 / v : ifNeverSeen);
      // What follows a history also follows its shorter ends, so ever fewer tokens are looked up.
      int[] followers = IntStream.range(0, v).toArray();
      int number = v;
      for (int k = rule == Rule.FULL_ONLY ? length : 0; k <= length; k++) {
        int history = nodes[k];
        if (history < 0 || divisor[k][history] == 0) {
          break;
        }
        double left = rest[k][history];
        for (int token = 0; token < v; token++) {
          probability[token] = left * (rule == Rule.INTERPOLATED ? probability[token] : 1.0 / v);
        }
        Grams grams = counts.grams(k + 1);
        int kept = 0;
        for (int i = 0; i < number; i++) {
          int token = followers[i];
          int gram = grams.find(history, token);
          if (gram >= 0) {
            probability[token] += share(k, history, gram);
            followers[kept++] = token;
          }
        }
        number = kept;
      }
      for (int token = 0; token < v; token++) {
        probability[token] = Math.log(probability[token]);
      }
      return probability;
    }

    @Override
    public State copy() {
      return new Histories(this);
    }
  }

  @Override
  public String toString() {
    List<String> lengths =
        IntStream.range(0, discounts.size())
            .filter(k -> !discounts.get(k).estimated())
            .mapToObj(k -> Integer.toString(k + 1))
            .toList();
    String guessed =
        lengths.isEmpty()
            ? ""
            : "; too little text to estimate the discounts of n-grams of "
                + String.join(", ", lengths)
                + " tokens, so 0.5, 1 and 1.5 are taken off";
    return name + ": " + counts + guessed;
  }
}
