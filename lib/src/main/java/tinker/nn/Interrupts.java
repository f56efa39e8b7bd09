package tinker.nn;

import java.util.concurrent.CancellationException;

/** The stop button, in long computations that give no result when they are broken off. */
public final class Interrupts {
  private Interrupts() {}

  /**
   * Ends the computation if its thread is interrupted, whose flag is cleared.
   *
   * @param where it was, such as {@code " after 3 of 8 steps"}; may be empty
   * @throws CancellationException if it is
   */
  public static void check(String where) {
    if (Thread.interrupted()) {
      throw new CancellationException("interrupted" + where);
    }
  }
}
