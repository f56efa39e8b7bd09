package tinker.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two sentences and what somebody said of them.
 *
 * @param id names the pair within its data set
 * @param first the premise, the question, or the sentence that stands first
 * @param second the hypothesis, the answer, or the other sentence
 * @param label one of the labels of its data set
 * @param group what the pair is counted under when results are reported: the question of a
 *     candidate answer, the phenomenon of a diagnostic pair, or empty. No model reads it.
 */
public record Pair(String id, String first, String second, String label, String group) {
  // Numbers, words with what is joined to them by an apostrophe cut off as in the Penn Treebank
  // ("do n't", "dog 's"), and single signs. GloVe's vectors are for such pieces.
  private static final Pattern WORD =
      Pattern.compile(
          "\\p{N}+(?:[.,]\\p{N}+)*+"
              + "|[\\p{L}\\p{M}]+?(?=n['\u2019]t(?![\\p{L}\\p{M}]))"
              + "|n['\u2019]t(?![\\p{L}\\p{M}])"
              + "|['\u2019](?:s|re|ve|ll|d|m)(?![\\p{L}\\p{M}])"
              + "|[\\p{L}\\p{M}]++"
              + "|[^\\s\\p{Z}\\p{Cc}\\p{Cf}]");

  /** The words of the first sentence. */
  public List<String> firstWords() {
    return words(first);
  }

  /** The words of the second sentence. */
  public List<String> secondWords() {
    return words(second);
  }

  /**
   * Cuts a sentence into lower-case words, numbers and signs. Contractions come apart as in the
   * Penn Treebank, so that a text that was cut that way before gives the same: {@code "It
   * doesn't."} and {@code "It does n't ."} are both {@code it, does, n't, .}
   *
   * @return empty for a text without any
   */
  public static List<String> words(String text) {
    var words = new ArrayList<String>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group().replace('\u2019', '\''));
    }
    return words;
  }
}
