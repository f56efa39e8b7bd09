package tinker.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Two classifiers heard together: their log-probabilities are added up, those of the second times a
 * factor, and made to sum to 1 again. It gains where the two are right on different texts, and a
 * factor below 1 is for a second one that is too sure of itself, such as naive Bayes.
 *
 * <pre>{@code
 * var both = new AddedUp(gru, NaiveBayes.letters(split.train(), 3, 0.02), 0.3);
 * Scores.of(both, split.test())
 * }</pre>
 *
 * @param first counts fully
 * @param second of the same classes in the same order
 * @param factor how much the second counts, at least 0 and finite; chosen on a validation part
 */
public record AddedUp(Classifier first, Classifier second, double factor) implements Classifier {
  public AddedUp {
    if (!first.classes().equals(second.classes())) {
      throw new IllegalArgumentException(
          first.name()
              + " tells apart "
              + first.classes()
              + ", "
              + second.name()
              + " "
              + second.classes()
              + "; both must know the same classes in the same order");
    }
    if (!(factor >= 0) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException(
          "factor is " + factor + "; it must be at least 0 and finite");
    }
  }

  @Override
  public String name() {
    return first.name() + " and " + second.name();
  }

  @Override
  public List<String> classes() {
    return first.classes();
  }

  @Override
  public double[] logProbabilities(String text) {
    return sum(first.logProbabilities(text), second.logProbabilities(text));
  }

  @Override
  public List<double[]> logProbabilities(List<String> texts) {
    List<double[]> one = first.logProbabilities(texts);
    List<double[]> two = second.logProbabilities(texts);
    return IntStream.range(0, texts.size()).mapToObj(i -> sum(one.get(i), two.get(i))).toList();
  }

  private double[] sum(double[] one, double[] two) {
    double[] sum = one.clone();
    for (int c = 0; c < sum.length; c++) {
      sum[c] += factor * two[c];
    }
    return Logits.logSoftmax(sum);
  }
}
