package tinker.train;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * One line that tells how far a long computation is. Calls come in the order {@link #start}, any
 * number of {@link #step}, {@link #finish}, all from the thread that computes, and at most five a
 * second.
 *
 * <p>On a terminal the line is rewritten in place. A notebook installs a line of its own with
 * {@link #use}.
 */
public interface Progress {
  /**
   * The work begins.
   *
   * @param text what is being done, such as {@code "Training LSTM 2x128"}
   */
  void start(String text);

  /**
   * The work goes on.
   *
   * @param fraction share of the work that is done, in [0, 1]
   * @param text where it is, such as {@code "epoch 3 of 8"}
   * @param metrics what to show beside it, name and formatted value, in order
   * @param left estimate of the time still needed
   */
  void step(double fraction, String text, Map<String, String> metrics, Duration left);

  /**
   * The work is over, for whatever reason.
   *
   * @param text one sentence that says how it ended
   * @param metrics what to show beside it, name and formatted value, in order
   */
  void finish(String text, Map<String, String> metrics);

  /** From now on, each long computation shows itself through a line that {@code maker} makes. */
  static void use(Supplier<Progress> maker) {
    Holder.MAKER.set(maker);
  }

  /** A new line, made as {@link #use} said, or for the terminal. */
  static Progress create() {
    return Objects.requireNonNull(Holder.MAKER.get()).get();
  }

  /** A line that shows nothing. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void start(String text) {}

      @Override
      public void step(double fraction, String text, Map<String, String> metrics, Duration left) {}

      @Override
      public void finish(String text, Map<String, String> metrics) {}
    };
  }

  /** Such as {@code 8 s}, {@code 3 min 20 s} or {@code 2 h 05 min}. */
  static String readable(Duration time) {
    long seconds = Math.max(0, Math.round(time.toMillis() / 1000.0));
    return seconds < 60
        ? seconds + " s"
        : seconds < 3600
            ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
            : String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }

  /** Keeps the one changeable thing out of sight. */
  final class Holder {
    private static final AtomicReference<Supplier<Progress>> MAKER =
        new AtomicReference<>(TerminalProgress::new);

    private Holder() {}
  }
}
