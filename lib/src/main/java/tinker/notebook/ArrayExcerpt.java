package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What of an array is shown: shape, type, device, and a corner of its values. Only the corner is
 * copied from the device.
 *
 * @param head such as {@code "(32, 64, 128) float32 on cpu"}
 * @param where which part the cells are, or empty if they are all
 * @param cells rows of formatted values
 */
record ArrayExcerpt(String head, String where, List<List<String>> cells) {
  private static final int ROWS = 8;
  private static final int COLUMNS = 10;
  private static final String MORE = "\u2026";

  static ArrayExcerpt of(NDArray array) {
    if (array.isReleased()) {
      return new ArrayExcerpt("a closed array: its memory was given back", "", List.of());
    }
    Shape shape = array.getShape();
    String head =
        shape
            + " "
            + array.getDataType().name().toLowerCase(Locale.ROOT)
            + " on "
            + array.getDevice().toString().replace("()", "");
    if (shape.size() == 0) {
      return new ArrayExcerpt(head, "no values", List.of());
    }
    int axes = shape.dimension();
    long rows = axes < 2 ? 1 : shape.get(axes - 2);
    long columns = axes < 1 ? 1 : shape.get(axes - 1);
    int shownRows = (int) Math.min(rows, ROWS);
    int shownColumns = (int) Math.min(columns, COLUMNS);
    String where = "";
    if (axes > 2) {
      where = "the matrix [" + "0, ".repeat(axes - 2) + ":, :]";
    }
    try (NDArray corner = corner(array, axes, shownRows, shownColumns)) {
      return new ArrayExcerpt(head, where, cells(corner, shownRows, shownColumns, rows, columns));
    }
  }

  private static NDArray corner(NDArray array, int axes, int rows, int columns) {
    if (axes == 0) {
      return array.reshape(1);
    }
    String index =
        "0, ".repeat(Math.max(0, axes - 2)) + (axes > 1 ? ":" + rows + ", " : "") + ":" + columns;
    return array.get(new NDIndex(index));
  }

  private static List<List<String>> cells(
      NDArray corner, int shownRows, int shownColumns, long rows, long columns) {
    List<String> values = values(corner);
    var cells = new ArrayList<List<String>>();
    for (int r = 0; r < shownRows; r++) {
      var row = new ArrayList<>(values.subList(r * shownColumns, (r + 1) * shownColumns));
      if (columns > shownColumns) {
        row.add(MORE);
      }
      cells.add(row);
    }
    if (rows > shownRows) {
      var last = new ArrayList<String>();
      for (int c = 0; c < cells.get(0).size(); c++) {
        last.add(MORE);
      }
      cells.add(last);
    }
    return cells;
  }

  private static List<String> values(NDArray corner) {
    DataType type = corner.getDataType();
    if (type == DataType.BOOLEAN) {
      boolean[] values = corner.toBooleanArray();
      var texts = new ArrayList<String>();
      for (boolean value : values) {
        texts.add(Boolean.toString(value));
      }
      return texts;
    }
    if (type.isFloating()) {
      try (NDArray doubles = corner.toType(DataType.FLOAT64, true)) {
        double[] values = doubles.toDoubleArray();
        return Arrays.stream(values).mapToObj(v -> Numbers.among(v, values)).toList();
      }
    }
    if (type.isInteger()) {
      try (NDArray longs = corner.toType(DataType.INT64, true)) {
        return Arrays.stream(longs.toLongArray()).mapToObj(Long::toString).toList();
      }
    }
    return List.of(corner.toString());
  }

  String html() {
    if (cells.isEmpty()) {
      return Markup.caption(where.isEmpty() ? head : head + ", " + where);
    }
    return Markup.caption(where.isEmpty() ? head : head + "; " + where)
        + Markup.preformatted(cellText());
  }

  String text() {
    String first = where.isEmpty() ? head : head + "; " + where;
    return cells.isEmpty() ? first : first + "\n" + cellText();
  }

  private String cellText() {
    int width = cells.stream().flatMap(List::stream).mapToInt(String::length).max().orElse(0);
    var text = new StringBuilder();
    for (List<String> row : cells) {
      text.append(text.isEmpty() ? "" : "\n");
      for (String cell : row) {
        text.append(' ').append(" ".repeat(width - cell.length())).append(cell);
      }
    }
    return text.toString();
  }
}
