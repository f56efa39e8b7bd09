package tinker.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tinker.text.Pair;

/** Reads pairs from a table in a text file whose first line names the columns. */
final class PairTable {
  /**
   * Which columns hold what.
   *
   * @param id null for a file without; then lines are numbered
   * @param group null for a file without
   */
  record Columns(
      @Nullable String id, String first, String second, String label, @Nullable String group) {}

  private PairTable() {}

  /** Labels that are called here what they are called in the file. */
  static Map<String, String> unchanged(List<String> labels) {
    var names = new LinkedHashMap<String, String>();
    labels.forEach(label -> names.put(label, label));
    if (labels.isEmpty() || names.size() < labels.size()) {
      throw new IllegalArgumentException(
          "the labels are " + labels + "; there must be at least one, and none twice");
    }
    return names;
  }

  /**
   * @param lines at the file's beginning
   * @param names of the labels in the file, and what they are called here; null if any may stand
   *     there and keeps its name
   */
  static Pairs read(
      String name,
      Lines lines,
      char separator,
      boolean quotes,
      Columns columns,
      @Nullable Map<String, String> names)
      throws IOException {
    List<String> header = lines.record(separator, quotes);
    if (header == null) {
      throw lines.error(1, "the file is empty; its first line must name the columns");
    }
    int id = columns.id == null ? -1 : column(lines, header, columns.id);
    int first = column(lines, header, columns.first);
    int second = column(lines, header, columns.second);
    int label = column(lines, header, columns.label);
    int group = columns.group == null ? -1 : column(lines, header, columns.group);
    var pairs = new ArrayList<Pair>();
    Map<String, String> labels = names == null ? new TreeMap<>() : names;
    while (true) {
      List<String> cells = lines.record(separator, quotes);
      if (cells == null) {
        break;
      }
      if (cells.size() != header.size()) {
        throw lines.error(columns(cells.size(), header.size()));
      }
      String given = cells.get(label);
      if (names == null) {
        if (given.isEmpty()) {
          throw lines.error("the label is empty");
        }
        labels.putIfAbsent(given, given);
      }
      pairs.add(
          new Pair(
              id < 0 ? String.valueOf(pairs.size() + 1) : cells.get(id),
              cells.get(first),
              cells.get(second),
              label(lines, labels, given),
              group < 0 ? "" : cells.get(group)));
    }
    return Pairs.of(name, List.copyOf(labels.values()), pairs);
  }

  static String columns(int found, int wanted) {
    return String.format(
        Locale.ROOT, "%d column%s; there must be %d", found, found == 1 ? "" : "s", wanted);
  }

  private static int column(Lines lines, List<String> header, String name) throws IOException {
    int place = header.indexOf(name);
    if (place < 0) {
      throw lines.error(
          "there is no column \"" + name + "\"; the columns are " + String.join(", ", header));
    }
    return place;
  }

  static String label(Lines lines, Map<String, String> names, String given) throws IOException {
    String label = names.get(given);
    if (label == null) {
      throw lines.error(
          "the label is \"" + given + "\"; it must be one of " + String.join(", ", names.keySet()));
    }
    return label;
  }
}
