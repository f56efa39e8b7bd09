package tinker.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tinker.text.Pair;

/**
 * Quora's question pairs (2017): do two questions ask the same? Labels {@code different} and {@code
 * duplicate}.
 *
 * <p>The paper's authors published their own split, in which dev and test are balanced. {@link
 * #load} reads its dev part: 10,000 pairs, tokenised.
 */
public final class Quora {
  /** The dev part of the split by Wang, Hamza and Florian. */
  public static final Download DOWNLOAD =
      Download.byHand(
          "quora-dev.tsv",
          1_319_301,
          "2b57102923c55472fbb947353f1b00fae6daf35ca83e98bc9178727075efcdb5",
          "Quora's terms of service, not for commercial use",
          "quora/dev.tsv",
          "the split is linked from github.com/zhiguowang/BiMPM; Quora.read reads it, and Quora's"
              + " own file too");

  private static final String OFFICIAL = "is_duplicate";

  private Quora() {}

  /**
   * The 10,000 pairs of the dev part, half of them duplicates.
   *
   * @throws IOException if it is not on this machine; the message says what to do
   */
  public static Pairs load() throws IOException {
    return read(DOWNLOAD.file(), "Quora dev");
  }

  /**
   * A file of either form: Quora's own (tab-separated with quotation marks, a header with the
   * columns {@code id}, {@code question1}, {@code question2} and {@code is_duplicate} among
   * others), or the split's (no header; label, question, question, id).
   *
   * @throws IOException if it is of another form; the message names file and line
   */
  public static Pairs read(Path file) throws IOException {
    return read(file, file.getFileName().toString());
  }

  private static Pairs read(Path file, String name) throws IOException {
    boolean official;
    try (Lines lines = Lines.of(file)) {
      official = lines.next() && lines.text().contains(OFFICIAL);
    }
    try (Lines lines = Lines.of(file)) {
      return official
          ? PairTable.read(
              name,
              lines,
              '\t',
              true,
              new PairTable.Columns("id", "question1", "question2", OFFICIAL, null),
              labels())
          : split(name, lines);
    }
  }

  private static Pairs split(String name, Lines lines) throws IOException {
    Map<String, String> labels = labels();
    var pairs = new ArrayList<Pair>();
    while (true) {
      List<String> cells = lines.record('\t', false);
      if (cells == null) {
        return Pairs.of(name, List.copyOf(labels.values()), pairs);
      }
      if (cells.size() != 4) {
        throw lines.error(PairTable.columns(cells.size(), 4));
      }
      pairs.add(
          new Pair(
              cells.get(3),
              cells.get(1),
              cells.get(2),
              PairTable.label(lines, labels, cells.get(0)),
              ""));
    }
  }

  private static Map<String, String> labels() {
    var labels = new LinkedHashMap<String, String>();
    labels.put("0", "different");
    labels.put("1", "duplicate");
    return labels;
  }
}
