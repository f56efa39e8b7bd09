package tinker.data;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tinker.text.Example;
import tinker.text.Labelled;

/**
 * One sentence each from 10,662 film reviews, half of them {@code negative} and half {@code
 * positive} (Pang and Lee 2005), known as MR.
 *
 * <p>The files are not UTF-8. They are often called Latin-1, but hold dots, dashes and quotation
 * marks that only windows-1252 has. Read as Latin-1, the three dots become NEL (U+0085), which some
 * programs take for the end of a line: they find 10,685 sentences.
 */
public final class MovieReviews {
  /** The negative sentences. */
  public static final Download NEGATIVE =
      SentConv.file(
          "movie-reviews",
          "rt-polarity.neg",
          612_256,
          "4ace77d558c3714723843f1d65b60c01e3417b208180f0728808d76ad0eeeaca");

  /** The positive sentences. */
  public static final Download POSITIVE =
      SentConv.file(
          "movie-reviews",
          "rt-polarity.pos",
          626_139,
          "2da124ec187a9d5a29c9f04e91c540e02baed5af8868f550a26bd6fd4dbf8bf0");

  private MovieReviews() {}

  /**
   * All sentences, the negative ones first.
   *
   * @throws IOException if they are not to be had; the message says what to do
   */
  public static Labelled load() throws IOException {
    var examples = new ArrayList<Example>();
    examples.addAll(read(NEGATIVE.file(), "negative"));
    examples.addAll(read(POSITIVE.file(), "positive"));
    return Labelled.of("film reviews", examples);
  }

  static List<Example> read(Path file, String label) throws IOException {
    var examples = new ArrayList<Example>();
    for (String line : Files.readString(file, Charset.forName("windows-1252")).split("\n")) {
      if (!line.isBlank()) {
        examples.add(new Example(line.strip(), label));
      }
    }
    return examples;
  }
}
