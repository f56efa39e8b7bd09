package tinker.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import tinker.text.Example;
import tinker.text.Labelled;

/**
 * Questions and what kind of answer they ask for (Li and Roth 2002): 5,452 to learn from and 500 to
 * test on, in six classes: {@code ABBR}, {@code DESC}, {@code ENTY}, {@code HUM}, {@code LOC},
 * {@code NUM}.
 *
 * <pre>{@code
 * var split = Trec.train().split(0.9, 0.1, 0, seed);     // choose on a tenth of the training part
 * var test = Trec.test();
 * }</pre>
 */
public final class Trec {
  /** The training questions. */
  public static final Download TRAIN =
      SentConv.file(
          "trec",
          "TREC.train",
          335_858,
          "9e4c8bdcaffb96ed61041bd64b564183d52793a8e91d84fc3a8646885f466ec3");

  /** The test questions. */
  public static final Download TEST =
      SentConv.file(
          "trec",
          "TREC.test",
          23_354,
          "033f22c028c2bbba9ca682f68ffe204dc1aa6e1cf35dd6207f2d4ca67f0d0e8e");

  private Trec() {}

  /**
   * The questions to learn from. Eleven of them stand in the test part, too; they are left out.
   *
   * @throws IOException if they are not to be had; the message says what to do
   */
  public static Labelled train() throws IOException {
    var tested = new HashSet<String>();
    test().texts().forEach(text -> tested.add(text.toLowerCase(Locale.ROOT)));
    return read(TRAIN.file(), "TREC questions")
        .filter(e -> !tested.contains(e.text().toLowerCase(Locale.ROOT)));
  }

  /**
   * The 500 test questions.
   *
   * @throws IOException if they are not to be had; the message says what to do
   */
  public static Labelled test() throws IOException {
    return read(TEST.file(), "TREC test questions");
  }

  static Labelled read(Path file, String name) throws IOException {
    var examples = new ArrayList<Example>();
    // One question holds a byte that is not UTF-8.
    for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n")) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (colon < 1 || space < colon || line.substring(space).isBlank()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: line %d is \"%s\"; it must read \"CLASS:kind question\"",
                file,
                examples.size() + 1,
                line));
      }
      examples.add(new Example(line.substring(space + 1).strip(), line.substring(0, colon)));
    }
    return Labelled.of(name, examples);
  }
}
