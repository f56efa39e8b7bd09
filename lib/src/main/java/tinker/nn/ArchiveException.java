package tinker.nn;

import java.io.IOException;

/** A file that is no archive of this library, of another version, or not as it was written. */
public final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param message one sentence for the user
   */
  public ArchiveException(String message) {
    super(message);
  }

  /**
   * @param message one sentence for the user
   * @param cause what was met
   */
  public ArchiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
