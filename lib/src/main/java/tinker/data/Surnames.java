package tinker.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Utf8;

/**
 * Family names and where they come from.
 *
 * <pre>{@code
 * Surnames.bundled()          // 2,828 names from 16 origins, made for this project
 * Surnames.nationalities()    // 20,050 names of 18 nationalities, from the PyTorch tutorial
 * Surnames.plain("Łukasiewicz-Böhm")   // "lukasiewicz-bohm"
 * }</pre>
 */
public final class Surnames {
  /** One file for each of the 18 nationalities. */
  public static final List<Download> DOWNLOADS =
      List.of(
          file(
              "Arabic", 13_190, "6f424a8dbe51cbbbabab7a57d38b617210125e4e3991f3c657cb79b8f104bafc"),
          file(
              "Chinese", 1_246, "09ba8f1f7e38dbc99372d461b26ad4433b811fc6bfa6a3ecca6fe11a9a777465"),
          file("Czech", 3_916, "e17ab0ec47616a72c39cb85c783f70c3663ab64488721e5d8378f146d2226be7"),
          file("Dutch", 2_351, "924f32b635170eae561f84538632138fc07d4c8bbd70ba3fb980de1ecc4d2af3"),
          file(
              "English",
              27_125,
              "9cca037066d3d5989e24bc01801416162de506b5e28e15b7c092a47905d29bf2"),
          file("French", 2_178, "81e65b36c60ed5b89a17422f6edcadbb89546f38ad69e960e64e7ba682012a95"),
          file("German", 5_610, "7449cd590b97a733e18d613a4155decd77ec35dc5f8aadd7a82204dce4f051db"),
          file("Greek", 1_981, "3555b5186de7f401e6d991b088e9e644ca3099116477818c25ab5793801389e6"),
          file("Irish", 1_858, "cf8c7013256252a88d2503127b87282a11f21b2ff6db1bded68834c19a1ec058"),
          file(
              "Italian", 5_657, "f88414c27d0606a11a678b4859277828c2565d6cc4d9ee932deef6e94f3b35e4"),
          file(
              "Japanese",
              7_622,
              "e0e717e114fec3e7eade4d9dabe0067c475f43147e36a22b47902ee76ad9e67f"),
          file("Korean", 423, "cd54221ccb362a6cba4c78828838cf3268a0e59744767a37cf6ec4b74036b136"),
          file("Polish", 1_165, "45bab898af2f60ed3a728bbf6980e28821011a7caa53227553b5785903a40826"),
          file(
              "Portuguese",
              554,
              "50a8735f41f4f73757c8ce5b16cb0275cd86b2b214bcbc8c9805f508cb131c53"),
          file(
              "Russian",
              85_168,
              "0cfe53ac18041e8f63666aa77313e0a3ff378facb132abee052d8ebdc8c3d62c"),
          file("Scottish", 752, "78d0252711d87d948ea86fe34826c51d2d794a8e52d15b5d6f7b6244d45d62dd"),
          file(
              "Spanish", 2_284, "1bcb462ed3316756a85781d68232bddae04498fdddd5d9219c53fd1fbdeba7a7"),
          file(
              "Vietnamese",
              339,
              "f3f9e4164ab47601178a6e45b216464a64122f49d05541f24bf18a757253281d"));

  private static final Map<String, ColumnType> TYPES =
      Map.of("surname", ColumnType.STRING, "origin", ColumnType.STRING);

  private Surnames() {}

  private static Download file(String nationality, long bytes, String sha256) {
    String name = nationality + ".txt";
    return new Download(
        "surnames-" + name,
        URI.create(
            "https://raw.githubusercontent.com/spro/practical-pytorch/"
                + "c520c52e68e945d88fff563dba1c028b6ec0197b/data/names/"
                + name),
        bytes,
        sha256,
        "MIT",
        "names/" + name);
  }

  /** The names that come with tinker, with the diacritics that their languages write. */
  public static Labelled bundled() {
    try (InputStream in = Surnames.class.getResourceAsStream("surnames.csv")) {
      if (in == null) {
        throw new IllegalStateException("tinker/data/surnames.csv is not on the class path");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "surnames");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Names of your own, in Unicode's form NFC whatever form the file has.
   *
   * @param file CSV in UTF-8 with the columns {@code surname} and {@code origin}
   * @throws IOException if it cannot be read, lacks a column, or a line has no name or no origin;
   *     the message says which line
   */
  public static Labelled read(Path file) throws IOException {
    return parse(Utf8.read(file), file.toString());
  }

  private static Labelled parse(String text, String where) throws IOException {
    Table table = CsvFiles.parse(text, where, TYPES);
    List<String> names = CsvFiles.strings(table, "surname");
    List<String> origins = CsvFiles.strings(table, "origin");
    var examples = new ArrayList<Example>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isBlank() || origins.get(i).isBlank()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: row %d has no %s; every row needs a surname and an origin",
                where,
                i + 1,
                names.get(i).isBlank() ? "surname" : "origin"));
      }
      examples.add(new Example(composed(names.get(i)), origins.get(i)));
    }
    if (examples.isEmpty()) {
      throw new IOException(where + " has no rows");
    }
    return Labelled.of(where, examples);
  }

  /**
   * The surnames of the PyTorch tutorial on character-level classification (Robertson 2017), line
   * by line as they stand there: with duplicates, and with spaces at the end of some.
   *
   * @throws IOException if they are not to be had; the message says what to do
   */
  public static Labelled nationalities() throws IOException {
    var examples = new ArrayList<Example>();
    for (Download download : DOWNLOADS) {
      String nationality = download.name().replaceAll("surnames-|\\.txt", "");
      for (String line : Utf8.read(download.file()).split("\n")) {
        if (!line.isBlank()) {
          examples.add(new Example(composed(line), nationality));
        }
      }
    }
    return Labelled.of("surnames of 18 nationalities", examples);
  }

  private static String composed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  /**
   * A name in small letters without diacritics: accents are taken off, letters such as ł and ß are
   * written as English would. What this loses, notebook 15 shows.
   */
  public static String plain(String name) {
    String apart = Normalizer.normalize(name.strip(), Normalizer.Form.NFKD);
    return apart
        .replaceAll("\\p{M}", "")
        .toLowerCase(Locale.ROOT)
        .replace("ł", "l")
        .replace("ø", "o")
        .replace("ß", "ss")
        .replace("æ", "ae")
        .replace("œ", "oe")
        .replace("đ", "d")
        .replace("ı", "i");
  }
}
