package tinker.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

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

  private final Tokenizer tokenizer;
  private final List<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();

  private Reading(Tokenizer tokenizer, Map<String, Integer> counts, int minimumCount) {
    if (minimumCount < 1) {
      throw new IllegalArgumentException(
          "minimumCount is " + minimumCount + "; it must be at least 1");
    }
    this.tokenizer = tokenizer;
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

  /** Letter by letter (code points), as they stand. */
  public static Reading characters(Labelled train) {
    return of(Tokenizer.CHARACTERS, train, 1);
  }

  /**
   * Word by word, in small letters, signs apart and spaces dropped.
   *
   * @param minimumCount how often a word must occur to have a number of its own, at least 1
   */
  public static Reading words(Labelled train, int minimumCount) {
    return of(Tokenizer.WORDS, train, minimumCount);
  }

  private static Reading of(Tokenizer tokenizer, Labelled train, int minimumCount) {
    var counts = new HashMap<String, Integer>();
    for (Example example : train.examples()) {
      for (String token : tokens(tokenizer, example.text())) {
        counts.merge(token, 1, Integer::sum);
      }
    }
    return new Reading(tokenizer, counts, minimumCount);
  }

  /** The tokens of {@code text}; none if it is blank. */
  public List<String> tokens(String text) {
    return tokens(tokenizer, text);
  }

  static List<String> tokens(Tokenizer tokenizer, String text) {
    if (tokenizer == Tokenizer.CHARACTERS) {
      return tokenizer.split(text);
    }
    return tokenizer.split(text.toLowerCase(Locale.ROOT)).stream()
        .map(String::strip)
        .filter(token -> !token.isEmpty())
        .toList();
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
    return (size() - FIRST) + (tokenizer == Tokenizer.CHARACTERS ? " characters" : " words");
  }
}
