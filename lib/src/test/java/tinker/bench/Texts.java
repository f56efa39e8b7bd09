package tinker.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import tinker.data.Reviews;

/** Texts that several benchmarks measure on. */
final class Texts {
  private Texts() {}

  /**
   * Made-up text of any length with the bundled reviews' statistics: each character is drawn from
   * those that follow the four before it there.
   */
  static String madeUp(int characters) {
    String source = Reviews.bundled().corpus().text();
    Map<String, StringBuilder> followers = new HashMap<>();
    for (int i = 4; i < source.length(); i++) {
      followers
          .computeIfAbsent(source.substring(i - 4, i), key -> new StringBuilder())
          .append(source.charAt(i));
    }
    var random = new Random(1);
    var text = new StringBuilder(source.substring(0, 4));
    while (text.length() < characters) {
      StringBuilder next = followers.get(text.substring(text.length() - 4));
      text.append(
          next == null ? source.substring(0, 4) : next.charAt(random.nextInt(next.length())));
    }
    return text.toString();
  }
}
