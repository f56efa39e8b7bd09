package tinker.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A fixed vector for every word: read from a file of GloVe (Pennington, Socher and Manning 2014)
 * where that has one, else drawn at random from the seed and the word alone, and made as long as
 * the vectors that were kept are on average. So with the same words to keep, those of training and
 * test together, a word has the same vector in every run.
 *
 * <pre>{@code
 * var vectors = WordVectors.read(file, pairs.words(), 7);   // only words that occur
 * vectors.vector("trombone")                                // 50 numbers
 * vectors.knows("trombone")                                 // true: it was in the file
 * }</pre>
 */
public final class WordVectors {
  // Vectors come in blocks, because one growing array would for a moment need three times its room.
  private static final int BLOCK = 64;
  // Random vectors are kept up to so many numbers (16 MB): drawing them anew for each batch takes
  // longer than reading them.
  private static final int KEPT = 4_000_000;
  // The first line of word2vec's files.
  private static final Pattern COUNTS = Pattern.compile("[0-9]+ [0-9]+ *");

  /** The file that {@link #load} reads. */
  public static final Download DOWNLOAD =
      Download.byHand(
          "glove.6B.50d.9163.txt",
          3_920_755,
          "ca8fa2ae26d38a1c069860184b5fb2d9c6c031fe801a234d95b8b43c6563ab68",
          "Public Domain Dedication and License 1.0",
          "glove/glove.6B.50d.txt",
          "it is the first 9,163 lines of a file in glove.6B.zip at"
              + " nlp.stanford.edu/projects/glove; WordVectors.read reads any of those files");

  private final String name;
  private final int width;
  private final Map<String, Integer> places;
  private final List<float[]> blocks;
  private final long seed;
  private final double deviation;
  private final Map<String, float[]> drawn = new ConcurrentHashMap<>();

  private WordVectors(
      String name, int width, Map<String, Integer> places, List<float[]> blocks, long seed) {
    this.name = name;
    this.width = width;
    this.places = places;
    this.blocks = blocks;
    this.seed = seed;
    this.deviation = places.isEmpty() ? 1 / Math.sqrt(width) : deviation();
  }

  /** Root mean square of the numbers read, so that random vectors are as long as the others. */
  private double deviation() {
    double squares = 0;
    for (int place = 0; place < places.size(); place++) {
      float[] block = blocks.get(place / BLOCK);
      int from = place % BLOCK * width;
      for (int i = from; i < from + width; i++) {
        squares += (double) block[i] * block[i];
      }
    }
    return Math.sqrt(squares / ((double) places.size() * width));
  }

  /**
   * A random vector for every word, of length about 1: what there is without a file.
   *
   * @param width numbers in a vector, at least 1
   */
  public static WordVectors random(int width, long seed) {
    if (width < 1) {
      throw new IllegalArgumentException("width is " + width + "; it must be at least 1");
    }
    return new WordVectors("random vectors", width, Map.of(), List.of(), seed);
  }

  /**
   * What a file of GloVe has for these words. The file is read once, line by line, and only the
   * vectors that are kept take memory. A line is a word and its numbers, with a blank between; the
   * first line may be two counts, as in files of word2vec. Every line is checked, also those of
   * words that are not kept: a file that is broken anywhere is not the file that was meant.
   *
   * @param words which to keep, as {@link Pairs#words} gives them
   * @param seed of the vectors of words that are not in the file
   * @throws IOException if a line, of whichever word, has more or fewer numbers than the first one,
   *     or something that is not a finite number; the message names file and line
   */
  public static WordVectors read(Path file, Set<String> words, long seed) throws IOException {
    return read(file, words::contains, seed);
  }

  private static WordVectors read(Path file, Predicate<String> kept, long seed) throws IOException {
    var places = new HashMap<String, Integer>();
    var blocks = new ArrayList<float[]>();
    int width = 0;
    try (Lines lines = Lines.of(file)) {
      while (lines.next()) {
        int length = trimmed(lines);
        if (length == 0) {
          continue;
        }
        int spaces = count(lines.bytes(), length);
        if (lines.number() == 1 && spaces == 1 && COUNTS.matcher(lines.text()).matches()) {
          continue;
        }
        if (spaces == 0) {
          throw lines.error(
              "no numbers after the word; a line is a word and its numbers, with a blank between");
        }
        width = width == 0 ? spaces : width;
        // The files of 840 billion tokens have "words" with blanks in them.
        int cut = spaces < width ? -1 : space(lines.bytes(), spaces - width + 1);
        if (spaces < width || (spaces > width && isNumber(lines, cut))) {
          throw lines.error(
              String.format(
                  Locale.ROOT, "%d numbers after the word; there must be %d", spaces, width));
        }
        String word = lines.text(0, cut);
        if (kept.test(word) && !places.containsKey(word)) {
          int place = places.size();
          if (place % BLOCK == 0) {
            blocks.add(new float[BLOCK * width]);
          }
          parse(lines, cut + 1, length, blocks.get(place / BLOCK), place % BLOCK * width);
          places.put(word, place);
        } else {
          check(lines, cut + 1, length);
        }
      }
    }
    if (width == 0) {
      throw new IOException(file + " holds no vectors");
    }
    return new WordVectors(file.getFileName().toString(), width, places, blocks, seed);
  }

  /** Length of the line without blanks at its end. */
  private static int trimmed(Lines lines) {
    int length = lines.length();
    while (length > 0 && lines.bytes()[length - 1] == ' ') {
      length--;
    }
    return length;
  }

  private static int count(byte[] line, int length) {
    int spaces = 0;
    for (int i = 0; i < length; i++) {
      spaces += line[i] == ' ' ? 1 : 0;
    }
    return spaces;
  }

  /** Where the blank of this number is, counted from 1. */
  private static int space(byte[] line, int number) {
    int at = -1;
    for (int seen = 0; seen < number; seen++) {
      do {
        at++;
      } while (line[at] != ' ');
    }
    return at;
  }

  /** Whether the last piece before {@code end} is a number. */
  private static boolean isNumber(Lines lines, int end) throws IOException {
    String before = lines.text(0, end);
    try {
      Float.parseFloat(before.substring(before.lastIndexOf(' ') + 1));
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static void parse(Lines lines, int from, int length, float[] target, int at)
      throws IOException {
    int i = at;
    for (int start = from; start < length; ) {
      int end = end(lines.bytes(), start, length);
      target[i++] = number(lines, start, end);
      start = end + 1;
    }
  }

  /** The same errors as {@link #parse}, without reading what anyone can see is a number. */
  private static void check(Lines lines, int from, int length) throws IOException {
    for (int start = from; start < length; ) {
      int end = end(lines.bytes(), start, length);
      if (!plain(lines.bytes(), start, end)) {
        number(lines, start, end);
      }
      start = end + 1;
    }
  }

  /** Where the next blank is, or the end of the line. */
  private static int end(byte[] line, int start, int length) {
    int end = start;
    while (end < length && line[end] != ' ') {
      end++;
    }
    return end;
  }

  /** Whether these are digits with at most a sign and a point, too few to be more than a float. */
  private static boolean plain(byte[] line, int start, int end) {
    int digits = 0;
    int points = 0;
    for (int i = line[start] == '-' ? start + 1 : start; i < end; i++) {
      if (line[i] >= '0' && line[i] <= '9') {
        digits++;
      } else if (line[i] == '.') {
        points++;
      } else {
        return false;
      }
    }
    return digits > 0 && digits <= 38 && points <= 1;
  }

  private static float number(Lines lines, int start, int end) throws IOException {
    String number = new String(lines.bytes(), start, end - start, StandardCharsets.US_ASCII);
    float value;
    try {
      value = Float.parseFloat(number);
    } catch (NumberFormatException e) {
      throw lines.error("\"" + number + "\" is not a number");
    }
    if (!Float.isFinite(value)) {
      throw lines.error("a number of the vector is " + number + "; all must be finite");
    }
    return value;
  }

  /**
   * The 9,163 most frequent words of GloVe 6B, 50 numbers each: what this workbook measures with.
   *
   * @throws IOException if the file is not on this machine; the message says what to do
   */
  public static WordVectors load(Set<String> words, long seed) throws IOException {
    return read(DOWNLOAD.file(), words, seed);
  }

  /**
   * All 9,163 words of that file with their vectors, the most frequent first.
   *
   * @throws IOException if the file is not on this machine; the message says what to do
   */
  public static Map<String, float[]> frequent() throws IOException {
    WordVectors all = read(DOWNLOAD.file(), word -> true, 0);
    var vectors = new LinkedHashMap<String, float[]>();
    all.places.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> vectors.put(entry.getKey(), all.vector(entry.getKey())));
    return vectors;
  }

  /** Numbers in a vector. */
  public int width() {
    return width;
  }

  /** How many words the file gave. */
  public int size() {
    return places.size();
  }

  /** True if the word's vector was read from the file, false if it is random. */
  public boolean knows(String word) {
    return places.containsKey(word);
  }

  /** The word's vector, a new array; the empty word, which stands for an empty sentence, has 0s. */
  public float[] vector(String word) {
    float[] vector = new float[width];
    copy(word, vector, 0);
    return vector;
  }

  /** Writes the word's vector into {@code target}, from {@code at} on. */
  void copy(String word, float[] target, int at) {
    Integer place = places.get(word);
    if (place != null) {
      System.arraycopy(blocks.get(place / BLOCK), place % BLOCK * width, target, at, width);
    } else if (!word.isEmpty()) {
      System.arraycopy(drawn(word), 0, target, at, width);
    }
  }

  private float[] drawn(String word) {
    float[] known = drawn.get(word);
    if (known != null) {
      return known;
    }
    float[] vector = new float[width];
    var random = new Random(mix(seed, word));
    for (int i = 0; i < width; i++) {
      vector[i] = (float) (random.nextGaussian() * deviation);
    }
    if ((long) drawn.size() * width < KEPT) {
      drawn.put(word, vector);
    }
    return vector;
  }

  // FNV-1a over the characters, because String.hashCode has only 32 bits: among the words of a
  // large data set some would share their vector.
  private static long mix(long seed, String word) {
    long hash = 0xCBF29CE484222325L ^ (seed * 0x9E3779B97F4A7C15L);
    for (int i = 0; i < word.length(); i++) {
      hash = (hash ^ word.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }

  /** The share of these words that the file gave, in [0, 1]. */
  public double coverage(Set<String> words) {
    return words.isEmpty() ? 1 : words.stream().filter(this::knows).count() / (double) words.size();
  }

  @Override
  public String toString() {
    return places.isEmpty()
        ? String.format(Locale.ROOT, "%s of %d numbers", name, width)
        : String.format(Locale.ROOT, "%s: %,d words of %d numbers", name, places.size(), width);
  }
}
