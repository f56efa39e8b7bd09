package tinker.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Split;
import tinker.text.Utf8;

/**
 * Album reviews with what is known of each album. The bundled ones were written for this project
 * (CC0), about albums and artists that do not exist.
 *
 * <pre>{@code
 * var reviews = Reviews.bundled();
 * reviews.table().first(3);
 * var split = reviews.split(0.8, 0.1, 0.1, seed);
 * }</pre>
 */
public final class Reviews {
  private static final String TEXT = "review";
  private static final Map<String, ColumnType> TYPES =
      Map.of(
          "id",
          ColumnType.INTEGER,
          "artist",
          ColumnType.STRING,
          "album",
          ColumnType.STRING,
          "genre",
          ColumnType.STRING,
          "year",
          ColumnType.INTEGER,
          "rating",
          ColumnType.DOUBLE,
          TEXT,
          ColumnType.STRING);

  private final String csv;
  private final Table table;
  private final Corpus corpus;

  private Reviews(String csv, String where, Map<String, ColumnType> types, String textColumn)
      throws IOException {
    this.csv = csv;
    this.table = CsvFiles.parse(csv, where, types);
    this.corpus = Corpus.of(table.name(), CsvFiles.strings(table, textColumn));
  }

  /**
   * The 1,200 reviews that come with tinker: columns {@code id}, {@code artist}, {@code album},
   * {@code genre}, {@code year}, {@code rating} (0.0 to 10.0) and {@code review}.
   */
  public static Reviews bundled() {
    try (InputStream in = Reviews.class.getResourceAsStream("reviews.csv")) {
      if (in == null) {
        throw new IllegalStateException("tinker/data/reviews.csv is not on the class path");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new Reviews(text, "album reviews", TYPES, TEXT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reviews, or any other short texts, of your own.
   *
   * @param file CSV in UTF-8 whose first line names the columns
   * @param textColumn the column that holds the texts
   * @throws IOException if the file cannot be read, is not UTF-8 (then the message says which
   *     byte), is not a table, or has no such column
   */
  public static Reviews read(Path file, String textColumn) throws IOException {
    return new Reviews(
        Utf8.read(file), file.toString(), Map.of(textColumn, ColumnType.STRING), textColumn);
  }

  /** All columns, as a table of your own to change. */
  public Table table() {
    return table.copy();
  }

  /** The texts, in the table's order. */
  public Corpus corpus() {
    return corpus;
  }

  /** {@link Corpus#split} of the texts. */
  public Split split(double train, double validation, double test, long seed) {
    return corpus.split(train, validation, test, seed);
  }

  /**
   * The texts as examples of {@code negative} and {@code positive}, by a rating; those between the
   * two limits are left out.
   *
   * @param column holds the ratings
   * @param below ratings below this are negative
   * @param from ratings from this on are positive; at least {@code below}
   * @throws IOException if there is no such column, or a rating is not a number; the message says
   *     which
   */
  public Labelled sentiment(String column, double below, double from) throws IOException {
    if (!(from >= below)) {
      throw new IllegalArgumentException(
          "from is " + from + "; it must be at least " + below + ", below which all is negative");
    }
    // As they are written: Tablesaw would read 7,5 as seventy-five.
    List<String> ratings =
        CsvFiles.strings(
            CsvFiles.parse(csv, table.name(), Map.of(column, ColumnType.STRING)), column);
    var examples = new ArrayList<Example>();
    for (int row = 0; row < table.rowCount(); row++) {
      String written = ratings.get(row);
      double rating;
      try {
        rating = Double.parseDouble(written);
      } catch (NumberFormatException e) {
        rating = Double.NaN;
      }
      if (!Double.isFinite(rating)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: row %d has the %s \"%s\"; it must be a number, such as 7.5",
                table.name(),
                row + 1,
                column,
                written));
      }
      String text = corpus.documents().get(row);
      if (text.isBlank()) {
        throw new IOException(table.name() + ": row " + (row + 1) + " has no text");
      }
      if (rating < below || rating >= from) {
        examples.add(new Example(text, rating < below ? "negative" : "positive"));
      }
    }
    if (examples.isEmpty()) {
      throw new IOException(
          table.name() + ": no " + column + " is below " + below + " or at least " + from);
    }
    return Labelled.of(table.name(), examples, List.of("negative", "positive"));
  }

  /** Names of the columns. */
  public List<String> columns() {
    return table.columnNames();
  }

  @Override
  public String toString() {
    return corpus.toString();
  }
}
