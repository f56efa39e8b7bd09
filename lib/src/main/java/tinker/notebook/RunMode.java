package tinker.notebook;

import java.util.Locale;

/** How much work a notebook does. */
public enum RunMode {
  /** The whole work: at most five minutes a notebook on two cores, or on a GPU. */
  FULL,
  /** Just enough to see that every cell works. */
  QUICK;

  /**
   * What the environment variable {@code TINKER_RUN_MODE} says, {@code full} or {@code quick}; full
   * if it is not set.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static RunMode of(String asked) {
    return switch (asked.strip().toLowerCase(Locale.ROOT)) {
      case "", "full" -> FULL;
      case "quick" -> QUICK;
      default ->
          throw new IllegalArgumentException(
              "TINKER_RUN_MODE is \"" + asked + "\"; it must be full or quick");
    };
  }
}
