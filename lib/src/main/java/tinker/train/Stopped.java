package tinker.train;

/**
 * Why training ended.
 *
 * @param reason the kind
 * @param sentence the same for people, with numbers
 */
public record Stopped(Reason reason, String sentence) {
  /** The ways training can end. */
  public enum Reason {
    /** All epochs were gone through. */
    FINISHED,
    /** Validation did not improve for as long as {@link FitOptions#patience} allows. */
    EARLY,
    /** The thread was interrupted; the model is as the last whole update left it. */
    INTERRUPTED,
    /** The loss or the gradient was no longer a number; the last good weights were put back. */
    NOT_A_NUMBER,
    /**
     * The device had no memory left; the model is as the last whole update left it, or, where an
     * update broke off, has the last good weights again.
     */
    OUT_OF_MEMORY
  }

  @Override
  public String toString() {
    return sentence;
  }
}
