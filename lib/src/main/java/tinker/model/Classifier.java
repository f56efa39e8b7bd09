package tinker.model;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Something that says how likely each class is for a text: counted or trained, of letters or of
 * words. {@link Scores} measures all of them alike.
 *
 * <pre>{@code
 * classifier.classify("Novák")              // "Czech"
 * classifier.probabilities("Novák")         // {Czech=0.93, Polish=0.03, ...}
 * Scores.of(classifier, split.test())       // accuracy, macro accuracy, confusion
 * }</pre>
 */
public interface Classifier {
  /** What tables call it, such as {@code "LSTM 1x128"}. */
  String name();

  /** The classes it tells apart, in the order of its answers. */
  List<String> classes();

  /**
   * How likely each class is.
   *
   * @param text with at least one token; one that was never seen is no error
   * @return natural logarithms of probabilities that sum to 1, one for each of {@link #classes}
   * @throws IllegalArgumentException if there is nothing to read in {@code text}
   */
  double[] logProbabilities(String text);

  /** The same for many texts, which may be faster than one by one. */
  default List<double[]> logProbabilities(List<String> texts) {
    return texts.stream().map(this::logProbabilities).toList();
  }

  /** The most likely class. */
  default String classify(String text) {
    return classes().get(Logits.most(logProbabilities(text)));
  }

  /** All classes with their probabilities, the most likely one first. */
  default Map<String, Double> probabilities(String text) {
    double[] logs = logProbabilities(text);
    var sorted = new LinkedHashMap<String, Double>();
    IntStream.range(0, logs.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -logs[c]))
        .forEach(c -> sorted.put(classes().get(c), Math.exp(logs[c])));
    return sorted;
  }
}
