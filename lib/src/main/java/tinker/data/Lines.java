package tinker.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file of UTF-8, one at a time. A line ends with a line feed, a carriage return or
 * both; nothing else ends one. A byte order mark at the start is left out, and a broken byte is an
 * error that names file, line and byte.
 */
final class Lines implements Closeable {
  private final String where;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int end;
  private boolean skipLineFeed;

  private byte[] line = new byte[1024];
  private int length;
  private long number;
  private long offset;
  private long lineOffset;

  private Lines(String where, InputStream in) {
    this.where = where;
    this.in = in;
  }

  static Lines of(Path file) throws IOException {
    return of(file.toString(), Files.newInputStream(file));
  }

  /**
   * @param where the file, for messages
   */
  static Lines of(String where, InputStream in) throws IOException {
    var lines = new Lines(where, in);
    lines.skipMark();
    return lines;
  }

  private void skipMark() throws IOException {
    end = in.readNBytes(buffer, 0, buffer.length);
    if (end >= 3
        && (buffer[0] & 0xFF) == 0xEF
        && (buffer[1] & 0xFF) == 0xBB
        && (buffer[2] & 0xFF) == 0xBF) {
      at = 3;
      offset = 3;
    }
  }

  private int read() throws IOException {
    if (at == end) {
      end = in.read(buffer, 0, buffer.length);
      at = 0;
      if (end <= 0) {
        end = 0;
        return -1;
      }
    }
    offset++;
    return buffer[at++] & 0xFF;
  }

  /** Goes on to the next line; false if there is none. */
  boolean next() throws IOException {
    int c = read();
    if (skipLineFeed && c == '\n') {
      c = read();
    }
    skipLineFeed = false;
    if (c < 0) {
      return false;
    }
    number++;
    lineOffset = offset - 1;
    length = 0;
    while (c >= 0 && c != '\n' && c != '\r') {
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) c;
      c = read();
    }
    skipLineFeed = c == '\r';
    return true;
  }

  /** The bytes of the line, from 0 to {@link #length}; overwritten by the next one. */
  byte[] bytes() {
    return line;
  }

  int length() {
    return length;
  }

  String text() throws IOException {
    return text(0, length);
  }

  /** The bytes [{@code from}, {@code to}) of the line as text. */
  String text(int from, int to) throws IOException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer out = CharBuffer.allocate(to - from);
    ByteBuffer bytes = ByteBuffer.wrap(line, from, to - from);
    CoderResult result = decoder.decode(bytes, out, true);
    if (result.isError()) {
      int place = bytes.position();
      throw error(
          String.format(
              Locale.ROOT,
              "byte %d of the file is 0x%02X, which is not UTF-8",
              lineOffset + place,
              line[place] & 0xFF));
    }
    return out.flip().toString();
  }

  /** Counted from 1. */
  long number() {
    return number;
  }

  /** An error that names file and line. */
  IOException error(String sentence) {
    return error(number, sentence);
  }

  IOException error(long atLine, String sentence) {
    return new IOException(String.format(Locale.ROOT, "%s, line %d: %s", where, atLine, sentence));
  }

  /**
   * The cells of the next record, or null if there is none. An empty line is no record.
   *
   * @param separator between cells
   * @param quotes whether a cell may stand in quotation marks (RFC 4180), within which separators
   *     and line ends are text and two marks are one
   */
  @Nullable List<String> record(char separator, boolean quotes) throws IOException {
    do {
      if (!next()) {
        return null;
      }
    } while (length == 0);
    return quotes ? quoted(separator) : plain(text(), separator);
  }

  private static List<String> plain(String text, char separator) {
    var cells = new ArrayList<String>();
    int from = 0;
    for (int to = text.indexOf(separator); to >= 0; to = text.indexOf(separator, from)) {
      cells.add(text.substring(from, to));
      from = to + 1;
    }
    cells.add(text.substring(from));
    return cells;
  }

  private List<String> quoted(char separator) throws IOException {
    long began = number;
    var cells = new ArrayList<String>();
    String text = text();
    var cell = new StringBuilder();
    int i = 0;
    while (true) {
      if (i < text.length() && text.charAt(i) == '"') {
        i++;
        while (true) {
          if (i == text.length()) {
            if (!next()) {
              throw error(began, "a quotation mark is opened and never closed");
            }
            cell.append('\n');
            text = text();
            i = 0;
          } else if (text.charAt(i) != '"') {
            cell.append(text.charAt(i++));
          } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
            cell.append('"');
            i += 2;
          } else {
            i++;
            break;
          }
        }
        if (i < text.length() && text.charAt(i) != separator) {
          throw error("text follows the quotation mark that closes a cell");
        }
      } else {
        while (i < text.length() && text.charAt(i) != separator) {
          cell.append(text.charAt(i++));
        }
      }
      cells.add(cell.toString());
      cell.setLength(0);
      if (i == text.length()) {
        return cells;
      }
      i++;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
