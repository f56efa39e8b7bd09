package tinker.model;

import java.util.concurrent.CancellationException;

/** The stop button, in long computations that no training contains. */
final class Interrupts {
  private Interrupts() {}

  /**
   * Ends the computation if its thread is interrupted, whose flag is cleared.
   *
   * @throws CancellationException if it is
   */
  static void check() {
    if (Thread.interrupted()) {
      throw new CancellationException("interrupted");
    }
  }
}
