package tinker.notebook;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import tinker.data.Pairs;
import tinker.text.Pair;

/** The exercises of notebook 17. */
final class Exercises17 {
  private static final String NOTEBOOK = "17-bimpm-paper-and-data";
  private static final double ENOUGH = 0.95;

  private Exercises17() {}

  static List<Exercise> all() {
    return List.of(averagePrecision(), mcNemar(), roleSwap());
  }

  private static Exercise averagePrecision() {
    return Authoring.value("17-1", NOTEBOOK, Number.class)
        .expect(() -> 0.45, 1e-3)
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.5) < 1e-9,
            "gave the reciprocal rank, which looks at the first right one only")
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.35) < 1e-9,
            "took one over each place; at place 5 there are two right ones so far")
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.9) < 1e-9,
            "did not divide by the number of right answers")
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.15) < 1e-9,
            "divided by the number of candidates; divide by that of right answers")
        .hint("At each right answer, what share of the candidates down to there is right?")
        .hint("At place 2 it is 1 of 2, at place 5 it is 2 of 5.")
        .hint("(1/2 + 2/5) / 2.")
        .why("A right answer far down costs little as soon as another one stands on top.")
        .examples(0.45, 0.5);
  }

  private static Exercise mcNemar() {
    return Authoring.<ToDoubleBiFunction<Integer, Integer>, int[], Double>function(
            "17-2",
            NOTEBOOK,
            ToDoubleBiFunction.class,
            (function, bc) -> function.applyAsDouble(bc[0], bc[1]))
        .reference((b, c) -> Math.min(1, 2 * tail(Math.min(b, c), b + c)), 1e-9)
        .on(
            new int[] {8, 2},
            new int[] {2, 8},
            new int[] {0, 0},
            new int[] {5, 5},
            new int[] {10, 0},
            new int[] {120, 90})
        .mistake((b, c) -> Math.min(1, tail(Math.min(b, c), b + c)), "took one tail; take two")
        .mistake((b, c) -> 2 * tail(Math.min(b, c), b + c), "let p pass 1 where both are equal")
        .mistake(
            (b, c) -> Math.min(1, 2 * tail(Math.min(b, c) - 1, b + c)),
            "left out the split that was seen; p counts it and all that are more uneven")
        .mistake((b, c) -> Math.min(1, 2 * tail(b, b + c)), "always summed up to b")
        .hint("If each differing pair were a toss of a coin, how likely would so few heads be?")
        .hint("The term for k = 0 is 0.5^n; the next is the one before times (n - k) / (k + 1).")
        .hint("Sum the terms from 0 to the smaller of b and c, double, and cut at 1.")
        .why(
            "It needs no approximation for small counts, and small counts are the rule where two"
                + " good systems differ.")
        .examples((b, c) -> 0.05, Exercises17::fails);
  }

  private static double fails(int b, int c) {
    throw new ArithmeticException("/ by zero");
  }

  /** The chance of at most {@code k} heads in {@code n} throws. */
  private static double tail(int k, int n) {
    double sum = 0;
    double term = Math.pow(0.5, n);
    for (int i = 0; i <= k; i++) {
      sum += term;
      term *= (double) (n - i) / (i + 1);
    }
    return sum;
  }

  private static Exercise roleSwap() {
    return Authoring.<Function<Pair, String>>experiment("17-3", NOTEBOOK, type())
        .criterion(
            rule -> share(rule) >= ENOUGH,
            rule -> String.format(Locale.ROOT, "right for %.1f %%", 100 * share(rule)),
            String.format(Locale.ROOT, "right for at least %.0f %%", 100 * ENOUGH))
        .mistake(
            rule -> agrees(rule, pair -> byNegation(pair, true)),
            "looked at the negations only; who did it may have changed")
        .mistake(
            rule -> agrees(rule, pair -> byActor(pair, false)),
            "took the second word for the one who acts; in the passive it is the other one")
        .hint("Which words tell you who acts, in the active and in the passive?")
        .hint("A passive has \"is\" as its third word; who acts stands after \"by the\".")
        .hint(
            "Different actors: neutral. The same: entailment if both or neither have \"not\", else"
                + " contradiction.")
        .why("Order is what a bag of words throws away, and what the context layer will keep.")
        .examples(pair -> byActor(pair, true), pair -> byNegation(pair, true));
  }

  @SuppressWarnings("unchecked")
  private static Class<Function<Pair, String>> type() {
    return (Class<Function<Pair, String>>) (Class<?>) Function.class;
  }

  private static List<Pair> unseen() {
    return Pairs.controlled(2000, 20_171_117).where(p -> p.group().equals("role-swap")).all();
  }

  private static double share(Function<Pair, String> rule) {
    List<Pair> pairs = unseen();
    return pairs.stream().filter(p -> p.label().equals(rule.apply(p))).count()
        / (double) pairs.size();
  }

  private static boolean agrees(Function<Pair, String> rule, Function<Pair, String> other) {
    return unseen().stream().allMatch(p -> other.apply(p).equals(rule.apply(p)));
  }

  private static String byNegation(Pair pair, boolean same) {
    boolean agree = pair.firstWords().contains("not") == pair.secondWords().contains("not");
    return !same ? "neutral" : agree ? "entailment" : "contradiction";
  }

  private static String byActor(Pair pair, boolean seesPassive) {
    return byNegation(
        pair, actor(pair.firstWords(), seesPassive).equals(actor(pair.secondWords(), seesPassive)));
  }

  private static String actor(List<String> words, boolean seesPassive) {
    return seesPassive && words.get(2).equals("is")
        ? words.get(words.indexOf("by") + 2)
        : words.get(1);
  }
}
