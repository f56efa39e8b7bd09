package tinker.notebook;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tinker.data.Reviews;
import tinker.generate.Generator;
import tinker.model.NGram;
import tinker.text.CopyMeter;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

/** The exercises of notebook 03. */
final class Exercises03 {
  private static final String NOTEBOOK = "03-ngrams";

  private Exercises03() {}

  static List<Exercise> all() {
    return List.of(followers(), estimate(), halfCopied());
  }

  private static Exercise followers() {
    return Authoring.value("03-1", NOTEBOOK, Integer.class)
        .expect(() -> counts(4).after("qu").rowCount(), 0)
        .mistake(
            v -> v == counts(4).count("qu"),
            "gave how often \"qu\" stands in the reviews, not how many characters follow it")
        .mistake(v -> v == counts(1).after("u").rowCount(), "counted what follows \"u\" alone")
        .hint("Which method of `four` shows what follows a history?")
        .hint("four.after(\"qu\") is a table with one row for each character.")
        .why(
            "A history with few followers is where a model can be sure: most of its skill lies there.")
        .examples(5, 321);
  }

  private record Case(String text, String history) {
    @Override
    public String toString() {
      return "text \"" + text + "\", history \"" + history + "\"";
    }
  }

  private static Exercise estimate() {
    return Authoring
        .<BiFunction<String, String, Map<Character, Double>>, Case, Map<Character, Double>>function(
            "03-2", NOTEBOOK, BiFunction.class, (f, in) -> f.apply(in.text(), in.history()))
        .reference((text, history) -> shares(text, history, 0), 1e-9)
        .on(
            new Case("abac", "a"),
            new Case("aaaa", "a"),
            new Case("banana", "an"),
            new Case("banana", "na"),
            new Case("banana", "x"),
            new Case("", "a"))
        .mistake(
            (text, history) -> shares(text, history, 1),
            "counted the place at the end of the text, after which nothing follows")
        .mistake(
            (text, history) -> {
              var shares = shares(text, history, 0);
              double all = Math.max(1, text.length());
              double places = places(text, history);
              shares.replaceAll((next, share) -> share * places / all);
              return shares;
            },
            "divided by the length of the text; divide by the number of places where the history"
                + " is followed by anything")
        .hint("At which positions of the text does the history stand, with a character after it?")
        .hint(
            "text.startsWith(history, i) is true where it stands at i; what follows is at"
                + " i + history.length().")
        .hint(
            "Count with counts.merge(next, 1.0, Double::sum), then divide every count by their sum.")
        .why("This loop is the whole model; the library only does it for all histories at once.")
        .examples(
            (text, history) -> Map.of(),
            (text, history) -> {
              throw new StringIndexOutOfBoundsException("index 6, length 6");
            });
  }

  private static double places(String text, String history) {
    double places = 0;
    for (int i = 0; i + history.length() < text.length(); i++) {
      places += text.startsWith(history, i) ? 1 : 0;
    }
    return places;
  }

  private static Map<Character, Double> shares(String text, String history, int beyondTheEnd) {
    var shares = new TreeMap<Character, Double>();
    double places = places(text, history);
    if (text.endsWith(history)) {
      places += beyondTheEnd;
    }
    for (int i = 0; i + history.length() < text.length(); i++) {
      if (text.startsWith(history, i)) {
        shares.merge(text.charAt(i + history.length()), 1 / places, Double::sum);
      }
    }
    return shares;
  }

  private static Exercise halfCopied() {
    return Authoring.value("03-3", NOTEBOOK, Integer.class)
        .expect(SMALLEST, 0)
        .mistake(
            v -> v == SMALLEST.get() + 1 || v == SMALLEST.get() - 1,
            "looked at one seed only, or at fewer than ten; it is the mean over the seeds 1 to 10")
        .hint("Which two loops are there: over what, and inside it over what?")
        .hint(
            "For one order: the mean of meter.measure(write(order, seed)).share() for seed = 1..10.")
        .why(
            "One sample says little: at order 7 the shares of the ten seeds lie between 0.07 and"
                + " 0.55, at order 8 between 0.49 and 0.80, so a single seed can name 7, 8 or 9.")
        .examples(8, 9);
  }

  private static final Supplier<Integer> SMALLEST = Once.of(Exercises03::smallest);
  private static final Supplier<Corpus> TRAINING =
      Once.of(() -> Reviews.bundled().split(0.8, 0.1, 0.1, 1).train());

  private static NGram counts(int order) {
    Corpus training = TRAINING.get();
    return NGram.count(training, Vocabulary.ofCharacters(training), order);
  }

  private static int smallest() {
    var meter = CopyMeter.of(TRAINING.get());
    for (int order = 1; ; order++) {
      var model = counts(order).maximumLikelihood().forWriting();
      double sum = 0;
      for (int seed = 1; seed <= 10; seed++) {
        var generator = Generator.of(model).prime("the ").seed(seed).pastEnd("\n");
        sum += meter.measure(generator.write(300)).share();
      }
      if (sum / 10 > 0.5) {
        return order;
      }
    }
  }
}
