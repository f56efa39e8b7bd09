package tinker.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Texts in a fixed order, with a name: many documents, or one long text.
 *
 * <pre>{@code
 * var split = corpus.split(0.8, 0.1, 0.1, seed);
 * int[] stream = split.train().tokens(vocabulary);
 * }</pre>
 */
public final class Corpus {
  private final String name;
  private final List<String> documents;
  private final boolean continuous;

  private Corpus(String name, List<String> documents, boolean continuous) {
    this.name = name;
    this.documents = List.copyOf(documents);
    this.continuous = continuous;
  }

  /** Whole documents, kept apart: a model may learn where one ends. */
  public static Corpus of(String name, List<String> documents) {
    return new Corpus(name, documents, false);
  }

  /** One continuous text, which may have been cut anywhere. */
  public static Corpus ofText(String name, String text) {
    return new Corpus(name, List.of(text), true);
  }

  /**
   * One continuous text from a UTF-8 file.
   *
   * @throws IOException if the file cannot be read, is empty, or is not UTF-8; then the message
   *     says which byte is wrong
   */
  public static Corpus read(Path file) throws IOException {
    return ofText(file.getFileName().toString(), Utf8.read(file));
  }

  /**
   * The lines of a UTF-8 file, each a document of its own; blank lines are left out.
   *
   * @throws IOException if the file cannot be read, is empty, has blank lines only, or is not
   *     UTF-8; then the message says which byte is wrong
   */
  public static Corpus readLines(Path file) throws IOException {
    List<String> lines = Utf8.read(file).lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      throw new IOException(file + " has only blank lines; at least one line of text is needed");
    }
    return of(file.getFileName().toString(), lines);
  }

  public String name() {
    return name;
  }

  public List<String> documents() {
    return documents;
  }

  /** All documents one after another, with nothing between them. */
  public String text() {
    return String.join("", documents);
  }

  /** Number of characters (code points) in all documents together. */
  public long characters() {
    return documents.stream().mapToLong(d -> d.codePointCount(0, d.length())).sum();
  }

  /**
   * The corpus as one stream of token ids: <i>end</i>, first document, <i>end</i>, second document,
   * and so on. The last document is closed by an <i>end</i>, too; a continuous text is not, since
   * it may have been cut anywhere.
   */
  public int[] tokens(Vocabulary vocabulary) {
    var parts = new ArrayList<int[]>();
    int length = 1;
    for (String document : documents) {
      int[] part = vocabulary.encode(document);
      parts.add(part);
      length += part.length + 1;
    }
    if (continuous) {
      length--;
    }
    int[] stream = new int[length];
    int at = 0;
    for (int[] part : parts) {
      stream[at++] = vocabulary.end();
      System.arraycopy(part, 0, stream, at, part.length);
      at += part.length;
    }
    if (at < length) {
      stream[at] = vocabulary.end();
    }
    return stream;
  }

  /**
   * Three parts whose sizes stand to each other as the shares. Documents are shuffled and dealt out
   * whole, and those whose text is the same, but for spacing and case, stay on one side. A
   * continuous text is cut, in order: its beginning is for training, its end for testing.
   *
   * @param train share for training, above 0
   * @param validation share for validation, at least 0
   * @param test share for testing, at least 0; the three sum to 1
   * @param seed the same seed gives the same split
   * @throws IllegalArgumentException if the shares are not as described
   */
  public Split split(double train, double validation, double test, long seed) {
    if (!(train > 0) || !(validation >= 0) || !(test >= 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "shares %s, %s, %s: train must be above 0, the others at least 0",
              train,
              validation,
              test));
    }
    if (Math.abs(train + validation + test - 1) > 1e-9) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "shares %s, %s, %s sum to %s; they must sum to 1",
              train,
              validation,
              test,
              train + validation + test));
    }
    return continuous ? cut(train, validation) : deal(train, validation, new Random(seed));
  }

  private Split cut(double train, double validation) {
    String text = documents.get(0);
    int points = text.codePointCount(0, text.length());
    int first = text.offsetByCodePoints(0, (int) Math.floor(points * train + 1e-6));
    int second = text.offsetByCodePoints(0, (int) Math.floor(points * (train + validation) + 1e-6));
    return new Split(
        ofText(name + " (train)", text.substring(0, first)),
        ofText(name + " (validation)", text.substring(first, second)),
        ofText(name + " (test)", text.substring(second)));
  }

  private Split deal(double train, double validation, Random random) {
    // Equal texts, whatever their spacing and case, form one group and go to one side.
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (String document : documents) {
      groups.computeIfAbsent(Labelled.plainKey(document), k -> new ArrayList<>()).add(document);
    }
    var shuffled = new ArrayList<>(groups.values());
    Collections.shuffle(shuffled, random);
    long toTrain = Math.round(documents.size() * train);
    long toValidation = Math.round(documents.size() * (train + validation));
    var parts = List.of(new ArrayList<String>(), new ArrayList<String>(), new ArrayList<String>());
    int dealt = 0;
    for (List<String> group : shuffled) {
      int part = dealt < toTrain ? 0 : dealt < toValidation ? 1 : 2;
      parts.get(part).addAll(group);
      dealt += group.size();
    }
    return new Split(
        of(name + " (train)", parts.get(0)),
        of(name + " (validation)", parts.get(1)),
        of(name + " (test)", parts.get(2)));
  }

  /** SHA-256 of the documents, in hexadecimal: the same for the same texts in the same order. */
  public String checksum() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String document : documents) {
        digest.update(document.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d document%s, %,d characters",
        name,
        documents.size(),
        documents.size() == 1 ? "" : "s",
        characters());
  }
}
