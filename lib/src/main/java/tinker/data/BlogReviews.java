package tinker.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Utf8;

/**
 * Music reviews from blogs, collected by iconix in 2018: the texts of the post that this workbook
 * begins with. 49 of the 1,584 stand there twice and are left out at the second place.
 *
 * <p>The texts belong to their blogs. They may be read and measured here; they may not be passed
 * on, and nothing in this project contains them.
 */
public final class BlogReviews {
  /** The file, its origin and its checksum. */
  public static final Download DOWNLOAD =
      new Download(
          "blog_content_en_sample.json",
          URI.create(
              "https://raw.githubusercontent.com/iconix/openai/f94d520921ea47d54bfaf010978b4641ddad9652/datasets/blog_content_en_sample.json"),
          2_517_092,
          "e0ec3714db1263cfe90ac9a1c8b36ac2b0ae26384d5c331bc13c4d6778814544",
          "the texts belong to their blogs; for private study only",
          "music-reviews/blog_content_en_sample.json");

  private static final String TEXT = "content";

  private final Corpus corpus;
  private final int duplicates;

  private BlogReviews(Corpus corpus, int duplicates) {
    this.corpus = corpus;
    this.duplicates = duplicates;
  }

  /**
   * The reviews, downloaded at first use.
   *
   * @throws IOException if they are not to be had; the message says what to do
   */
  public static BlogReviews load() throws IOException {
    return read(DOWNLOAD.file());
  }

  static BlogReviews read(Path file) throws IOException {
    List<String> texts = texts(Utf8.read(file), file);
    Set<String> distinct = new LinkedHashSet<>(texts);
    return new BlogReviews(
        Corpus.of("blog reviews", List.copyOf(distinct)), texts.size() - distinct.size());
  }

  private static List<String> texts(String json, Path file) throws IOException {
    JsonElement root;
    try {
      root = JsonParser.parseString(json);
    } catch (JsonParseException e) {
      throw new IOException(file + " is not JSON: " + e.getMessage(), e);
    }
    if (!root.isJsonArray()) {
      throw new IOException(file + " holds no list of reviews");
    }
    var texts = new ArrayList<String>();
    for (JsonElement entry : root.getAsJsonArray()) {
      if (!entry.isJsonObject()
          || !entry.getAsJsonObject().has(TEXT)
          || !entry.getAsJsonObject().get(TEXT).isJsonPrimitive()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: entry %d has no text \"%s\"%s",
                file,
                texts.size() + 1,
                TEXT,
                entry.isJsonObject()
                    ? "; it has " + String.join(", ", entry.getAsJsonObject().keySet())
                    : ""));
      }
      texts.add(entry.getAsJsonObject().get(TEXT).getAsString());
    }
    return texts;
  }

  /** The distinct reviews, in the file's order. */
  public Corpus corpus() {
    return corpus;
  }

  /** How many reviews were left out because the same text had come before. */
  int duplicates() {
    return duplicates;
  }

  /** {@link Corpus#split} of the texts. */
  public Split split(double train, double validation, double test, long seed) {
    return corpus.split(train, validation, test, seed);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (%d duplicates left out)", corpus, duplicates);
  }
}
