package tinker.notebook;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import tinker.data.Surnames;

/** The exercises of notebook 15. */
final class Exercises15 {
  private static final String NOTEBOOK = "15-surnames";

  /** Spellings of one name; each pair must get one key. */
  private static final List<List<String>> VARIANTS =
      List.of(
          List.of("Garc\u00EDa", "Garcia"),
          List.of("M\u00FCller", "Mueller"),
          List.of("Meyer", "Meier"),
          List.of("Schmidt", "Schmitt"),
          List.of("Ahmad", "Ahmed"),
          List.of("Petrov", "Petrova"),
          List.of("Nov\u00E1k", "Nov\u00E1kov\u00E1"),
          List.of("Kowalski", "Kowalska"));

  private Exercises15() {}

  static List<Exercise> all() {
    return List.of(macro(), padding(), variants());
  }

  private static Exercise macro() {
    return Authoring.value("15-1", NOTEBOOK, Number.class)
        .expect(() -> (0.9 + 0.2) / 2, 0.001)
        .mistake(
            v -> Math.abs(v.doubleValue() - 92 / 110.0) < 1e-3,
            "counted names, which is plain accuracy; macro accuracy counts classes")
        .mistake(
            v -> Math.abs(v.doubleValue() - (90 / 98.0 + 2 / 12.0) / 2) < 1e-3,
            "went down the columns; a row holds the names of one class")
        .hint("For each class: which share of its own names was found?")
        .hint("A row holds the names of one class, and its entry on the diagonal those found.")
        .hint("90 / 100 and 2 / 10; then their mean.")
        .why(
            "A classifier that nearly gives up on the small class still has 84 % accuracy; macro"
                + " accuracy shows it.")
        .examples(0.55, 0.836);
  }

  private static Exercise padding() {
    return Authoring.<ToDoubleFunction<int[]>, int[], Double>function(
            "15-2", NOTEBOOK, ToDoubleFunction.class, ToDoubleFunction::applyAsDouble)
        .reference(lengths -> padding(lengths, 0), 1e-9)
        .on(
            new int[] {2, 4},
            new int[] {5, 5, 5, 5},
            new int[] {3, 9, 4, 4, 10, 1},
            new int[] {7, 2, 3, 8, 8, 8, 5},
            new int[] {6})
        .mistake(
            lengths -> padding(lengths, 1), "took all for one batch; there are four to a batch")
        .mistake(
            lengths -> padding(lengths, 2),
            "gave the share of letters; asked is the share of padding")
        .mistake(
            lengths -> padding(lengths, 3),
            "counted four rows in the last batch; it may have fewer")
        .hint("How many places does one batch have, and how many of them hold letters?")
        .hint("A batch has as many rows as names and as many columns as its longest name.")
        .hint("Add up places and letters over all batches; the share is 1 - letters / places.")
        .why(
            "Sorting names by length before they are cut into batches makes this share nearly zero,"
                + " and the work with it.")
        .examples(lengths -> 0, Exercises15::fails);
  }

  private static double padding(int[] lengths, int slip) {
    int size = slip == 1 ? lengths.length : 4;
    double places = 0;
    double letters = 0;
    for (int from = 0; from < lengths.length; from += size) {
      int to = Math.min(lengths.length, from + size);
      int longest = 0;
      for (int i = from; i < to; i++) {
        longest = Math.max(longest, lengths[i]);
        letters += lengths[i];
      }
      places += (double) longest * (slip == 3 ? size : to - from);
    }
    return slip == 2 ? letters / places : 1 - letters / places;
  }

  private static double fails(int... lengths) {
    throw new ArrayIndexOutOfBoundsException("Index 4 out of bounds for length " + lengths.length);
  }

  @SuppressWarnings("unchecked")
  private static Exercise variants() {
    return Authoring.<UnaryOperator<String>>experiment(
            "15-3", NOTEBOOK, (Class<UnaryOperator<String>>) (Class<?>) UnaryOperator.class)
        .criterion(
            key -> joined(key) == VARIANTS.size() && kept(key) >= 0.85,
            key ->
                joined(key)
                    + " of "
                    + VARIANTS.size()
                    + " pairs joined, "
                    + Math.round(100 * kept(key))
                    + " % as many keys as names",
            "all pairs joined, and at least 85 % as many keys as names")
        .mistake(
            key -> joined(key) == VARIANTS.size() && kept(key) < 0.85,
            "threw too much away: names that have nothing to do with each other share a key")
        .mistake(
            key -> joined(key) < 3, "left most spellings as they are: begin with Surnames.plain")
        .hint("Which changes turn the first name of each pair into the second?")
        .hint("Begin with Surnames.plain, then go on with replaceAll, one rule for each pair.")
        .hint(
            "Put both spellings into one form: ue to u, ey to ei, dt to tt, e to a; take off the"
                + " endings ov, ova, and a after sk.")
        .why(
            "What belongs together is not to be read off the letters alone: whoever knows the"
                + " language writes the key, and the split can only be as honest as it.")
        .examples(Exercises15::key, name -> name);
  }

  private static String key(String name) {
    return Surnames.plain(name)
        .replace("ue", "u")
        .replace("ey", "ei")
        .replace("dt", "tt")
        .replaceAll("ova?$", "")
        .replaceAll("sk[ia]$", "sk")
        .replaceAll("(?<=.)e", "a");
  }

  private static int joined(UnaryOperator<String> key) {
    return (int)
        VARIANTS.stream().filter(v -> key.apply(v.get(0)).equals(key.apply(v.get(1)))).count();
  }

  /** Distinct keys for each distinct name of the bundled set. */
  private static double kept(UnaryOperator<String> key) {
    Set<String> names = new HashSet<>(Surnames.bundled().texts());
    Set<String> keys = new HashSet<>();
    names.forEach(name -> keys.add(key.apply(name)));
    return (double) keys.size() / names.size();
  }
}
