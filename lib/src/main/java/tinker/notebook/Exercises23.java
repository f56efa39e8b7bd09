package tinker.notebook;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The exercises of notebook 23. */
final class Exercises23 {
  private static final String NOTEBOOK = "23-spark";

  private Exercises23() {}

  static List<Exercise> all() {
    return List.of(lost(), moved(), machines());
  }

  private static Exercise lost() {
    return Authoring.value("23-1", NOTEBOOK, Number.class)
        .expect(() -> 49L * 5, 0)
        .mistake(v -> v.longValue() == 250, "counted 50 cuts; 50 pieces have 49 between them")
        .mistake(v -> v.longValue() == 49L * 6, "six characters have five places between them")
        .mistake(v -> v.longValue() == 49, "counted one n-gram for each cut; several lie across it")
        .mistake(v -> v.longValue() == 999_750, "gave how many are left")
        .hint("How many n-grams of 6 characters lie across one cut?")
        .hint("Those that begin 1, 2, 3, 4 or 5 characters before it.")
        .hint("50 pieces come from 49 cuts.")
        .why(
            "It is a fraction so small that nobody would see it in a picture; a sum that has to"
                + " agree shows it at once.")
        .examples(245, 250);
  }

  private static Exercise moved() {
    return Authoring.<Function<List<List<String>>, Integer>, List<List<String>>, Integer>function(
            "23-2", NOTEBOOK, Function.class, Function::apply)
        .reference(Exercises23::distinctInEach, 0)
        .on(
            List.of(List.of("an", "ba", "an"), List.of("an", "ab")),
            List.of(List.of("a", "a", "a", "a")),
            List.of(List.of("a"), List.of("a"), List.of("a")),
            List.of(List.of(), List.of("b", "b")),
            List.of())
        .mistake(
            partitions -> partitions.stream().mapToInt(List::size).sum(),
            "counted what groupByKey moves; each partition adds up its own first")
        .mistake(
            partitions -> (int) partitions.stream().flatMap(Collection::stream).distinct().count(),
            "counted the different n-grams of all; one that two partitions have is sent twice")
        .hint("How many records does one partition send, if it has seen `an` twice and `ba` once?")
        .hint("One for each different n-gram it has seen.")
        .hint("Add up the sizes of the sets: new HashSet<>(partition).size().")
        .why(
            "More partitions move more: each has its own first time of every n-gram. That is the"
                + " price of cutting finer than the machines need.")
        .examples(
            partitions -> partitions.size(),
            partitions -> {
              throw new IndexOutOfBoundsException("Index 0 out of bounds for length 0");
            });
  }

  private static int distinctInEach(List<List<String>> partitions) {
    return partitions.stream().mapToInt(p -> p.stream().collect(Collectors.toSet()).size()).sum();
  }

  private static Exercise machines() {
    return Authoring.<Function<double[], Integer>, double[], Integer>function(
            "23-3", NOTEBOOK, Function.class, Function::apply)
        .reference(given -> fewest(given, 2, true), 0)
        .on(
            new double[] {1, 0.5e6, 100e6},
            new double[] {0.4, 13.6e6, 125e6},
            new double[] {60, 20e6, 125e6},
            new double[] {1e6, 1, 1e9},
            new double[] {0, 1e6, 125e6},
            new double[] {0.42, 10e6, 100e6})
        .mistake(
            given -> fewest(given, 1, true), "counted one way; weights go out and sums come back")
        .mistake(
            given -> fewest(given, 2, false),
            "let a machine alone send to itself; with one machine nothing is sent")
        .hint("What does a step take with one machine, and what with two?")
        .hint("seconds / k + k * 2 * bytes / rate from two machines on.")
        .hint("Try all k from 1 to 1,000, and keep the first that is shorter than all before.")
        .why(
            "The best number grows only with the root of the ratio of computing to sending: four"
                + " times the work is worth twice the machines. All-reduce exists to get rid of"
                + " the k in front of the second term.")
        .examples(
            given -> 1000,
            given -> {
              throw new ArithmeticException("/ by zero");
            });
  }

  private static int fewest(double[] given, int ways, boolean aloneIsFree) {
    return IntStream.rangeClosed(1, 1000)
        .boxed()
        .min(
            (a, b) ->
                Double.compare(
                    step(given, a, ways, aloneIsFree), step(given, b, ways, aloneIsFree)))
        .orElseThrow();
  }

  private static double step(double[] given, int k, int ways, boolean aloneIsFree) {
    double sending = k == 1 && aloneIsFree ? 0 : k * ways * given[1] / given[2];
    return given[0] / k + sending;
  }
}
