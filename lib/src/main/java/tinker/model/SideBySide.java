package tinker.model;

import java.util.List;
import java.util.function.Function;

/**
 * The one decision how texts that are written side by side are computed.
 *
 * <p>A step of all texts of a recurrent model costs plain Java a pass through the weights for each
 * text, and a device the time to be told what to do, whatever the number. So the device is taken on
 * a GPU, from two texts on, once texts times weights reach thirty million: a hundred texts with a
 * 2-layer LSTM of 128, eight with one of 512. One text of such a model alone, and on the CPU all of
 * them, is plain Java, whose numbers are the same in every bit whatever stands beside a text. For
 * models that only the engine computes see {@link #inOneCall}.
 *
 * <p>The thirty million is reckoned, not measured: plain Java does some ten thousand million
 * weights a second on each core, and a device's step was taken to cost half a millisecond.
 */
final class SideBySide {
  /** Texts at once in plain Java; more gain little, and their distributions fill the memory. */
  static final int PLAIN_ROWS = 64;

  /** Texts at once on a device. */
  static final int DEVICE_ROWS = 1024;

  private static final long LARGE = 30_000_000;

  private SideBySide() {}

  /**
   * @param gpu whether the weights lie on a GPU
   * @param rows texts side by side
   * @param weights of the model
   */
  static boolean onDevice(boolean gpu, int rows, long weights) {
    return gpu && rows > 1 && rows * weights >= LARGE;
  }

  /**
   * Whether the texts of a model that only the engine computes are given to it together: on a GPU.
   * On the CPU each has a call of its own, so that its numbers do not depend on what stands beside.
   */
  static boolean inOneCall(boolean gpu, int rows) {
    return gpu && rows > 1;
  }

  /** Copies of a state whose model only the engine computes. */
  static LanguageModel.States copies(
      LanguageModel.State origin,
      int rows,
      boolean gpu,
      Function<List<LanguageModel.State>, double[][]> atOnce) {
    return inOneCall(gpu, rows)
        ? SeparateStates.of(origin, rows, atOnce)
        : SeparateStates.of(origin, rows);
  }

  /** How many texts are worth stepping at once. */
  static int rows(boolean gpu) {
    return gpu ? DEVICE_ROWS : PLAIN_ROWS;
  }
}
