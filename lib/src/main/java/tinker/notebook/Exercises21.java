package tinker.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The exercises of notebook 21. */
final class Exercises21 {
  private static final String NOTEBOOK = "21-clinic";

  /** The patients that the notebook leaves to the learner. */
  private static final List<Integer> LEFT = List.of(1, 6, 7, 15, 18);

  private Exercises21() {}

  static List<Exercise> all() {
    return List.of(floor(), honest(), round());
  }

  private static Exercise floor() {
    return Authoring.value("21-1", NOTEBOOK, Number.class)
        .expect(() -> Math.log(Math.E + 23) - 1, 1e-3)
        .mistake(v -> v.doubleValue() == 0, "took the loss of a sure model that is handed logits")
        .mistake(
            v -> Math.abs(v.doubleValue() - Math.log(24)) < 1e-3,
            "gave the loss of guessing; the surest outputs do a little better")
        .mistake(
            v -> Math.abs(v.doubleValue() - (Math.log(Math.E + 24) - 1)) < 1e-3,
            "counted 24 others; beside the right one there are 23")
        .hint("Which outputs would the loss like best, if they must lie between 0 and 1?")
        .hint("1 for the right answer and 0 for the 23 others. Now take the softmax of these.")
        .hint("The right answer gets e / (e + 23); the loss is minus its logarithm.")
        .why(
            "A loss that never falls below a number like this one, however long one trains, is the"
                + " mark of a softmax too many.")
        .examples(2.2472, 3.1781);
  }

  private static Exercise honest() {
    return Authoring.<Function<double[], Double>, double[], Double>function(
            "21-2", NOTEBOOK, Function.class, Function::apply)
        .reference(p -> mean(p, 0), 1e-9)
        .on(
            new double[] {0.5, 0.25},
            new double[] {1},
            new double[] {0.5, 0, 0.25},
            new double[] {0.1, 0.2, 0.3, 0.4})
        .mistake(
            p -> mean(p, 1), "left out what was held for impossible: it is the part that counts")
        .mistake(p -> mean(p, 2), "put a small number in place of 0; who chose it?")
        .mistake(p -> mean(p, 3), "took the logarithm of the mean, not the mean of the logarithms")
        .mistake(p -> mean(p, 4), "gave bits; asked are nats")
        .hint("What does one event cost that the model held for impossible?")
        .hint("Minus the logarithm of each probability, then the mean over all of them.")
        .hint("-Math.log(0) is Infinity in Java, and so is a mean with it: let it be.")
        .why("A metric that may not say \"infinite\" will say something that is not true.")
        .examples(p -> 0.0, Exercises21::fails);
  }

  private static Double fails(double[] probabilities) {
    throw new ArithmeticException("/ by zero");
  }

  /** {@code slip} 1 to 4 makes a usual mistake. */
  private static Double mean(double[] probabilities, int slip) {
    double[] counted =
        slip == 1
            ? Arrays.stream(probabilities).filter(p -> p > 0).toArray()
            : slip == 2
                ? Arrays.stream(probabilities).map(p -> Math.max(p, 1e-10)).toArray()
                : probabilities;
    if (slip == 3) {
      return -Math.log(Arrays.stream(counted).average().orElse(Double.NaN));
    }
    double nats = Arrays.stream(counted).map(p -> -Math.log(p)).average().orElse(Double.NaN);
    return slip == 4 ? nats / Math.log(2) : nats;
  }

  private static Exercise round() {
    Map<Integer, String> right = new TreeMap<>();
    LEFT.forEach(number -> right.put(number, Clinic.fault(number).title()));
    Map<Integer, String> wrong = new TreeMap<>(right);
    wrong.put(LEFT.get(0), "dead ReLUs");
    @SuppressWarnings("unchecked")
    Class<Map<Integer, String>> type = (Class<Map<Integer, String>>) (Class<?>) Map.class;
    return Authoring.experiment("21-3", NOTEBOOK, type)
        .criterion(
            given -> correct(given) == LEFT.size(),
            given ->
                String.format(
                    Locale.ROOT, "%d of %d diagnoses are right", correct(given), LEFT.size()),
            "the diagnoses of patients " + LEFT + ", as a map from number to title")
        .mistake(
            given -> !given.keySet().containsAll(LEFT),
            "not every one of these patients has a diagnosis yet")
        .hint("What does a patient's loss before training say, beside ln V?")
        .hint(
            "patient.diagnose(...) says what speaks for or against a guess; use it as often as you like.")
        .hint("Doctor.examine(patient) shows every exam with its evidence.")
        .why(
            "Most faults show in the first minute, before any long training: in the data, in the loss"
                + " at the start, in one batch run twice.")
        .examples(right, wrong);
  }

  private static long correct(Map<Integer, String> given) {
    return LEFT.stream()
        .filter(
            number ->
                Clinic.fault(number)
                    .title()
                    .equalsIgnoreCase(given.getOrDefault(number, "").strip()))
        .count();
  }
}
