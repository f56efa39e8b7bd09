package tinker.nn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A file of this library: named tensors and texts, with a format version and a checksum over every
 * byte. It is a safetensors file too, so PyTorch reads the weights in it:
 *
 * <pre>{@code
 * var builder = Archive.builder("model");
 * builder.text("configuration", json);
 * Weights.save(block, builder);
 * Archive.write(builder, file);
 *
 * Safetensors back = Archive.read(file);           // refuses what is not whole and as it was
 * back.metadata().get("configuration");
 * }</pre>
 *
 * <p>Reading one runs no code from it.
 */
public final class Archive {
  /** The version of the format that is written, and the only one that is read. */
  public static final int VERSION = 1;

  private static final String PROGRAM = "tinker";
  private static final String UNSIGNED = "0".repeat(64);

  private Archive() {}

  /**
   * An empty archive.
   *
   * @param kind what it holds, such as {@code "model"}; comes back as {@code
   *     metadata().get("kind")}
   */
  public static Safetensors.Builder builder(String kind) {
    return new Safetensors.Builder()
        .text("program", PROGRAM)
        .text("version", Integer.toString(VERSION))
        .text("sha256", UNSIGNED)
        .text("kind", kind);
  }

  /**
   * Writes what {@code builder} from {@link #builder} has collected. Whatever happens on the way,
   * {@code file} is either as it was or complete.
   *
   * @throws IOException if it cannot be written, or would be longer than 2 GB
   */
  public static void write(Safetensors.Builder builder, Path file) throws IOException {
    byte[] bytes = builder.content();
    int at = find(bytes, "\"sha256\":\"" + UNSIGNED + "\"");
    if (at < 0) {
      throw new IllegalArgumentException("the builder must come from Archive.builder");
    }
    byte[] signature = sha256(bytes).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(signature, 0, bytes, at + "\"sha256\":\"".length(), signature.length);
    Safetensors.writeWhole(file, bytes);
  }

  /**
   * Reads an archive.
   *
   * @throws ArchiveException if it is not one of this library's, of another version, or not as it
   *     was written
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new ArchiveException("there is no file " + file);
    }
    if (Files.isDirectory(file)) {
      throw new ArchiveException(file + " is a folder; name a file in it");
    }
    if (Files.size(file) > Integer.MAX_VALUE - 8) {
      throw new ArchiveException(file + " is longer than 2 GB: not a file that tinker wrote");
    }
    byte[] bytes = Files.readAllBytes(file);
    Safetensors content;
    try {
      content = Safetensors.parse(bytes, file.toString());
    } catch (SafetensorsException e) {
      if (bytes.length < 9 || bytes[8] != '{') {
        throw new ArchiveException(
            file
                + " is no file that tinker wrote: it does not begin as a saved model or a saved run"
                + " does (with a safetensors header)",
            e);
      }
      throw new ArchiveException(
          "not a file that tinker wrote, or a damaged one: " + e.getMessage(), e);
    }
    var metadata = content.metadata();
    String version = metadata.get("version");
    String signature = metadata.get("sha256");
    if (!PROGRAM.equals(metadata.get("program")) || version == null || signature == null) {
      throw new ArchiveException(
          file + " is a safetensors file, but not one that tinker wrote; read it with Safetensors");
    }
    if (!version.equals(Integer.toString(VERSION))) {
      throw new ArchiveException(
          String.format(
              Locale.ROOT,
              "%s has the format version %s; this version of tinker reads %d",
              file,
              version,
              VERSION));
    }
    int at = find(bytes, "\"sha256\":\"" + signature + "\"");
    // The tensors lie behind the header, so they do not see what is done to it here.
    boolean whole = signature.length() == UNSIGNED.length() && at >= 0;
    if (whole) {
      int from = at + "\"sha256\":\"".length();
      Arrays.fill(bytes, from, from + signature.length(), (byte) '0');
      whole = sha256(bytes).equals(signature);
    }
    if (!whole) {
      throw new ArchiveException(
          file + " is damaged: its bytes are not those that were written (SHA-256 differs)");
    }
    return content;
  }

  /**
   * Where the only occurrence of {@code text} in the header begins; -1 if there is not just one.
   *
   * @param bytes a safetensors file whose header is whole
   */
  static int find(byte[] bytes, String text) {
    byte[] sought = text.getBytes(StandardCharsets.UTF_8);
    long end = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int found = -1;
    // A quotation mark inside a text is escaped in JSON, so this cannot be met inside one.
    for (int i = 8; i + sought.length <= end; i++) {
      if (bytes[i] == sought[0]
          && Arrays.equals(bytes, i, i + sought.length, sought, 0, sought.length)) {
        if (found >= 0) {
          return -1;
        }
        found = i;
      }
    }
    return found;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
