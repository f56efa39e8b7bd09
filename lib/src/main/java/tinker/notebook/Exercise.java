package tinker.notebook;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tinker.plot.Html;

/**
 * An exercise that checks itself.
 *
 * <pre>{@code
 * Function<String, Integer> mine = null;     // your code here
 * Exercise.of("03-2").check(mine)
 *
 * Exercise.of("03-2").hint()                 // the next hint; the first is a question
 * Exercise.of("03-2").solution()             // where the solution stands
 * }</pre>
 */
public final class Exercise {
  /** Judges an answer that is there. It may throw whatever the learner's code throws. */
  interface Judge {
    Verdict judge(Object answer) throws Throwable;
  }

  private static final Map<String, AtomicInteger> HINTS_SEEN = new HashMap<>();

  private final String id;
  private final String notebook;
  private final Class<?> type;
  private final Judge judge;
  private final List<String> hints;
  private final Object rightExample;
  private final Object wrongExample;
  private final @Nullable Object throwingExample;

  Exercise(
      String id,
      String notebook,
      Class<?> type,
      Judge judge,
      List<String> hints,
      Object rightExample,
      Object wrongExample,
      @Nullable Object throwingExample) {
    this.id = id;
    this.notebook = notebook;
    this.type = type;
    this.judge = judge;
    this.hints = List.copyOf(hints);
    this.rightExample = rightExample;
    this.wrongExample = wrongExample;
    this.throwingExample = throwingExample;
  }

  /**
   * The exercise that a notebook names.
   *
   * @param id such as {@code "03-2"}: notebook and number
   * @throws IllegalArgumentException if there is none
   */
  public static Exercise of(String id) {
    return Shelf.find(id);
  }

  /**
   * Checks an answer.
   *
   * @param answer the learner's value or function; null if there is none yet
   */
  public Verdict check(@Nullable Object answer) {
    if (answer == null) {
      return notAttempted();
    }
    if (!type.isInstance(answer)) {
      return new Verdict(
          Verdict.State.WRONG,
          List.of(
              "Not yet: this is another kind of thing",
              "yours: " + Answers.show(answer) + ", " + Answers.kind(answer),
              "asked: " + asked()));
    }
    try {
      return judge.judge(answer);
    } catch (Throwable e) {
      return threw(null, e);
    }
  }

  /**
   * Checks the answer that {@code code} computes, and tells an answer that is wrong from code that
   * throws.
   */
  public Verdict check(@Nullable Supplier<?> code) {
    if (code == null) {
      return notAttempted();
    }
    Object answer;
    try {
      answer = code.get();
    } catch (Throwable e) {
      return threw(null, e);
    }
    return check(answer);
  }

  private static Verdict notAttempted() {
    return new Verdict(
        Verdict.State.NOT_ATTEMPTED,
        List.of("Not attempted yet", "Put your answer in place of null and run the cell again."));
  }

  /** A verdict on code that threw, in one or two lines; never a stack trace. */
  static Verdict threw(@Nullable String input, Throwable e) {
    if (e instanceof VirtualMachineError && !(e instanceof StackOverflowError)) {
      throw (VirtualMachineError) e;
    }
    String message = e.getMessage();
    String what =
        e.getClass().getSimpleName()
            + (message == null ? "" : ": " + Renderings.shortened(message, 300));
    return new Verdict(
        Verdict.State.THREW,
        input == null
            ? List.of("It ended in an exception", what)
            : List.of("It ended in an exception", "input: " + input, what));
  }

  private String asked() {
    if (Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    return type == String.class ? "a text" : "of the type " + type.getSimpleName();
  }

  /** The next hint that was not asked for yet. */
  public Html hint() {
    synchronized (HINTS_SEEN) {
      AtomicInteger seen = HINTS_SEEN.computeIfAbsent(id, k -> new AtomicInteger());
      return hint(Math.min(hints.size(), seen.incrementAndGet()));
    }
  }

  /**
   * A hint; the first is a question, the last comes close to the answer.
   *
   * @param stage from 1 to the number of hints
   * @throws IllegalArgumentException if there is no such hint
   */
  public Html hint(int stage) {
    if (stage < 1 || stage > hints.size()) {
      throw new IllegalArgumentException(
          "hint " + stage + " of exercise " + id + "; there are hints 1 to " + hints.size());
    }
    String more =
        stage < hints.size()
            ? ""
            : String.format(
                Locale.ROOT, " (the last; Exercise.of(\"%s\").solution() says more)", id);
    String text = "Hint " + stage + " of " + hints.size() + ": " + hints.get(stage - 1) + more;
    return new Html("<div style=\"" + Markup.TEXT + "\">" + Markup.escape(text) + "</div>", text);
  }

  /** Where the solution stands. */
  public Html solution() {
    String file = "solutions/" + notebook + ".ipynb";
    String text = "The solution of exercise " + id + " is in " + file;
    return new Html(
        "<div style=\""
            + Markup.TEXT
            + "\">The solution of exercise "
            + Markup.escape(id)
            + " is in <a href=\""
            + Markup.escape(file)
            + "\">"
            + Markup.escape(file)
            + "</a></div>",
        text);
  }

  String id() {
    return id;
  }

  List<String> hints() {
    return hints;
  }

  Object rightExample() {
    return rightExample;
  }

  Object wrongExample() {
    return wrongExample;
  }

  /** An answer whose code throws, or null if the answer is a plain value. */
  @Nullable Object throwingExample() {
    return throwingExample;
  }

  @Override
  public String toString() {
    return "exercise " + id + " of " + notebook;
  }
}
