package tinker.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file that is not part of this project: where it comes from, what it must be, and on which
 * terms.
 *
 * <p>{@link #file} looks in the folder that the environment variable {@code TINKER_MIRROR} names,
 * then in the cache ({@code TINKER_CACHE}, else the user's cache folder), then downloads into the
 * cache. Whatever the source, size and checksum must be the ones stated here, and the file is kept
 * and given as it came: an archive is never unpacked.
 *
 * @param name file name in the cache
 * @param address where it is downloaded from; null if no stable public address gives this very
 *     file, so that it must be put into the cache or the mirror folder by hand
 * @param bytes its size
 * @param sha256 its checksum, in hexadecimal
 * @param licence on which terms it may be used
 * @param mirrorPath its place within a mirror folder
 * @param origin where to ask for it, as a part of a sentence; empty if the address says it
 */
public record Download(
    String name,
    @Nullable URI address,
    long bytes,
    String sha256,
    String licence,
    String mirrorPath,
    String origin) {
  public Download {
    if (name.isBlank() || name.contains("/") || name.contains("\\") || name.startsWith(".")) {
      throw new IllegalArgumentException(
          "name is \"" + name + "\"; it must be a file name without folders");
    }
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes is " + bytes + "; it must be at least 1");
    }
    sha256 = sha256.toLowerCase(Locale.ROOT);
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256 is \"" + sha256 + "\"; it must be 64 hexadecimal digits");
    }
  }

  /** A file that is downloaded from its address. */
  public Download(
      String name, URI address, long bytes, String sha256, String licence, String mirrorPath) {
    this(name, address, bytes, sha256, licence, mirrorPath, "");
  }

  /** A file that has to be put into its place by hand. */
  static Download byHand(
      String name, long bytes, String sha256, String licence, String mirrorPath, String origin) {
    return new Download(name, null, bytes, sha256, licence, mirrorPath, origin);
  }

  /**
   * The file on this machine, downloaded if need be.
   *
   * @throws IOException if it is not to be had, or is not what it should be; the message says what
   *     to do
   */
  public Path file() throws IOException {
    return Cache.ofEnvironment().get(this);
  }
}
