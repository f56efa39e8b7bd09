package tinker.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A prediction, recorded before the cell that answers it and compared with what came. Left blank,
 * it says nothing.
 *
 * <pre>{@code
 * Double guess = null;                                   // your number in place of null
 * var prediction = Predict.number("Loss on the test text at order 10, in nats?", guess);
 * ...
 * prediction.compare(2.41, "most histories of 10 characters have never been seen before");
 * }</pre>
 */
public final class Predict {
  private final String question;
  private final @Nullable String problem;
  private final @Nullable Object guess;

  private Predict(String question, @Nullable Object guess, @Nullable String problem) {
    this.question = question;
    this.guess = problem == null ? guess : null;
    this.problem = problem;
  }

  /**
   * A number.
   *
   * @param guess null if left blank
   */
  public static Predict number(String question, @Nullable Number guess) {
    return new Predict(question, guess, null);
  }

  /**
   * One of several answers.
   *
   * @param options what there is to choose from
   * @param guess one of them, or null if left blank
   */
  public static Predict choice(String question, List<String> options, @Nullable String guess) {
    String problem =
        guess == null || options.contains(guess)
            ? null
            : "\""
                + guess
                + "\" is none of the answers to choose from: "
                + String.join(" | ", options);
    return new Predict(question, guess, problem);
  }

  /**
   * An order, first to last.
   *
   * @param items what is to be ordered
   * @param guess the same items in the predicted order, or null if left blank
   */
  public static Predict order(String question, List<String> items, @Nullable List<String> guess) {
    String problem = null;
    if (guess != null && !sorted(guess).equals(sorted(items))) {
      problem =
          String.join(", ", guess)
              + " is not an order of "
              + String.join(", ", items)
              + "; each must stand there once";
    }
    return new Predict(question, guess == null ? null : List.copyOf(guess), problem);
  }

  private static List<String> sorted(List<String> items) {
    return items.stream().sorted().toList();
  }

  /** Shows the prediction beside what came. Says nothing if it was left blank. */
  public void compare(Object actual, String why) {
    if (problem != null) {
      Screen.current().show(Renderings.of(Show.text(problem)));
    }
    if (guess == null) {
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("you predicted", shown(guess)));
    rows.add(List.of("what came", shown(actual)));
    String how = how(guess, actual);
    if (!how.isEmpty()) {
      rows.add(List.of("", how));
    }
    var text = new StringBuilder(question);
    rows.forEach(row -> text.append("\n  ").append(row.get(0)).append(": ").append(row.get(1)));
    String because = "Why: " + why;
    Screen.current()
        .show(
            Rich.html(
                "<div class=\"tinker-prediction\" style=\"border-left:4px solid"
                    + " var(--jp-brand-color1,#0072b2);padding:4px 12px;"
                    + Markup.TEXT
                    + "\"><b>"
                    + Markup.escape(question)
                    + "</b>"
                    + Markup.table(List.of(), new boolean[2], rows)
                    + Markup.escape(because)
                    + "</div>",
                text + "\n  " + because));
  }

  private static String shown(Object value) {
    if (value instanceof Number number) {
      return Numbers.plain(number.doubleValue());
    }
    if (value instanceof List<?> list) {
      return String.join(", ", list.stream().map(String::valueOf).toList());
    }
    return String.valueOf(value);
  }

  private static String how(Object guess, Object actual) {
    if (guess instanceof Number g && actual instanceof Number a) {
      double difference = g.doubleValue() - a.doubleValue();
      if (difference == 0) {
        return "exactly";
      }
      String share =
          a.doubleValue() == 0
              ? ""
              : String.format(
                  Locale.ROOT, ", %.0f %%", 100 * Math.abs(difference / a.doubleValue()));
      return Numbers.plain(Math.abs(difference))
          + (difference > 0 ? " too high" : " too low")
          + share;
    }
    if (guess instanceof List<?> g && actual instanceof List<?> a && g.size() == a.size()) {
      long places = 0;
      for (int i = 0; i < g.size(); i++) {
        places += g.get(i).equals(a.get(i)) ? 1 : 0;
      }
      return places + " of " + g.size() + " in their place";
    }
    return guess.equals(actual) ? "as you said" : "not as you said";
  }

  @Override
  public String toString() {
    return guess == null ? question + " (left blank)" : question + " " + shown(guess);
  }
}
