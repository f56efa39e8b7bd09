package tinker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tinker.text.Corpus;
import tinker.text.Tokenized;
import tinker.text.Vocabulary;

/**
 * The counts of all n-grams of a corpus, from which several language models can be made.
 *
 * <pre>{@code
 * var counts = NGram.count(split.train(), chars, 6);      // looks at 6 tokens, predicts the 7th
 * counts.after("the ");                                   // which tokens follow, how often
 * var model = counts.kneserNey();
 * }</pre>
 *
 * <p>The <i>order</i> is the number of tokens of history that a prediction looks at. A history
 * never reaches over the beginning of a document: there it is shorter, and its first token is
 * <i>end</i>.
 */
public final class NGram implements Tokenized {
  private final Vocabulary vocabulary;
  private final int order;
  private final long predictions;
  private final Grams[] levels;

  private NGram(Vocabulary vocabulary, int order, long predictions, Grams[] levels) {
    this.vocabulary = vocabulary;
    this.order = order;
    this.predictions = predictions;
    this.levels = levels;
  }

  /**
   * Counts every n-gram of 1 to {@code order} + 1 tokens.
   *
   * @param order tokens of history, at least 0
   * @throws IllegalArgumentException if the order is negative, or the corpus holds no token
   */
  public static NGram count(Corpus corpus, Vocabulary vocabulary, int order) {
    if (order < 0) {
      throw new IllegalArgumentException("order is " + order + "; it must be at least 0");
    }
    int[] tokens = corpus.tokens(vocabulary);
    if (tokens.length < 2) {
      throw new IllegalArgumentException(
          "corpus \"" + corpus.name() + "\" is empty; counting needs at least one token");
    }
    int end = vocabulary.end();
    int v = vocabulary.size();
    var levels = new Grams[order + 1];

    // One length after the other: then the look-ups of a pass do not wait for each other.
    // shorter[i] is the number of the n-gram of the length before that ends at token i, or -1.
    int[] shorter = new int[tokens.length];
    int[] longer = new int[tokens.length];
    for (int level = 0; level <= order; level++) {
      Grams grams = new Grams(level == 0 ? 1 : levels[level - 1].size(), v);
      levels[level] = grams;
      // The end before the first document is a history, but nothing predicts it.
      longer[0] = level == 0 ? grams.count(0, end, 0) : -1;
      for (int i = 1; i < tokens.length; i++) {
        int parent = level >= 2 && tokens[i - 1] == end ? -1 : shorter[i - 1];
        if (parent < 0) {
          longer[i] = -1;
          continue;
        }
        int known = grams.size();
        int gram = grams.count(parent, tokens[i], 1);
        if (gram == known && level > 0) {
          levels[level - 1].foundBefore(shorter[i]);
        }
        longer[i] = gram;
      }
      grams.trim();
      int[] swap = shorter;
      shorter = longer;
      longer = swap;
    }
    return new NGram(vocabulary, order, tokens.length - 1, levels);
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Number of tokens of history. */
  public int order() {
    return order;
  }

  /**
   * Number of tokens that were counted: each of the corpus, and the <i>end</i> of each document.
   */
  public long predictions() {
    return predictions;
  }

  /**
   * Number of different n-grams of this length.
   *
   * @param length in [1, order + 1]
   */
  public int size(int length) {
    if (length < 1 || length > order + 1) {
      throw new IllegalArgumentException(
          "length is " + length + "; this counts n-grams of 1 to " + (order + 1) + " tokens");
    }
    return levels[length - 1].size();
  }

  /** The n-grams of {@code length} tokens; a package's matter. */
  Grams grams(int length) {
    return levels[length - 1];
  }

  /**
   * How often these tokens occur one after another within a document; the number of predictions for
   * no token at all.
   *
   * @param tokens at most order + 1 ids
   */
  public long count(int... tokens) {
    if (tokens.length > order + 1) {
      throw new IllegalArgumentException(
          tokens.length
              + " tokens; n-grams of at most "
              + (order + 1)
              + " were counted (order "
              + order
              + ")");
    }
    if (tokens.length == 0) {
      return predictions;
    }
    int gram = find(tokens);
    return gram < 0 ? 0 : levels[tokens.length - 1].counts()[gram];
  }

  /** How often {@code text}, of at most order + 1 tokens, occurs within a document. */
  public long count(String text) {
    return count(vocabulary.encode(text));
  }

  /** The number of the n-gram in its level, the root for no tokens; -1 if it never occurs. */
  private int find(int[] tokens) {
    int gram = 0;
    for (int i = 0; i < tokens.length && gram >= 0; i++) {
      // A level's key is made of both, so that another vocabulary's id would find another n-gram.
      gram = levels[i].find(gram, Objects.checkIndex(tokens[i], vocabulary.size()));
    }
    return gram;
  }

  /**
   * What follows the end of {@code history}: its last tokens, as many as the order allows.
   *
   * @return one row for each token that follows, the most frequent first, with columns {@code
   *     next}, {@code count} and {@code share}; no row if the history never occurs
   */
  public Table after(String history) {
    return after(vocabulary.encode(history));
  }

  /** {@link #after(String)} for ids; <i>end</i> alone asks how documents begin. */
  public Table after(int... history) {
    int[] used = Arrays.copyOfRange(history, Math.max(0, history.length - order), history.length);
    record Follower(int token, int count) {}
    List<Follower> followers = new ArrayList<>();
    long total = 0;
    int node = find(used);
    Grams grams = levels[used.length];
    for (int token = 0; node >= 0 && token < vocabulary.size(); token++) {
      int gram = grams.find(node, token);
      int count = gram < 0 ? 0 : grams.counts()[gram];
      if (count > 0) {
        followers.add(new Follower(token, count));
        total += count;
      }
    }
    followers.sort(Comparator.comparingInt(Follower::count).reversed());
    var next = StringColumn.create("next");
    var count = IntColumn.create("count");
    var share = DoubleColumn.create("share");
    for (Follower follower : followers) {
      next.append(vocabulary.show(follower.token()));
      count.append(follower.count());
      share.append((double) follower.count() / total);
    }
    return Table.create("after \"" + show(used) + "\"", next, count, share);
  }

  private String show(int[] tokens) {
    var shown = new StringBuilder();
    for (int token : tokens) {
      shown.append(vocabulary.show(token));
    }
    return shown.toString();
  }

  /**
   * Relative frequency after the full history, without any smoothing, as in Goldberg's notebook
   * (2015). What never followed a history is impossible after it. After a history that never
   * occurred there is no frequency at all: then <i>every</i> token is held for impossible, in
   * {@link LanguageModel#logProbabilities} as in {@link LanguageModel#score}; this is the only
   * model whose probabilities can sum to 0. Its {@link LanguageModel#forWriting} goes on
   * nevertheless, from the longest end of the history that did occur.
   */
  public NGramModel maximumLikelihood() {
    return NGramModel.maximumLikelihood(this);
  }

  /**
   * Adds {@code k} to the count of each of the V tokens after every history (Lidstone; Laplace for
   * k = 1). After a history that never occurred all tokens are equally likely.
   *
   * @param k above 0
   */
  public NGramModel addK(double k) {
    return NGramModel.addK(this, k);
  }

  /**
   * Witten and Bell's (1991) interpolation: a history followed by T different tokens in N places
   * leaves T / (N + T) to the shorter history.
   */
  public NGramModel wittenBell() {
    return NGramModel.wittenBell(this);
  }

  /**
   * Interpolated modified Kneser-Ney (Chen and Goodman 1998): three discounts for each length of
   * history, computed from how many n-grams occur once to four times; below the full history an
   * n-gram counts as often as there are different tokens before it; at the bottom all V tokens are
   * equally likely.
   *
   * <p>N-grams at the beginning of a document have nothing before them and keep their own counts.
   * Where a text is too small for the formula of the discounts (a number of n-grams is 0, or a
   * discount falls outside (0, count]), 0.5, 1 and 1.5 are used; {@link NGramModel#discounts} says
   * where. For characters this is always so at the shortest length, where every one is frequent.
   */
  public NGramModel kneserNey() {
    return NGramModel.kneserNey(this);
  }

  @Override
  public String toString() {
    long all = 0;
    for (Grams level : levels) {
      all += level.size();
    }
    return String.format(
        Locale.ROOT,
        "%,d tokens counted, %,d different n-grams of 1 to %d tokens",
        predictions,
        all,
        order + 1);
  }
}
