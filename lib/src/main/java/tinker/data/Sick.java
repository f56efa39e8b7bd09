package tinker.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * SICK, sentences involving compositional knowledge (Marelli and others 2014), with the labels of
 * its entailment task: descriptions of pictures and videos, changed by rules. The complete official
 * split: 4,500 pairs to train on, 500 to choose on (called <i>trial</i>), 4,927 to test.
 */
public final class Sick {
  private static final String LICENCE = "CC BY-NC-SA 3.0";

  /** The three files. */
  public static final List<Download> DOWNLOADS =
      List.of(
          download(
              "SICK_train.txt",
              506_243,
              "266cf8047149bd1d68138dd30439f3122bff30069740ac6705bb6197d9f1b48e"),
          download(
              "SICK_trial.txt",
              57_225,
              "5a88cfb62f8c6bd2a3cce0f2421ba2cb8c2be5ab4a800f6f01e2c64aafb7db56"),
          download(
              "SICK_test_annotated.txt",
              559_979,
              "2b8aa806658d6fc23c6824c83776c2d4fee7556000817b5ec0f982861413b7d0"));

  private Sick() {}

  private static Download download(String name, long bytes, String sha256) {
    return new Download(
        name,
        URI.create(
            "https://raw.githubusercontent.com/brmson/dataset-sts/e1d3375f5b3bc24f21aa4e46f96eb379e9fc1081/data/sts/sick2014/"
                + name),
        bytes,
        sha256,
        LICENCE,
        "sick/" + name);
  }

  /**
   * The official split, downloaded at first use.
   *
   * @throws IOException if it is not to be had; the message says what to do
   */
  public static PairSplit load() throws IOException {
    return new PairSplit(
        read(DOWNLOADS.get(0).file(), "SICK train"),
        read(DOWNLOADS.get(1).file(), "SICK trial"),
        read(DOWNLOADS.get(2).file(), "SICK test"));
  }

  /**
   * A file of the official form: tab-separated, with a line that names at least the columns {@code
   * pair_ID}, {@code sentence_A}, {@code sentence_B} and {@code entailment_judgment}.
   *
   * @throws IOException if it is of another form; the message names file and line
   */
  public static Pairs read(Path file) throws IOException {
    return read(file, file.getFileName().toString());
  }

  private static Pairs read(Path file, String name) throws IOException {
    try (Lines lines = Lines.of(file)) {
      return PairTable.read(
          name,
          lines,
          '\t',
          false,
          new PairTable.Columns("pair_ID", "sentence_A", "sentence_B", "entailment_judgment", null),
          labels());
    }
  }

  private static Map<String, String> labels() {
    var labels = new LinkedHashMap<String, String>();
    labels.put("ENTAILMENT", "entailment");
    labels.put("NEUTRAL", "neutral");
    labels.put("CONTRADICTION", "contradiction");
    return labels;
  }
}
