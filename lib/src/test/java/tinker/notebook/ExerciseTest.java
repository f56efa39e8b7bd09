package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ExerciseTest {
  /** Every exercise of every notebook, each check in its four states. */
  @TestFactory
  Stream<DynamicTest> everyCheckTellsFourStatesApart() {
    return Shelf.all().stream()
        .map(exercise -> DynamicTest.dynamicTest(exercise.id(), () -> fourStates(exercise)));
  }

  private static void fourStates(Exercise exercise) {
    assertThat(exercise.check((Object) null).state()).isEqualTo(Verdict.State.NOT_ATTEMPTED);

    Verdict right = exercise.check(exercise.rightExample());
    assertThat(right.state()).as(right.toString()).isEqualTo(Verdict.State.RIGHT);
    assertThat(right.lines()).allSatisfy(line -> assertThat(line).isNotBlank());
    assertThat(right.lines()).as("why it matters").hasSizeGreaterThanOrEqualTo(3);

    Verdict wrong = exercise.check(exercise.wrongExample());
    assertThat(wrong.state()).as(wrong.toString()).isEqualTo(Verdict.State.WRONG);
    assertThat(wrong.toString()).contains("yours:");

    Supplier<Object> throwing =
        () -> {
          throw new IllegalStateException("on purpose");
        };
    Verdict threw = exercise.check(throwing);
    assertThat(threw.state()).isEqualTo(Verdict.State.THREW);
    assertThat(threw.toString()).contains("on purpose").doesNotContain("\tat ");
    Object function = exercise.throwingExample();
    if (function != null) {
      Verdict within = exercise.check(function);
      assertThat(within.state()).as(within.toString()).isEqualTo(Verdict.State.THREW);
      assertThat(within.toString()).contains("input:").doesNotContain("\tat ");
    }

    assertThat(exercise.check(new Object[] {new Object()}).right()).isFalse();
    assertThat(exercise.hints()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(exercise.hints().get(0)).as("the first hint asks").endsWith("?");
    assertThat(exercise.id()).matches("\\d\\d-\\d+");
    assertThat(exercise.solution().text()).contains("solutions/" + exercise.id().substring(0, 2));
  }

  private static Exercise value() {
    return Authoring.value("90-1", "90-trial", Double.class)
        .expect(() -> 0.5, 1e-3)
        .mistake(v -> v == 50.0, "wrote per cent")
        .hint("A question?")
        .hint("An answer.")
        .why("Because.")
        .examples(0.5, 0.6);
  }

  @Test
  void aValueIsShownFirstAndItsMistakeNamed() {
    assertThat(value().check(50.0).toString())
        .isEqualTo("\u2717 Not yet\n  yours: 50.0\n  It looks as if you wrote per cent.");
    assertThat(value().check(0.5009).right()).isTrue();
    assertThat(value().check(0.5011).right()).isFalse();
    assertThat(value().check(0.5).lines()).contains("Because.");
  }

  @Test
  void anotherKindOfThingIsSaidToBeOne() {
    Verdict verdict = value().check("0.5");
    assertThat(verdict.state()).isEqualTo(Verdict.State.WRONG);
    assertThat(verdict.toString()).contains("yours: \"0.5\", a text", "asked: a number");
  }

  private static Exercise sorting() {
    return Authoring.<Function<int[], int[]>, int[], int[]>function(
            "90-2", "90-trial", Function.class, Function::apply)
        .reference(
            a -> {
              int[] sorted = a.clone();
              Arrays.sort(sorted);
              return sorted;
            },
            0)
        .on(new int[] {3, 1, 2}, new int[] {}, new int[] {1, 1})
        .mistake(a -> a, "gave back the array as it was")
        .hint("A question?")
        .why("Because.")
        .examples(
            a -> new int[0],
            a -> {
              throw new ArithmeticException("/ by zero");
            });
  }

  @Test
  void aFunctionThatChangesItsInputDoesNotSpoilTheExpectedValue() {
    Function<int[], int[]> inPlace =
        a -> {
          Arrays.sort(a);
          return a;
        };
    Verdict verdict = sorting().check(inPlace);
    assertThat(verdict.right()).as(verdict.toString()).isTrue();
    assertThat(verdict.toString()).contains("all 3 inputs", "[3, 1, 2] gives [1, 2, 3]");
  }

  @Test
  void theFirstInputThatDiffersIsShown() {
    Function<int[], int[]> same = a -> a;
    Verdict verdict = sorting().check(same);
    assertThat(verdict.lines())
        .containsExactly(
            "Not yet: right on 2 of 3 inputs",
            "input:    [3, 1, 2]",
            "yours:    [3, 1, 2]",
            "expected: [1, 2, 3]",
            "It looks as if you gave back the array as it was.");
  }

  @Test
  void anExceptionIsOneLine() {
    Function<int[], int[]> broken = a -> new int[] {a[5]};
    Verdict verdict = sorting().check(broken);
    assertThat(verdict.lines())
        .containsExactly(
            "It ended in an exception",
            "input: [3, 1, 2]",
            "ArrayIndexOutOfBoundsException: Index 5 out of bounds for length 3");
    assertThat(verdict.rich().html()).doesNotContain("\tat ");
    Function<int[], int[]> endless =
        a -> {
          throw new StackOverflowError();
        };
    assertThat(sorting().check(endless).state()).isEqualTo(Verdict.State.THREW);
  }

  @Test
  void hintsComeOneByOne() {
    assertThat(value().hint(1).text()).isEqualTo("Hint 1 of 2: A question?");
    Exercise exercise = Shelf.all().get(0);
    String first = exercise.hint().text();
    String second = exercise.hint().text();
    assertThat(first).startsWith("Hint 1").endsWith("?");
    assertThat(second).startsWith("Hint 2");
    assertThatThrownBy(() -> value().hint(3))
        .hasMessage("hint 3 of exercise 90-1; there are hints 1 to 2");
  }

  @Test
  void anUnknownExerciseIsNamed() {
    assertThatThrownBy(() -> Exercise.of("77-1")).hasMessageContaining("no exercise \"77-1\"");
  }

  @Test
  void answersInHtmlAreEscaped() {
    Exercise text =
        Authoring.value("90-3", "90-trial", String.class)
            .expect(() -> "a", 0)
            .hint("?")
            .examples("a", "b");
    assertThat(text.check("<script>alert(1)</script>").rich().html())
        .contains("&lt;script&gt;")
        .doesNotContain("<script>");
  }

  @Test
  void sameKnowsTolerancesAndNesting() {
    assertThat(Answers.same(new double[] {1, 2}, List.of(1.0, 2.0004), 1e-3)).isTrue();
    assertThat(Answers.same(new double[] {1, 2}, List.of(1.0, 2.004), 1e-3)).isFalse();
    assertThat(Answers.same(1, 1L, 0)).isTrue();
    assertThat(Answers.same(1, 2, 10)).as("whole numbers are exact").isFalse();
    assertThat(Answers.same(Double.NaN, 1.0, 1e9)).isFalse();
    assertThat(Answers.same(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY, 0)).isTrue();
    assertThat(Answers.same(new double[][] {{1}, {2, 3}}, new double[][] {{1}, {2, 3}}, 0))
        .isTrue();
    assertThat(Answers.same(null, null, 0)).isTrue();
    assertThat(Answers.same(null, 1, 0)).isFalse();
  }
}
