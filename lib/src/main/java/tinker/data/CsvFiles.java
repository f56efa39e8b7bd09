package tinker.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/** CSV files as tables, with errors that name file and column. */
final class CsvFiles {
  private CsvFiles() {}

  /**
   * @param text the whole file; its first line names the columns
   * @param where the file, for messages
   * @param types of these columns; the others are recognised by their values
   */
  static Table parse(String text, String where, Map<String, ColumnType> types) throws IOException {
    // The parser knows one kind of line end for a file.
    String lines = text.replace("\r\n", "\n").replace('\r', '\n');
    try {
      return Table.read()
          .usingOptions(
              CsvReadOptions.builder(utf8(lines))
                  .tableName(where)
                  .lineEnding("\n")
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
