package tinker.model;

import java.util.List;
import tinker.text.Labelled;

/**
 * The baseline below all others: it never looks at the text, and answers with how often each class
 * came in training.
 */
public final class Majority implements Classifier {
  private final List<String> classes;
  private final double[] logProbabilities;

  private Majority(List<String> classes, double[] logProbabilities) {
    this.classes = classes;
    this.logProbabilities = logProbabilities;
  }

  /** Counts the classes; one more is added to each, so that none is impossible. */
  public static Majority of(Labelled train) {
    var counts = train.counts();
    double[] scores =
        train.classes().stream()
            .mapToDouble(c -> Math.log(counts.getOrDefault(c, 0) + 1))
            .toArray();
    return new Majority(train.classes(), Logits.logSoftmax(scores));
  }

  @Override
  public String name() {
    return "majority";
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public double[] logProbabilities(String text) {
    return logProbabilities.clone();
  }
}
