package tinker.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Texts with the class of each, in a fixed order: what a text classifier learns from and is
 * measured on.
 *
 * <pre>{@code
 * var names = Labelled.of("names", List.of(new Example("Novák", "Czech"), ...));
 * names.counts()                            // how many of each class
 * var split = names.distinct().split(0.8, 0.1, 0.1, seed);
 * }</pre>
 */
public final class Labelled {
  private final String name;
  private final List<Example> examples;
  private final List<String> classes;

  private Labelled(String name, List<Example> examples, List<String> classes) {
    this.name = name;
    this.examples = List.copyOf(examples);
    this.classes = List.copyOf(classes);
  }

  /**
   * @param name what tables call it
   * @param examples at least one
   */
  public static Labelled of(String name, List<Example> examples) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("\"" + name + "\" has no examples; give at least one");
    }
    var classes = new TreeSet<String>();
    examples.forEach(e -> classes.add(e.label()));
    return new Labelled(name, examples, List.copyOf(classes));
  }

  /**
   * With classes that need not all have an example, such as those of other data that a classifier
   * learned from.
   *
   * @param name what tables call it
   * @param examples at least one
   * @param classes in the order in which they are numbered
   * @throws IllegalArgumentException if an example has another label
   */
  public static Labelled of(String name, List<Example> examples, List<String> classes) {
    List<String> found = of(name, examples).classes;
    if (!classes.containsAll(found)) {
      throw new IllegalArgumentException(
          "\"" + name + "\" has the labels " + found + "; they must be among " + classes);
    }
    return new Labelled(name, examples, classes);
  }

  public String name() {
    return name;
  }

  public List<Example> examples() {
    return examples;
  }

  /** The texts alone, in order. */
  public List<String> texts() {
    return examples.stream().map(Example::text).toList();
  }

  /** How many examples there are. */
  public int size() {
    return examples.size();
  }

  /**
   * Names of the classes, in alphabetical order unless another was given. A part of a split has
   * those of the whole, even if it holds no example of some.
   */
  public List<String> classes() {
    return classes;
  }

  /** How many examples each class has, most frequent first. */
  public Map<String, Integer> counts() {
    var counts = new TreeMap<String, Integer>();
    classes.forEach(c -> counts.put(c, 0));
    examples.forEach(e -> counts.merge(e.label(), 1, Integer::sum));
    var sorted = new LinkedHashMap<String, Integer>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  /** The same examples with every text changed. */
  public Labelled map(UnaryOperator<String> change) {
    return new Labelled(
        name,
        examples.stream().map(e -> new Example(change.apply(e.text()), e.label())).toList(),
        classes);
  }

  /** The examples that {@code keep} accepts; the classes stay. */
  public Labelled filter(Predicate<Example> keep) {
    return new Labelled(name, examples.stream().filter(keep).toList(), classes);
  }

  /** Each pair of text and label once, where it stands first. */
  public Labelled distinct() {
    return new Labelled(name, List.copyOf(new LinkedHashSet<>(examples)), classes);
  }

  /** The texts that stand under more than one label, with these labels. */
  public Map<String, List<String>> ambiguous() {
    var labels = new LinkedHashMap<String, List<String>>();
    for (Example e : examples) {
      List<String> own = labels.computeIfAbsent(e.text(), t -> new ArrayList<>());
      if (!own.contains(e.label())) {
        own.add(e.label());
      }
    }
    labels.values().removeIf(own -> own.size() < 2);
    return labels;
  }

  /** {@link #split(double, double, double, long, UnaryOperator)} by the text, whatever its case. */
  public LabelledSplit split(double train, double validation, double test, long seed) {
    return split(train, validation, test, seed, Labelled::plainKey);
  }

  /**
   * Three parts whose sizes stand to each other as the shares. The examples are shuffled; those
   * with the same key stay on one side, so that what is tested was not learned.
   *
   * @param train share for training, above 0
   * @param validation share for validation, at least 0
   * @param test share for testing, at least 0; the three sum to 1
   * @param seed the same seed gives the same split
   * @param key what texts that must not be separated have in common
   * @throws IllegalArgumentException if the shares are not as described, or if nothing is left to
   *     learn of a class or to test it with: it has one example, or all that it has were dealt away
   *     from training
   */
  public LabelledSplit split(
      double train, double validation, double test, long seed, UnaryOperator<String> key) {
    boolean shares = train > 0 && validation >= 0 && test >= 0;
    if (!shares || Math.abs(train + validation + test - 1) > 1e-9) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "shares %s, %s, %s: train must be above 0, the others at least 0, and they must sum"
                  + " to 1",
              train,
              validation,
              test));
    }
    Map<String, Integer> counts = counts();
    if (train < 1) {
      refuseClassesOfOne(counts);
    }
    long toTrain = Math.round(examples.size() * train);
    long toValidation = Math.round(examples.size() * (train + validation));
    var parts =
        List.of(new ArrayList<Example>(), new ArrayList<Example>(), new ArrayList<Example>());
    int dealt = 0;
    for (List<Example> group : groups(key, seed)) {
      parts.get(dealt < toTrain ? 0 : dealt < toValidation ? 1 : 2).addAll(group);
      dealt += group.size();
    }
    Labelled learned = part("train", parts.get(0));
    refuseUnlearned(learned, counts, "a larger share");
    return new LabelledSplit(learned, part("validation", parts.get(1)), part("test", parts.get(2)));
  }

  private void refuseClassesOfOne(Map<String, Integer> counts) {
    counts.forEach(
        (label, count) -> {
          if (count == 1) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "\"%s\" has one example of the class \"%s\"; it needs two at least, one to"
                        + " learn from and one to test",
                    name,
                    label));
          }
        });
  }

  private static void refuseUnlearned(Labelled train, Map<String, Integer> counts, String larger) {
    train
        .counts()
        .forEach(
            (label, count) -> {
              int all = counts.getOrDefault(label, 0);
              if (count == 0 && all > 0) {
                throw new IllegalArgumentException(
                    String.format(
                        Locale.ROOT,
                        "none of the %d examples of the class \"%s\" came into the training part;"
                            + " take another seed, %s, or more examples",
                        all,
                        label,
                        larger));
              }
            });
  }

  /**
   * Cross-validation: every example is tested once, by a classifier that did not learn from it. In
   * each fold the next one after the tested tenth (for k = 10) serves for validation.
   *
   * @param k how many folds, in [3, number of examples]
   * @param seed the same seed gives the same folds
   * @throws IllegalArgumentException if a class has one example, which could only be learned or
   *     tested, or if some fold would leave nothing of a class to learn from
   */
  public List<LabelledSplit> folds(int k, long seed) {
    if (k < 3 || k > examples.size()) {
      throw new IllegalArgumentException(
          "k is " + k + "; it must lie in [3, " + examples.size() + "]");
    }
    Map<String, Integer> counts = counts();
    refuseClassesOfOne(counts);
    var pieces = new ArrayList<List<Example>>();
    for (int i = 0; i < k; i++) {
      pieces.add(new ArrayList<>());
    }
    int dealt = 0;
    for (List<Example> group : groups(Labelled::plainKey, seed)) {
      pieces.get((int) ((long) dealt * k / examples.size())).addAll(group);
      dealt += group.size();
    }
    if (pieces.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException(
          k
              + " folds of "
              + examples.size()
              + " examples leave one without any, since those with"
              + " the same text stay together; ask for fewer folds");
    }
    var folds = new ArrayList<LabelledSplit>();
    for (int tested = 0; tested < k; tested++) {
      int chosenOn = (tested + 1) % k;
      var train = new ArrayList<Example>();
      for (int i = 0; i < k; i++) {
        if (i != tested && i != chosenOn) {
          train.addAll(pieces.get(i));
        }
      }
      Labelled learned = part("train", train);
      refuseUnlearned(learned, counts, "more folds");
      folds.add(
          new LabelledSplit(
              learned, part("validation", pieces.get(chosenOn)), part("test", pieces.get(tested))));
    }
    return folds;
  }

  /** Groups of examples that must stay together, shuffled. */
  private List<List<Example>> groups(UnaryOperator<String> key, long seed) {
    var groups = new LinkedHashMap<String, List<Example>>();
    for (Example e : examples) {
      groups.computeIfAbsent(key.apply(e.text()), k -> new ArrayList<>()).add(e);
    }
    var shuffled = new ArrayList<>(groups.values());
    Collections.shuffle(shuffled, new Random(seed));
    return shuffled;
  }

  static String plainKey(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC)
        .strip()
        .replaceAll("\\s+", " ")
        .toLowerCase(Locale.ROOT);
  }

  private Labelled part(String which, List<Example> part) {
    return new Labelled(name + " (" + which + ")", part, classes);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s: %,d texts, %d classes", name, examples.size(), classes.size());
  }
}
