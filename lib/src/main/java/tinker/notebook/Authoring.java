package tinker.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How exercises are written down, in three sizes: a value, a function, an experiment. Each states
 * an example of a right answer and of a wrong one (a function also has one that throws), so that a
 * test can run every check in its four states.
 *
 * <pre>{@code
 * Authoring.value("03-1", "03-ngrams", Double.class)
 *     .expect(() -> 2 / Math.log(2), 1e-3)
 *     .mistake(v -> Math.abs(v - 2 * Math.log(2)) < 1e-3, "multiplied where one has to divide")
 *     .hint("How many nats are one bit?")
 *     .hint("One bit is ln 2 nats.")
 *     .why("Bits and nats differ only in the base of the logarithm.")
 *     .examples(2.885, 1.386);
 * }</pre>
 */
final class Authoring {
  private Authoring() {}

  /** A small exercise: one value. */
  static <A> Value<A> value(String id, String notebook, Class<A> type) {
    return new Value<>(id, notebook, type);
  }

  /**
   * A middle exercise: a function, tried on several inputs.
   *
   * @param type what the learner writes, such as {@code Function.class}
   * @param call how the learner's function is applied to one input
   */
  static <F, I, O> Code<F, I, O> function(
      String id, String notebook, Class<? super F> type, Call<F, I, O> call) {
    return new Code<>(id, notebook, type, call);
  }

  /** A large exercise: something that must reach a criterion. */
  static <A> Experiment<A> experiment(String id, String notebook, Class<A> type) {
    return new Experiment<>(id, notebook, type);
  }

  /** Applies a learner's function to one input. */
  interface Call<F, I, O> {
    @Nullable O apply(F function, I input) throws Throwable;
  }

  private record Mistake<A>(Predicate<A> made, String sentence) {}

  /** What all sizes have. */
  abstract static class Draft<A, S extends Draft<A, S>> {
    final String id;
    final String notebook;
    final Class<?> type;
    final List<String> hints = new ArrayList<>();
    String why = "";

    Draft(String id, String notebook, Class<?> type) {
      this.id = id;
      this.notebook = notebook;
      this.type = type;
    }

    abstract S self();

    abstract Verdict judge(A answer) throws Throwable;

    /** The next hint. The first must be a question. */
    S hint(String hint) {
      hints.add(hint);
      return self();
    }

    /** One sentence that says why it matters, shown when the answer is right. */
    S why(String sentence) {
      why = sentence;
      return self();
    }

    @SuppressWarnings("unchecked")
    Exercise build(A right, A wrong, @Nullable Object throwing) {
      // The exercise has tested that the answer is of the type; a type of ours may be generic.
      return new Exercise(
          id, notebook, type, answer -> judge((A) answer), hints, right, wrong, throwing);
    }
  }

  /** One value. */
  static final class Value<A> extends Draft<A, Value<A>> {
    private Supplier<A> expected =
        () -> {
          throw new IllegalStateException("no value was said to be expected");
        };
    private double tolerance;
    private final List<Mistake<A>> mistakes = new ArrayList<>();

    Value(String id, String notebook, Class<A> type) {
      super(id, notebook, type);
    }

    @Override
    Value<A> self() {
      return this;
    }

    /** The right value; numbers with a fraction may differ by {@code tolerance}. */
    Value<A> expect(Supplier<A> expected, double tolerance) {
      this.expected = expected;
      this.tolerance = tolerance;
      return this;
    }

    /** A usual mistake: how it is recognised, and what to say. */
    Value<A> mistake(Predicate<A> made, String sentence) {
      mistakes.add(new Mistake<>(made, sentence));
      return this;
    }

    Exercise examples(A right, A wrong) {
      return build(right, wrong, null);
    }

    @Override
    Verdict judge(A answer) {
      String yours = "yours: " + Answers.show(answer);
      A right = expected.get();
      if (Answers.same(answer, right, tolerance)) {
        return new Verdict(
            Verdict.State.RIGHT, List.of("Right", yours + within(right, tolerance), why));
      }
      var lines = new ArrayList<>(List.of("Not yet", yours));
      if (!Answers.sameKind(answer, right)) {
        lines.add("asked: " + Answers.kind(right));
      }
      named(mistakes, answer, lines);
      return new Verdict(Verdict.State.WRONG, lines);
    }
  }

  private static <A> void named(List<Mistake<A>> mistakes, A answer, List<String> lines) {
    for (Mistake<A> mistake : mistakes) {
      if (mistake.made().test(answer)) {
        lines.add("It looks as if you " + mistake.sentence() + ".");
        return;
      }
    }
  }

  private static String within(Object expected, double tolerance) {
    return tolerance == 0 || expected instanceof String
        ? ""
        : String.format(Locale.ROOT, " (within %s)", tolerance);
  }

  /** A function. */
  static final class Code<F, I, O> extends Draft<F, Code<F, I, O>> {
    private final Call<F, I, O> call;
    private final List<I> inputs = new ArrayList<>();
    private @Nullable F reference;
    private double tolerance;
    private final List<Mistake<F>> mistakes = new ArrayList<>();
    private Function<I, String> show = Answers::show;

    Code(String id, String notebook, Class<? super F> type, Call<F, I, O> call) {
      super(id, notebook, type);
      this.call = call;
    }

    @Override
    Code<F, I, O> self() {
      return this;
    }

    /** A right function, which gives the expected values and is the example of a right answer. */
    Code<F, I, O> reference(F reference, double tolerance) {
      this.reference = reference;
      this.tolerance = tolerance;
      return this;
    }

    /** What it is tried on, in this order; begin with what is easily worked out by hand. */
    @SafeVarargs
    final Code<F, I, O> on(I... inputs) {
      this.inputs.addAll(List.of(inputs));
      return this;
    }

    /** How an input is shown, if its own text does not do. */
    Code<F, I, O> showing(Function<I, String> show) {
      this.show = show;
      return this;
    }

    /** A usual mistake, as a function that makes it: an answer that does the same is told so. */
    Code<F, I, O> mistake(F wrong, String sentence) {
      mistakes.add(new Mistake<>(answer -> agrees(answer, wrong), sentence));
      return this;
    }

    Exercise examples(F wrong, F throwing) {
      return build(Objects.requireNonNull(reference), wrong, throwing);
    }

    @SuppressWarnings("unchecked")
    private @Nullable Object on(F function, I input) throws Throwable {
      return Answers.copy(call.apply(function, (I) Objects.requireNonNull(Answers.copy(input))));
    }

    private boolean agrees(F answer, F other) {
      try {
        for (I input : inputs) {
          if (!Answers.same(on(answer, input), on(other, input), tolerance)) {
            return false;
          }
        }
        return true;
      } catch (Throwable e) {
        return false;
      }
    }

    @Override
    Verdict judge(F answer) throws Throwable {
      F right = Objects.requireNonNull(reference);
      int good = 0;
      List<String> first = null;
      for (I input : inputs) {
        Object expected = on(right, input);
        Object actual;
        try {
          actual = on(answer, input);
        } catch (Throwable e) {
          return Exercise.threw(show.apply(input), e);
        }
        if (Answers.same(actual, expected, tolerance)) {
          good++;
        } else if (first == null) {
          first =
              List.of(
                  "input:    " + show.apply(input),
                  "yours:    " + Answers.show(actual),
                  "expected: " + Answers.show(expected));
        }
      }
      if (first == null) {
        return new Verdict(
            Verdict.State.RIGHT,
            List.of(
                "Right on all " + inputs.size() + " inputs that were tried",
                "for example: "
                    + show.apply(inputs.get(0))
                    + " gives "
                    + Answers.show(on(answer, inputs.get(0))),
                why));
      }
      var lines = new ArrayList<String>();
      lines.add("Not yet: right on " + good + " of " + inputs.size() + " inputs");
      lines.addAll(first);
      named(mistakes, answer, lines);
      return new Verdict(Verdict.State.WRONG, lines);
    }
  }

  /** An experiment. */
  static final class Experiment<A> extends Draft<A, Experiment<A>> {
    private Predicate<A> reached = answer -> false;
    private Function<A, String> found = String::valueOf;
    private String criterion = "";
    private final List<Mistake<A>> mistakes = new ArrayList<>();

    Experiment(String id, String notebook, Class<A> type) {
      super(id, notebook, type);
    }

    @Override
    Experiment<A> self() {
      return this;
    }

    /**
     * When it is reached.
     *
     * @param found what of the answer counts, as a sentence: the learner's own value
     * @param criterion what is asked, as a sentence
     */
    Experiment<A> criterion(Predicate<A> reached, Function<A, String> found, String criterion) {
      this.reached = reached;
      this.found = found;
      this.criterion = criterion;
      return this;
    }

    /** A usual mistake: how it is recognised, and what to say. */
    Experiment<A> mistake(Predicate<A> made, String sentence) {
      mistakes.add(new Mistake<>(made, sentence));
      return this;
    }

    Exercise examples(A right, A wrong) {
      return build(right, wrong, null);
    }

    @Override
    Verdict judge(A answer) {
      String yours = "yours: " + found.apply(answer);
      if (reached.test(answer)) {
        return new Verdict(
            Verdict.State.RIGHT, List.of("Reached", yours, "asked: " + criterion, why));
      }
      var lines = new ArrayList<>(List.of("Not reached yet", yours, "asked: " + criterion));
      named(mistakes, answer, lines);
      return new Verdict(Verdict.State.WRONG, lines);
    }
  }
}
