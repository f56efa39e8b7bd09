package tinker.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Reads UTF-8 strictly: a broken byte is an error that says where, never a silent U+FFFD. */
public final class Utf8 {
  private Utf8() {}

  /**
   * The whole text of a file; a byte order mark at its start is left out.
   *
   * @throws IOException if the file is not there, cannot be read, is empty, or has a byte that is
   *     not UTF-8
   */
  public static String read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    }
    if (bytes.length == 0) {
      throw new IOException(file + " is empty; a text of at least one character is needed");
    }
    return decode(bytes, file.toString());
  }

  static String decode(byte[] bytes, String where) throws IOException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is not UTF-8: byte %d, counted from 0, is 0x%02X",
              where,
              in.position(),
              bytes[in.position()] & 0xFF));
    }
    decoder.flush(out);
    String text = out.flip().toString();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }
}
