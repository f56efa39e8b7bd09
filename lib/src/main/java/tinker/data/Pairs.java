package tinker.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tinker.text.Pair;

/**
 * Sentence pairs in a fixed order, with the labels they may have.
 *
 * <pre>{@code
 * var pairs = Pairs.bundled();
 * pairs.counts()                    // {entailment=283, neutral=260, contradiction=257}
 * pairs.table().first(3)
 * }</pre>
 */
public final class Pairs {
  private final String name;
  private final List<String> labels;
  private final List<Pair> all;
  private final int leftOut;

  private Pairs(String name, List<String> labels, List<Pair> all, int leftOut) {
    this.name = name;
    this.labels = List.copyOf(labels);
    this.all = List.copyOf(all);
    this.leftOut = leftOut;
  }

  /**
   * @param labels all that occur, in the order in which classes are numbered
   * @throws IllegalArgumentException if a pair has another label
   */
  public static Pairs of(String name, List<String> labels, List<Pair> pairs) {
    return of(name, labels, pairs, 0);
  }

  /**
   * The 800 pairs that come with tinker (CC0), labels entailment, neutral and contradiction. The
   * group of a pair is its phenomenon, of which there are 14: results are reported by it, and no
   * model may see it, since some phenomena have one label only.
   */
  public static Pairs bundled() {
    try (InputStream in = Pairs.class.getResourceAsStream("pairs.csv")) {
      if (in == null) {
        throw new IllegalStateException("tinker/data/pairs.csv is not on the class path");
      }
      try (Lines lines = Lines.of("pairs.csv", in)) {
        var names = PairTable.unchanged(List.of("entailment", "neutral", "contradiction"));
        var columns = new PairTable.Columns("id", "premise", "hypothesis", "label", "phenomenon");
        return PairTable.read("bundled pairs", lines, ',', true, columns, names);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Pairs of your own. The labels are those that occur, in alphabetical order.
   *
   * @param file CSV (RFC 4180) in UTF-8 whose first line names the columns
   * @param first column of the sentences that stand first
   * @param second column of the others
   * @param label column of the labels
   * @throws IOException if it is of another form; the message names file and line
   */
  public static Pairs csv(Path file, String first, String second, String label) throws IOException {
    return read(file, first, second, label, null);
  }

  /**
   * The same with the labels that may stand there, which become the classes in this order. Name
   * them where several files belong together: a label that one of them lacks keeps its number, and
   * a misspelt one is refused.
   *
   * @param labels at least one, each once
   * @throws IllegalArgumentException if none is named, or one twice
   */
  public static Pairs csv(Path file, String first, String second, String label, List<String> labels)
      throws IOException {
    return read(file, first, second, label, PairTable.unchanged(labels));
  }

  private static Pairs read(
      Path file, String first, String second, String label, @Nullable Map<String, String> labels)
      throws IOException {
    try (Lines lines = Lines.of(file)) {
      return PairTable.read(
          file.getFileName().toString(),
          lines,
          ',',
          true,
          new PairTable.Columns(null, first, second, label, null),
          labels);
    }
  }

  /**
   * Pairs made by rule, so that it is known what each turns on: their group is one of synonym,
   * hypernym, negation, number and role-swap. Every phenomenon has every label equally often, and
   * every hypothesis could have been made for any label, so nothing can be learned from it alone.
   *
   * @param n how many, 15 to 6,000; no two are equal
   */
  public static Pairs controlled(int n, long seed) {
    return ControlledPairs.generate(n, seed);
  }

  static Pairs of(String name, List<String> labels, List<Pair> pairs, int leftOut) {
    for (Pair pair : pairs) {
      if (!labels.contains(pair.label())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "pair %s has the label \"%s\"; it must be one of %s",
                pair.id(),
                pair.label(),
                String.join(", ", labels)));
      }
    }
    return new Pairs(name, labels, pairs, leftOut);
  }

  public String name() {
    return name;
  }

  /** The labels, in the order in which classes are numbered. */
  public List<String> labels() {
    return labels;
  }

  /** The pairs, in order. */
  public List<Pair> all() {
    return all;
  }

  public int size() {
    return all.size();
  }

  /** How many records of the source were left out, because it gives them no label. */
  public int leftOut() {
    return leftOut;
  }

  /** The number of the label of pair {@code i}. */
  public int label(int i) {
    return labels.indexOf(all.get(i).label());
  }

  /** The number of every pair's label, in order. */
  public int[] classes() {
    return all.stream().mapToInt(pair -> labels.indexOf(pair.label())).toArray();
  }

  /** The group of every pair, in order. */
  public List<String> groups() {
    return all.stream().map(Pair::group).toList();
  }

  /** How many pairs have each label, in the order of {@link #labels}. */
  public Map<String, Integer> counts() {
    var counts = new LinkedHashMap<String, Integer>();
    labels.forEach(label -> counts.put(label, 0));
    all.forEach(pair -> counts.merge(pair.label(), 1, Integer::sum));
    return counts;
  }

  /** All distinct words, in order of appearance. */
  public Set<String> words() {
    var words = new LinkedHashSet<String>();
    for (Pair pair : all) {
      words.addAll(pair.firstWords());
      words.addAll(pair.secondWords());
    }
    return words;
  }

  /** The pairs for which the condition holds, in the same order, with the same labels. */
  public Pairs where(Predicate<Pair> condition) {
    return new Pairs(name, labels, all.stream().filter(condition).toList(), 0);
  }

  /** The first {@code n} pairs, or all if there are fewer. */
  public Pairs first(int n) {
    return new Pairs(name, labels, all.subList(0, Math.min(n, all.size())), 0);
  }

  /** {@code n} pairs drawn without putting back, or all if there are fewer, in random order. */
  public Pairs sample(int n, long seed) {
    var shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, new Random(seed));
    return new Pairs(name, labels, shuffled.subList(0, Math.min(n, all.size())), 0);
  }

  /**
   * Three parts in which no sentence stands on two sides: pairs that share a sentence, directly or
   * through others, go to the same part. The parts come out as near to the shares as that allows.
   *
   * @param train share of the pairs, in [0, 1]; the three add up to 1
   */
  public PairSplit split(double train, double validation, double test, long seed) {
    if (!(train >= 0 && validation >= 0 && test >= 0)
        || Math.abs(train + validation + test - 1) > 1e-9) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "shares %s, %s and %s; they must be at least 0 and add up to 1",
              train,
              validation,
              test));
    }
    List<List<Pair>> clusters = new ArrayList<>(clusters());
    Collections.shuffle(clusters, new Random(seed));
    double[] shares = {train, validation, test};
    var parts = List.of(new ArrayList<Pair>(), new ArrayList<Pair>(), new ArrayList<Pair>());
    for (List<Pair> cluster : clusters) {
      int emptiest = 0;
      for (int part = 1; part < shares.length; part++) {
        if (shares[part] * all.size() - parts.get(part).size()
            > shares[emptiest] * all.size() - parts.get(emptiest).size()) {
          emptiest = part;
        }
      }
      parts.get(emptiest).addAll(cluster);
    }
    return new PairSplit(
        new Pairs(name + " train", labels, parts.get(0), 0),
        new Pairs(name + " validation", labels, parts.get(1), 0),
        new Pairs(name + " test", labels, parts.get(2), 0));
  }

  /** Pairs that share a sentence, directly or through others. */
  private Collection<List<Pair>> clusters() {
    var leaders = new HashMap<String, String>();
    for (Pair pair : all) {
      String one = leader(leaders, pair.firstWords().toString());
      String other = leader(leaders, pair.secondWords().toString());
      leaders.put(one, other);
    }
    var clusters = new LinkedHashMap<String, List<Pair>>();
    for (Pair pair : all) {
      clusters
          .computeIfAbsent(
              leader(leaders, pair.firstWords().toString()), l -> new ArrayList<Pair>())
          .add(pair);
    }
    return clusters.values();
  }

  private static String leader(Map<String, String> leaders, String sentence) {
    String at = sentence;
    while (true) {
      String next = leaders.getOrDefault(at, at);
      if (next.equals(at)) {
        return at;
      }
      String after = leaders.getOrDefault(next, next);
      leaders.put(at, after);
      at = after;
    }
  }

  /** A table with the columns id, first, second, label, group, firstWords and secondWords. */
  public Table table() {
    return Table.create(
        name,
        StringColumn.create("id", all.stream().map(Pair::id)),
        StringColumn.create("first", all.stream().map(Pair::first)),
        StringColumn.create("second", all.stream().map(Pair::second)),
        StringColumn.create("label", all.stream().map(Pair::label)),
        StringColumn.create("group", all.stream().map(Pair::group)),
        IntColumn.create("firstWords", all.stream().mapToInt(p -> p.firstWords().size()).toArray()),
        IntColumn.create(
            "secondWords", all.stream().mapToInt(p -> p.secondWords().size()).toArray()));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d pairs %s%s",
        name,
        all.size(),
        counts(),
        leftOut == 0 ? "" : String.format(Locale.ROOT, ", %,d without a label left out", leftOut));
  }
}
