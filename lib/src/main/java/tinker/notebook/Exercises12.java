package tinker.notebook;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import tinker.generate.Sampler;
import tinker.generate.Temperature;
import tinker.generate.TopP;

/** The exercises of notebook 12. */
final class Exercises12 {
  private static final String NOTEBOOK = "12-sampling";
  private static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY;

  private Exercises12() {}

  static List<Exercise> all() {
    return List.of(backwards(), stable(), typical());
  }

  private static Exercise backwards() {
    return Authoring.value("12-1", NOTEBOOK, Number.class)
        .expect(() -> 2.0, 1e-2)
        .mistake(
            v -> Math.abs(v.doubleValue() - 0.5) < 1e-2,
            "multiplied the log-probabilities where they are divided")
        .hint("How many times as likely is the first token before, and how many times after?")
        .hint("The ratio of two probabilities becomes its own power 1/T. Here 4 becomes 2.")
        .hint("4 to the power 1/T is 2; of which power of 4 is that true?")
        .why(
            "The ratios between tokens are all that a temperature changes: each becomes its own"
                + " power 1/T.")
        .examples(2.0, 0.5);
  }

  /** What a temperature is tried on. */
  private record Setting(double[] logProbabilities, double temperature) {
    static Setting of(double temperature, double... probabilities) {
      return new Setting(Arrays.stream(probabilities).map(Math::log).toArray(), temperature);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "the logarithms of %s, T = %s",
          Arrays.toString(
              Arrays.stream(logProbabilities)
                  .map(l -> Math.rint(1e6 * Math.exp(l)) / 1e6)
                  .toArray()),
          temperature);
    }
  }

  private static Exercise stable() {
    return Authoring.<BiFunction<double[], Double, double[]>, Setting, double[]>function(
            "12-2",
            NOTEBOOK,
            BiFunction.class,
            (f, s) -> f.apply(s.logProbabilities().clone(), s.temperature()))
        .reference((logs, t) -> exp(new Temperature(t).adjust(logs)), 1e-9)
        .on(
            Setting.of(1, 0.5, 0.3, 0.2),
            Setting.of(0.5, 0.5, 0.3, 0.2),
            Setting.of(2, 0.6, 0.4, 0),
            Setting.of(0.01, 0.2, 0.5, 0.3),
            Setting.of(0.001, 0.2, 0.5, 0.3),
            Setting.of(0.0001, 0.25, 0.25, 0.5))
        .showing(Setting::toString)
        .mistake(
            Exercises12::naive,
            "took exp(l / T) as it is: at a low temperature every term underflows to 0, and 0 / 0"
                + " is NaN")
        .hint("What is exp(-1000) in double precision, and what is left to divide by?")
        .hint("Adding one constant to all log-probabilities changes nothing after the division.")
        .hint("Subtract the largest log-probability from each before dividing by T.")
        .why(
            "Subtracting the largest first is what every softmax in every library does: the"
                + " largest term is then exp(0) = 1, so the sum cannot be 0.")
        .examples(
            Exercises12::naive,
            (logs, t) -> {
              throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length 3");
            });
  }

  private static double[] naive(double[] logs, double t) {
    double[] scaled = Arrays.stream(logs).map(l -> Math.exp(l / t)).toArray();
    double sum = Arrays.stream(scaled).sum();
    return Arrays.stream(scaled).map(s -> s / sum).toArray();
  }

  private static double[] exp(double[] logs) {
    return Arrays.stream(logs).map(Math::exp).toArray();
  }

  private static Exercise typical() {
    return Authoring.<Sampler, Setting, double[]>function(
            "12-3",
            NOTEBOOK,
            Sampler.class,
            (s, in) -> exp(s.adjust(in.logProbabilities().clone())))
        .reference((logs, written) -> typical(logs, 0.8), 1e-9)
        .on(
            Setting.of(1, 0.5, 0.26, 0.14, 0.1),
            Setting.of(1, 0.1, 0.14, 0.26, 0.5),
            Setting.of(1, 0.97, 0.02, 0.01),
            Setting.of(1, 0.4, 0.12, 0.11, 0.1, 0.09, 0.08, 0.06, 0.04),
            Setting.of(1, 0.7, 0.3, 0))
        .showing(in -> in.toString().replaceAll(", T = .*", ""))
        .mistake(
            (logs, written) -> new TopP(0.8).adjust(logs),
            "kept the most likely tokens first, which is top-p; order them by how far their"
                + " surprise lies from the entropy")
        .mistake(
            (logs, written) -> unnormalised(logs),
            "did not share the probability of what was cut among what stays")
        .hint("What does a token's surprise, -log p, have to be close to?")
        .hint(
            "Compute the entropy H, sort the ids by |-log p - H|, and keep them in this order until"
                + " their probabilities reach 0.8. Impossible tokens have p log p = 0.")
        .hint(
            "Set the log-probability of every other id to negative infinity, and subtract from those"
                + " that stay the logarithm of their summed probability.")
        .why(
            "A sampler is one method on an array: a rule from a paper that came out yesterday is a"
                + " dozen lines, and composes with all the others.")
        .examples(
            (logs, written) -> new TopP(0.8).adjust(logs),
            (logs, written) -> {
              throw new ArrayIndexOutOfBoundsException("Index 4 out of bounds for length 4");
            });
  }

  private static double[] typical(double[] logs, double mass) {
    double[] kept = unnormalised(logs, mass);
    double sum = Arrays.stream(kept).map(Math::exp).sum();
    return Arrays.stream(kept).map(l -> l - Math.log(sum)).toArray();
  }

  private static double[] unnormalised(double[] logs) {
    return unnormalised(logs, 0.8);
  }

  private static double[] unnormalised(double[] logs, double mass) {
    double entropy = Arrays.stream(logs).map(l -> l == IMPOSSIBLE ? 0 : -l * Math.exp(l)).sum();
    List<Integer> order =
        IntStream.range(0, logs.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> Math.abs(-logs[i] - entropy)))
            .toList();
    double[] kept = new double[logs.length];
    Arrays.fill(kept, IMPOSSIBLE);
    double sum = 0;
    for (int i = 0; i < order.size() && sum < mass; i++) {
      int id = order.get(i);
      kept[id] = logs[id];
      sum += Math.exp(logs[id]);
    }
    return kept;
  }
}
