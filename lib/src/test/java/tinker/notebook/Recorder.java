package tinker.notebook;

import java.util.ArrayList;
import java.util.List;

/** A screen that remembers what was shown on it. Close it to put the one before back. */
final class Recorder implements Screen, AutoCloseable {
  final List<Rich> shown = new ArrayList<>();
  final List<Rich> updates = new ArrayList<>();
  private final Screen before = Screen.current();

  Recorder() {
    Screen.use(this);
  }

  @Override
  public void show(Rich output) {
    shown.add(output);
  }

  @Override
  public Place place(Rich output) {
    shown.add(output);
    return updates::add;
  }

  String html() {
    return String.join("\n", shown.stream().map(r -> String.valueOf(r.html())).toList());
  }

  String text() {
    return String.join("\n", shown.stream().map(Rich::text).toList());
  }

  @Override
  public void close() {
    Screen.use(before);
  }
}
