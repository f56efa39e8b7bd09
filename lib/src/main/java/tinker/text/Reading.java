package tinker.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * How a classifier reads a text: which tokens it cuts it into, and the number of each. Unlike a
 * {@link Vocabulary} it need not be able to write the text again, and so it may drop spaces and
 * case. Id 0 is padding, id 1 every token that was not seen in training.
 *
 * <pre>{@code
 * var letters = Reading.characters(split.train());
 * var words = Reading.words(split.train(), 2);      // words that occur at least twice
 * words.tokens("It's a DOG.")                       // [it's, a, dog, .]
 * words.ids("It's a DOG.")
 * }</pre>
 */
public final class Reading {
  /** The id that fills up short rows; it stands for nothing. */
  public static final int PADDING = 0;

  /** The id of every token that has none of its own. */
  public static final int UNKNOWN = 1;

  private static final int FIRST = 2;

  private final Function<String, List<String>> cut;
  private final String unit;
  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();

  private Reading(
      Function<String, List<String>> cut,
      String unit,
      Map<String, Integer> counts,
      int minimumCount) {
    if (minimumCount < 1) {
      throw new IllegalArgumentException(
          "minimumCount is " + minimumCount + "; it must be at least 1");
    }
    this.cut = cut;
    this.unit = unit;
    var all = new ArrayList<String>();
    all.add("");
    all.add(Vocabulary.UNKNOWN);
    counts.entrySet().stream()
        .filter(e -> e.getValue() >= minimumCount)
        .sorted(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(e -> all.add(e.getKey()));
    this.tokens = List.copyOf(all);
    for (int id = FIRST; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
  }

  /**
   * Letter by letter (code points), case and marks as they stand. A letter that is written as two
   * code points, e and a combining accent, is read as the one that it is (Unicode's form NFC), in
   * training and afterwards.
   */
  public static Reading characters(Labelled train) {
    return of(Reading::cutLetters, "characters", train, 1);
  }

  private static List<String> cutLetters(String text) {
    return Tokenizer.CHARACTERS.split(Normalizer.normalize(text, Normalizer.Form.NFC));
  }

  /**
   * Word by word, in small letters, signs apart and spaces dropped.
   *
   * @param minimumCount how often a word must occur to have a number of its own, at least 1
   */
  public static Reading words(Labelled train, int minimumCount) {
    return of(Reading::cutWords, "words", train, minimumCount);
  }

  /**
   * Word by word as word vectors from elsewhere want it: contractions come apart ({@link
   * Pair#words}), since GloVe has vectors for {@code does} and {@code n't} but none for {@code
   * doesn't}; and every word of {@code known} has a number of its own, whether training has it or
   * not, since its vector says something of it all the same.
   *
   * @param minimumCount how often any other word must occur to have a number of its own, at least 1
   * @param known the words that have a vector, in small letters
   */
  public static Reading words(Labelled train, int minimumCount, Set<String> known) {
    Map<String, Integer> counts = counts(Pair::words, train);
    known.stream()
        .filter(word -> !word.isEmpty())
        .forEach(word -> counts.merge(word, minimumCount, Math::max));
    return new Reading(Pair::words, "words", counts, minimumCount);
  }

  private static Reading of(
      Function<String, List<String>> cut, String unit, Labelled train, int minimumCount) {
    return new Reading(cut, unit, counts(cut, train), minimumCount);
  }

  private static Map<String, Integer> counts(Function<String, List<String>> cut, Labelled train) {
    var counts = new HashMap<String, Integer>();
    for (Example example : train.examples()) {
      for (String token : cut.apply(example.text())) {
        counts.merge(token, 1, Integer::sum);
      }
    }
    return counts;
  }

  private static List<String> cutWords(String text) {
    return Tokenizer.WORDS.split(text.toLowerCase(Locale.ROOT)).stream()
        .map(String::strip)
        .filter(token -> !token.isEmpty())
        .toList();
  }

  /** The tokens of {@code text}; none if it is blank. */
  public List<String> tokens(String text) {
    return cut.apply(text);
  }

  /** The ids of the tokens of {@code text}, each at least 1. */
  public int[] ids(String text) {
    return tokens(text).stream().mapToInt(token -> ids.getOrDefault(token, UNKNOWN)).toArray();
  }

  /** The token of this id. */
  public String token(int id) {
    return tokens.get(Objects.checkIndex(id, tokens.size()));
  }

  /** True if {@code token} has an id of its own. */
  public boolean contains(String token) {
    return ids.containsKey(token);
  }

  /** How many ids there are, padding and unknown among them. */
  public int size() {
    return tokens.size();
  }

  /** How many of the tokens of {@code texts} have no id of their own, as a share. */
  public double unknown(List<String> texts) {
    long all = 0;
    long unknown = 0;
    for (String text : texts) {
      int[] read = ids(text);
      all += read.length;
      unknown += Arrays.stream(read).filter(id -> id == UNKNOWN).count();
    }
    return all == 0 ? 0 : (double) unknown / all;
  }

  @Override
  public String toString() {
    return (size() - FIRST) + " " + unit;
  }
}
