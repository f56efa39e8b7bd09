package tinker.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/** CSV files as tables, with errors that name file and column. */
final class CsvFiles {
  // Between a quotation mark and the separator or the line's end beside it.
  private static final Pattern BLANKS =
      Pattern.compile("(?md)(?<=^|,)[ \\t]+(?=\")|(?<=\")[ \\t]+(?=,|$)");

  private CsvFiles() {}

  /**
   * @param text the whole file; its first line names the columns
   * @param where the file, for messages
   * @param types of these columns; the others are recognised by their values
   * @throws IOException if a row has more or fewer cells than the first line, or a quotation mark
   *     is never closed; the message names file and line
   */
  static Table parse(String text, String where, Map<String, ColumnType> types) throws IOException {
    // The parser knows one kind of line end for a file.
    String lines = text.replace("\r\n", "\n").replace('\r', '\n');
    checkRecords(lines, where);
    try {
      return Table.read()
          .usingOptions(
              CsvReadOptions.builder(utf8(lines))
                  .tableName(where)
                  .lineEnding("\n")
                  // None: a line that begins with # is a row as well.
                  .commentPrefix('\0')
                  .columnTypesPartial(name -> Optional.ofNullable(name).map(types::get))
                  .maxCharsPerColumn(Math.max(4096, text.length()))
                  // Only an empty cell is missing: "NA" and "null" can be names.
                  .missingValueIndicator("")
                  .sample(false)
                  .locale(Locale.ROOT));
    } catch (RuntimeException e) {
      throw new IOException(where + " is not a table: " + firstLine(e), e);
    }
  }

  /** The parser would take all that follows a quotation mark without its partner for one cell. */
  private static void checkRecords(String text, String where) throws IOException {
    // The parser leaves these blanks out, wherever no text stands beside them.
    byte[] bytes = BLANKS.matcher(text).replaceAll("").getBytes(StandardCharsets.UTF_8);
    try (Lines lines = Lines.of(where + " is not a table", new ByteArrayInputStream(bytes))) {
      int width = 0;
      while (true) {
        List<String> cells = lines.record(',', true);
        if (cells == null) {
          return;
        }
        // The parser leaves out lines of blanks, too.
        if (cells.size() > 1 || !cells.get(0).isBlank()) {
          width = width == 0 ? cells.size() : width;
          if (cells.size() != width) {
            throw lines.error(PairTable.columns(cells.size(), width));
          }
        }
      }
    }
  }

  // Not a StringReader: Tablesaw would turn it to bytes and back in the machine's own charset.
  private static InputStreamReader utf8(String text) {
    return new InputStreamReader(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  private static String firstLine(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  /**
   * @throws IOException if the column is missing; the message names those that are there
   */
  static List<String> strings(Table table, String column) throws IOException {
    if (!table.columnNames().contains(column)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has no column \"%s\"; its columns are %s",
              table.name(),
              column,
              String.join(", ", table.columnNames())));
    }
    return table.stringColumn(column).asList();
  }
}
