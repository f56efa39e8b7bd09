package tinker.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import tinker.text.Vocabulary;

/**
 * Pairs side by side. Words that occur several times in a batch stand in it once, so that what is
 * computed from a word's letters is computed once.
 */
public final class PairBatch implements Batch {
  /** What all batches of a data set share. */
  record Source(
      List<String[]> first,
      List<String[]> second,
      List<String> classes,
      int[] labels,
      WordVectors vectors,
      Vocabulary letters,
      int longestWord) {}

  private final Source source;
  private final int[] places;

  PairBatch(Source source, int[] places) {
    this.source = source;
    this.places = places;
  }

  /** Which pairs of the data set the rows are, counted from 0. */
  public int[] places() {
    return places.clone();
  }

  /**
   * Seven arrays. D is the number of distinct words in the batch, W the width of their vectors, C
   * the letters of the longest of them, B the number of pairs, T and U the words of the longest
   * first and second sentence:
   *
   * <ol start="0">
   *   <li>vectors (D, W) float32: of each distinct word
   *   <li>letters (D, C) int64: its letters, as ids of the letters' vocabulary; 0 after the last
   *   <li>letter counts (D) int64, at least 1
   *   <li>first (B, T) int64: the words of each first sentence, as rows of the vectors; after the
   *       last word 0, which is the row of a real word: only the lengths say what is padding
   *   <li>first lengths (B) int64, at least 1
   *   <li>second (B, U) int64
   *   <li>second lengths (B) int64, at least 1
   * </ol>
   *
   * <p>A sentence without words is one empty word: a vector of zeros, one unknown letter.
   */
  @Override
  public NDList inputs(NDManager manager) {
    Map<String, Integer> rows = new LinkedHashMap<>();
    long[][] first = ids(source.first, rows);
    long[][] second = ids(source.second, rows);
    int width = source.vectors.width();
    float[] vectors = new float[rows.size() * width];
    long[][] letters = new long[rows.size()][];
    for (Map.Entry<String, Integer> entry : rows.entrySet()) {
      source.vectors.copy(entry.getKey(), vectors, entry.getValue() * width);
      letters[entry.getValue()] = letters(entry.getKey());
    }
    var inputs = new NDList(BatchArray.of(manager, vectors, rows.size(), width));
    addPadded(inputs, manager, letters);
    addPadded(inputs, manager, first);
    addPadded(inputs, manager, second);
    return inputs;
  }

  private long[][] ids(List<String[]> sentences, Map<String, Integer> rows) {
    ToIntFunction<String> row = word -> rows.computeIfAbsent(word, w -> rows.size());
    return Arrays.stream(places)
        .mapToObj(p -> Arrays.stream(sentences.get(p)).mapToInt(row).asLongStream().toArray())
        .toArray(long[][]::new);
  }

  private long[] letters(String word) {
    int[] ids = source.letters.encode(word);
    return ids.length == 0
        ? new long[] {source.letters.unknown()}
        : Arrays.stream(ids).limit(source.longestWord).asLongStream().toArray();
  }

  private static void addPadded(NDList inputs, NDManager manager, long[][] sequences) {
    int longest = Arrays.stream(sequences).mapToInt(s -> s.length).max().orElse(1);
    long[] padded = new long[sequences.length * longest];
    long[] lengths = new long[sequences.length];
    for (int i = 0; i < sequences.length; i++) {
      System.arraycopy(sequences[i], 0, padded, i * longest, sequences[i].length);
      lengths[i] = sequences[i].length;
    }
    inputs.add(BatchArray.of(manager, padded, sequences.length, longest));
    inputs.add(BatchArray.of(manager, lengths, sequences.length));
  }

  /** One array: the number of each pair's label, (B) int64. */
  @Override
  public NDList labels(NDManager manager) {
    return new NDList(
        BatchArray.of(
            manager,
            Arrays.stream(places).mapToLong(p -> source.labels[p]).toArray(),
            places.length));
  }

  @Override
  public int predictions() {
    return places.length;
  }

  @Override
  public int rows() {
    return places.length;
  }

  /** False: pairs have nothing to do with each other. */
  @Override
  public boolean continuesPrevious() {
    return false;
  }

  @Override
  public PairBatch rows(int from, int to) {
    Objects.checkFromToIndex(from, to, places.length);
    return new PairBatch(source, Arrays.copyOfRange(places, from, to));
  }

  @Override
  public String toString() {
    return places.length + " pairs";
  }
}
