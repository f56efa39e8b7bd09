package tinker.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tinker.text.Example;
import tinker.text.Labelled;

/**
 * How well a classifier does on texts that it did not learn from.
 *
 * <p>Accuracy counts texts, so frequent classes count most. Macro accuracy is the mean over the
 * classes of the share found (their recall), so each class counts the same, however rare; classes
 * without any text here are left out of that mean.
 */
public final class Scores {
  /**
   * A text that was taken for something else.
   *
   * @param probability what the classifier held its wrong answer to be, in (0, 1]
   */
  public record Mistake(String text, String label, String answer, double probability) {}

  private final String name;
  private final List<String> classes;
  private final int[][] confusion;
  private final double loss;
  private final List<Mistake> mistakes;

  private Scores(
      String name, List<String> classes, int[][] confusion, double loss, List<Mistake> mistakes) {
    this.name = name;
    this.classes = classes;
    this.confusion = confusion;
    this.loss = loss;
    this.mistakes = List.copyOf(mistakes);
  }

  /**
   * Asks {@code classifier} for every text of {@code data}.
   *
   * @throws IllegalArgumentException if {@code data} is empty, or has a label that the classifier
   *     does not know
   */
  public static Scores of(Classifier classifier, Labelled data) {
    if (data.size() == 0) {
      throw new IllegalArgumentException(data.name() + " has no texts to measure on");
    }
    List<String> classes = classifier.classes();
    int[][] confusion = new int[classes.size()][classes.size()];
    var mistakes = new ArrayList<Mistake>();
    double loss = 0;
    List<double[]> answers = classifier.logProbabilities(data.texts());
    for (int i = 0; i < data.size(); i++) {
      Example example = data.examples().get(i);
      int label = classes.indexOf(example.label());
      if (label < 0) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "\"%s\" is labelled \"%s\"; %s knows %s",
                example.text(),
                example.label(),
                classifier.name(),
                classes));
      }
      double[] logs = answers.get(i);
      int answer = Logits.most(logs);
      confusion[label][answer]++;
      loss -= logs[label];
      if (answer != label) {
        mistakes.add(
            new Mistake(
                example.text(), example.label(), classes.get(answer), Math.exp(logs[answer])));
      }
    }
    return new Scores(classifier.name(), classes, confusion, loss / data.size(), mistakes);
  }

  /** Share of the texts whose most likely class is the right one, in [0, 1]. */
  public double accuracy() {
    return 1 - (double) mistakes.size() / size();
  }

  /** Mean of {@link #recall} over the classes that have texts, in [0, 1]. */
  public double macroAccuracy() {
    return recall().values().stream().mapToDouble(r -> r).average().orElseThrow();
  }

  /** For each class that has texts, the share of them that was found, in [0, 1]. */
  public Map<String, Double> recall() {
    var recall = new LinkedHashMap<String, Double>();
    for (int c = 0; c < classes.size(); c++) {
      int all = 0;
      for (int count : confusion[c]) {
        all += count;
      }
      if (all > 0) {
        recall.put(classes.get(c), (double) confusion[c][c] / all);
      }
    }
    return recall;
  }

  /** Mean surprise at the right class, in nats. */
  public double loss() {
    return loss;
  }

  /** How many texts of each class (row) were taken for each class (column). */
  public int[][] confusion() {
    int[][] copy = new int[confusion.length][];
    for (int c = 0; c < copy.length; c++) {
      copy[c] = confusion[c].clone();
    }
    return copy;
  }

  /** The same as shares of the row, in [0, 1]: what a picture shows. NaN in rows without texts. */
  public double[][] confusionShares() {
    double[][] shares = new double[confusion.length][confusion.length];
    for (int c = 0; c < shares.length; c++) {
      int all = 0;
      for (int count : confusion[c]) {
        all += count;
      }
      for (int a = 0; a < shares.length; a++) {
        shares[c][a] = all == 0 ? Double.NaN : (double) confusion[c][a] / all;
      }
    }
    return shares;
  }

  /** The classes, in the order of {@link #confusion}. */
  public List<String> classes() {
    return classes;
  }

  /** The texts that were taken for something else, in their order. */
  public List<Mistake> mistakes() {
    return mistakes;
  }

  /** How many texts were asked for. */
  public int size() {
    int all = 0;
    for (int[] row : confusion) {
      for (int count : row) {
        all += count;
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: accuracy %.1f %%, macro %.1f %%, %.3f nats, on %,d texts",
        name,
        100 * accuracy(),
        100 * macroAccuracy(),
        loss,
        size());
  }
}
