package tinker.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over numbers and texts, each with its length, so that no two rows of them run together.
 */
final class Fingerprint {
  private final MessageDigest digest;

  Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Fingerprint add(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * (numbers.length + 1)).putInt(numbers.length);
    for (int number : numbers) {
      bytes.putInt(number);
    }
    digest.update(bytes.flip());
    return this;
  }

  Fingerprint add(String... texts) {
    add(texts.length);
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      add(bytes.length);
      digest.update(bytes);
    }
    return this;
  }

  Fingerprint add(boolean... flags) {
    for (boolean flag : flags) {
      add(flag ? 1 : 0);
    }
    return this;
  }

  /** In hexadecimal; to be asked for once. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
