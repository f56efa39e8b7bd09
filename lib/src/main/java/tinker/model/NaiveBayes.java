package tinker.model;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;

/**
 * Counts which pieces of text come in which class, and takes the pieces of a new text for
 * independent of each other, which they are not: hence naive (Maron 1961). Seldom best, trained in
 * a second, and hard to beat with little data: the baseline for every other classifier.
 *
 * <pre>{@code
 * NaiveBayes.letters(split.train(), 4, 0.5)       // 1 to 4 letters in a row, ends of names marked
 * NaiveBayes.words(split.train(), 2, 0.5)         // words and pairs of words
 * }</pre>
 */
public final class NaiveBayes implements Classifier {
  private final String name;
  private final List<String> classes;
  private final Function<String, List<String>> pieces;
  private final double[] prior;
  private final Map<String, double[]> likelihood;

  private NaiveBayes(
      String name, Labelled train, double add, Function<String, List<String>> pieces) {
    if (!(add > 0) || Double.isInfinite(add)) {
      throw new IllegalArgumentException("add is " + add + "; it must be above 0 and finite");
    }
    this.name = name;
    this.pieces = pieces;
    classes = train.classes();
    prior = Majority.of(train).logProbabilities("");
    likelihood = new HashMap<>();
    double[] totals = new double[classes.size()];
    for (Example example : train.examples()) {
      int label = classes.indexOf(example.label());
      for (String piece : pieces.apply(example.text())) {
        likelihood.computeIfAbsent(piece, p -> new double[classes.size()])[label]++;
        totals[label]++;
      }
    }
    int kinds = likelihood.size();
    for (double[] counts : likelihood.values()) {
      for (int c = 0; c < counts.length; c++) {
        counts[c] = Math.log((counts[c] + add) / (totals[c] + add * kinds));
      }
    }
  }

  /**
   * On rows of 1 to {@code longest} letters, in small letters and Unicode's form NFC, with a sign
   * before the first and after the last.
   *
   * @param longest at least 1
   * @param add what is added to every count, above 0
   */
  public static NaiveBayes letters(Labelled train, int longest, double add) {
    check(longest);
    return new NaiveBayes(
        "naive Bayes, 1-" + longest + " letters",
        train,
        add,
        text -> {
          var letters = new ArrayList<String>();
          letters.add("\u2402");
          Normalizer.normalize(text, Normalizer.Form.NFC)
              .toLowerCase(Locale.ROOT)
              .codePoints()
              .forEach(c -> letters.add(Character.toString(c)));
          letters.add("\u2403");
          return rows(letters, longest, "");
        });
  }

  /**
   * On rows of 1 to {@code longest} words, as {@link Reading#words} cuts them.
   *
   * @param longest at least 1
   * @param add what is added to every count, above 0
   */
  public static NaiveBayes words(Labelled train, int longest, double add) {
    check(longest);
    Reading reading = Reading.words(train, 1);
    return new NaiveBayes(
        "naive Bayes, 1-" + longest + " words",
        train,
        add,
        text -> rows(reading.tokens(text), longest, " "));
  }

  private static void check(int longest) {
    if (longest < 1) {
      throw new IllegalArgumentException("longest is " + longest + "; it must be at least 1");
    }
  }

  private static List<String> rows(List<String> tokens, int longest, String between) {
    var rows = new ArrayList<String>();
    for (int n = 1; n <= longest; n++) {
      for (int i = 0; i + n <= tokens.size(); i++) {
        rows.add(String.join(between, tokens.subList(i, i + n)));
      }
    }
    return rows;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public double[] logProbabilities(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(
          "there is nothing to read in \"" + text + "\"; a text needs at least one token");
    }
    double[] scores = prior.clone();
    for (String piece : pieces.apply(text)) {
      double[] logs = likelihood.get(piece);
      // A piece that no class has seen speaks for none.
      if (logs != null) {
        for (int c = 0; c < scores.length; c++) {
          scores[c] += logs[c];
        }
      }
    }
    return Logits.logSoftmax(scores);
  }

  /** How many different pieces were counted. */
  public int pieces() {
    return likelihood.size();
  }
}
