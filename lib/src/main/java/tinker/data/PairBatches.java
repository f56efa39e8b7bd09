package tinker.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import tinker.text.Corpus;
import tinker.text.Pair;
import tinker.text.Vocabulary;

/**
 * Pairs in batches of similar length, so that little of a batch is padding.
 *
 * <pre>{@code
 * var letters = PairBatches.letters(split.train());
 * var train   = PairBatches.of(split.train(), vectors, letters, 32).shuffled();
 * var test    = PairBatches.of(split.test(), vectors, letters, 64);     // shortest pairs first
 * }</pre>
 *
 * <p>What a batch holds is said at {@link PairBatch#inputs}.
 */
public final class PairBatches implements Batches {
  private static final int LONGEST_SENTENCE = 100;
  private static final int LONGEST_WORD = 20;
  private final String name;
  private final PairBatch.Source source;
  private final int rows;
  private final boolean shuffled;

  private PairBatches(String name, PairBatch.Source source, int rows, boolean shuffled) {
    this.name = name;
    this.source = source;
    this.rows = rows;
    this.shuffled = shuffled;
  }

  /**
   * The same batches in every epoch, shortest pairs first: for measuring. Sentences are cut after
   * 100 words and words after 20 letters.
   *
   * @param vectors of the words
   * @param letters ids of the characters; make them from training pairs with {@link #letters}
   * @param rows pairs in a batch, at least 1; the last one may have fewer
   */
  public static PairBatches of(Pairs pairs, WordVectors vectors, Vocabulary letters, int rows) {
    return of(pairs, vectors, letters, rows, LONGEST_SENTENCE, LONGEST_WORD);
  }

  /**
   * The same with other limits.
   *
   * @param longestSentence words after which a sentence is cut, at least 1
   * @param longestWord letters after which a word is cut, at least 1
   */
  public static PairBatches of(
      Pairs pairs,
      WordVectors vectors,
      Vocabulary letters,
      int rows,
      int longestSentence,
      int longestWord) {
    atLeastOne("rows", rows);
    atLeastOne("longestSentence", longestSentence);
    atLeastOne("longestWord", longestWord);
    var first = new ArrayList<String[]>(pairs.size());
    var second = new ArrayList<String[]>(pairs.size());
    for (Pair pair : pairs.all()) {
      first.add(cut(pair.firstWords(), longestSentence));
      second.add(cut(pair.secondWords(), longestSentence));
    }
    return new PairBatches(
        pairs.name(),
        new PairBatch.Source(
            first, second, pairs.labels(), pairs.classes(), vectors, letters, longestWord),
        rows,
        false);
  }

  private static void atLeastOne(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is " + value + "; it must be at least 1");
    }
  }

  private static String[] cut(List<String> words, int longest) {
    return words.isEmpty()
        ? new String[] {""}
        : words.subList(0, Math.min(longest, words.size())).toArray(String[]::new);
  }

  /** The characters of all words of these pairs. */
  public static Vocabulary letters(Pairs pairs) {
    return Vocabulary.ofCharacters(Corpus.of(pairs.name(), List.copyOf(pairs.words())));
  }

  /**
   * Every epoch puts other pairs together, still of similar length, and goes through the batches in
   * random order: for training.
   */
  public PairBatches shuffled() {
    return new PairBatches(name, source, rows, true);
  }

  /** All pairs as one batch, in their order; for looking at, so take few. */
  public PairBatch whole() {
    return new PairBatch(source, IntStream.range(0, source.labels().length).toArray());
  }

  @Override
  public Iterator<Batch> epoch(long seed, int epoch) {
    int count = source.labels().length;
    var order = new ArrayList<Integer>(count);
    for (int i = 0; i < count; i++) {
      order.add(i);
    }
    Comparator<Integer> byLength =
        Comparator.<Integer>comparingInt(this::longest).thenComparingInt(this::words);
    if (!shuffled) {
      order.sort(byLength);
      return batches(order).iterator();
    }
    // java.util.Random, because its algorithm is part of its contract: the same on every Java.
    var random = new Random(seed * 0x9E3779B97F4A7C15L + epoch);
    Collections.shuffle(order, random);
    Buckets.sort(order, rows, byLength);
    List<Batch> batches = batches(order);
    Collections.shuffle(batches, random);
    return batches.iterator();
  }

  private int longest(int i) {
    return Math.max(source.first().get(i).length, source.second().get(i).length);
  }

  private int words(int i) {
    return source.first().get(i).length + source.second().get(i).length;
  }

  private List<Batch> batches(List<Integer> order) {
    var batches = new ArrayList<Batch>();
    for (List<Integer> places : Buckets.cut(order, rows)) {
      batches.add(new PairBatch(source, places.stream().mapToInt(i -> i).toArray()));
    }
    return batches;
  }

  /** {@inheritDoc} Of the word vectors it sees the width alone. */
  @Override
  public String checksum() {
    var fingerprint =
        new Fingerprint()
            .add(rows, source.longestWord(), source.vectors().width())
            .add(shuffled)
            .add(source.letters().textTokens().toArray(String[]::new))
            .add(source.labels());
    source.first().forEach(fingerprint::add);
    source.second().forEach(fingerprint::add);
    return fingerprint.hex();
  }

  @Override
  public List<String> classes() {
    return source.classes();
  }

  @Override
  public int size(long seed, int epoch) {
    return Buckets.count(source.labels().length, rows);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d pairs in batches of %d%s",
        name,
        source.labels().length,
        rows,
        shuffled ? ", shuffled" : "");
  }
}
