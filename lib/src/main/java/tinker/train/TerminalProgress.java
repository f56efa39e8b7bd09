package tinker.train;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Progress on a terminal: one line on the error stream, rewritten in place. Where nobody watches
 * (output to a file or a pipe) only the last line is written.
 */
final class TerminalProgress implements Progress {
  private final PrintStream out;
  private final boolean inPlace;
  private String title = "";
  private int width;

  TerminalProgress() {
    this(System.err, System.console() != null);
  }

  TerminalProgress(PrintStream out, boolean inPlace) {
    this.out = out;
    this.inPlace = inPlace;
  }

  @Override
  public void start(String text) {
    title = text;
  }

  @Override
  public void step(double fraction, String text, Map<String, String> metrics, Duration left) {
    if (!inPlace) {
      return;
    }
    String numbers =
        metrics.entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining("  "));
    rewrite(
        title
            + ": "
            + text
            + "  "
            + Math.round(100 * fraction)
            + " %  "
            + numbers
            + "  "
            + Progress.readable(left)
            + " left");
  }

  @Override
  public void finish(String text, Map<String, String> metrics) {
    if (inPlace) {
      rewrite(title + ": " + text);
      out.println();
    } else {
      out.println(title + ": " + text);
    }
    out.flush();
  }

  private void rewrite(String line) {
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    out.flush();
    width = line.length();
  }
}
