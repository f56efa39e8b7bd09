package tinker.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tinker.text.Pair;

/**
 * SNLI, the Stanford natural language inference corpus (Bowman and others 2015): captions of
 * pictures, and what people wrote that is true of the same picture, may be, or is not.
 *
 * <p>The official files come in one archive, snli_1.0.zip, at nlp.stanford.edu/projects/snli; take
 * them out of it and {@link #read} them. {@link #load} reads what this workbook measures on: dev
 * and test with the official gold labels, and a small training set.
 */
public final class Snli {
  private static final String LICENCE = "CC BY-SA 4.0";
  private static final String ORIGIN =
      "the official files are in snli_1.0.zip at nlp.stanford.edu/projects/snli, which Snli.read"
          + " reads";

  /**
   * What {@link #load} reads: a training set of 11,330 pairs (3,000 of SNLI's own, and 8,330 of
   * Kaushik, Hovy and Lipton 2020, Apache 2.0: 1,666 of SNLI's, each with four versions that people
   * made of it by small changes), dev and test.
   */
  public static final List<Download> DOWNLOADS =
      List.of(
          Download.byHand(
              "snli_like_train.jsonl",
              2_184_561,
              "7adf10e708aba29036e4f30a84ddfe9b09784d3e16a9a7a7689233b588cb5849",
              LICENCE + " and Apache 2.0",
              "snli/snli_like_train.jsonl",
              ORIGIN),
          Download.byHand(
              "snli_1.0_dev.jsonl",
              1_940_351,
              "22a3d8d47d362c6336359ced365248c4777cc0c506705a0f6115d286e91ae912",
              LICENCE,
              "snli/snli_1.0_dev.jsonl",
              ORIGIN),
          Download.byHand(
              "snli_1.0_test.jsonl",
              1_941_620,
              "d9292632c745f364cb89b8251033becb6321aea17defa78253cbed7969cea870",
              LICENCE,
              "snli/snli_1.0_test.jsonl",
              ORIGIN));

  /** The first 1,000 records of the official training file, with all their fields. */
  public static final Download SAMPLE =
      Download.byHand(
          "snli_1.0_train_first1000.jsonl",
          907_326,
          "edb1c4a588cef830d8d70e21eb8d5fe5f82e2fac4d9394888154ce96ecf72031",
          LICENCE,
          "snli/snli_1.0_train_first1000.jsonl",
          ORIGIN);

  private Snli() {}

  /**
   * The small training set, and SNLI's dev and test: about 2 % of what the paper trained on. No
   * premise of the training set is in dev or test.
   *
   * @throws IOException if it is not on this machine; the message says what to do
   */
  public static PairSplit load() throws IOException {
    return new PairSplit(
        read(DOWNLOADS.get(0).file(), "SNLI-like train"),
        read(DOWNLOADS.get(1).file(), "SNLI dev"),
        read(DOWNLOADS.get(2).file(), "SNLI test"));
  }

  /**
   * A file of the official form, one JSON object a line. Pairs on which the annotators did not
   * agree, whose {@code gold_label} is {@code "-"}, are left out and counted.
   *
   * @throws IOException if it is of another form; the message names file and line
   */
  public static Pairs read(Path file) throws IOException {
    return read(file, file.getFileName().toString());
  }

  private static Pairs read(Path file, String name) throws IOException {
    var labels = PairTable.unchanged(List.of("entailment", "neutral", "contradiction"));
    var pairs = new ArrayList<Pair>();
    int leftOut = 0;
    try (Lines lines = Lines.of(file)) {
      while (lines.next()) {
        if (lines.length() == 0) {
          continue;
        }
        JsonObject record = object(lines);
        String label = string(lines, record, "gold_label");
        if (label.equals("-")) {
          leftOut++;
        } else {
          pairs.add(
              new Pair(
                  string(lines, record, "pairID"),
                  string(lines, record, "sentence1"),
                  string(lines, record, "sentence2"),
                  PairTable.label(lines, labels, label),
                  ""));
        }
      }
    }
    return Pairs.of(name, List.copyOf(labels.values()), pairs, leftOut);
  }

  private static JsonObject object(Lines lines) throws IOException {
    JsonElement element;
    try {
      element = JsonParser.parseString(lines.text());
    } catch (JsonParseException e) {
      throw lines.error("not JSON: " + e.getMessage());
    }
    if (!element.isJsonObject()) {
      throw lines.error("not a JSON object");
    }
    return element.getAsJsonObject();
  }

  private static String string(Lines lines, JsonObject record, String field) throws IOException {
    JsonElement value = record.get(field);
    if (value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      throw lines.error(
          "there is no text \""
              + field
              + "\"; the fields are "
              + String.join(", ", record.keySet()));
    }
    return value.getAsString();
  }
}
