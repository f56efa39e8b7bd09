package tinker.notebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import tinker.train.FitOptions;
import tinker.train.History;
import tinker.train.Runs;
import tinker.train.Stopped;

/** The exercises of notebook 09. */
final class Exercises09 {
  private static final String NOTEBOOK = "09-training-well";
  private static final int PATIENCE = 3;

  private Exercises09() {}

  static List<Exercise> all() {
    return List.of(rate(), keeps(), comparison());
  }

  private static Exercise rate() {
    double low = 0.02 / 25;
    double high = 0.02;
    return Authoring.value("09-1", NOTEBOOK, Double.class)
        .expect(() -> high + (low - high) * (1 + Math.cos(Math.PI / 4)) / 2, 6e-6)
        .mistake(
            v -> close(v, low + (high - low) / 4), "went up in a straight line; it is a cosine")
        .mistake(
            v -> close(v, high + (low - high) * (1 + Math.cos(Math.PI / 16)) / 2),
            "took 1/16 for p; p is the share of the rising phase, not of the run")
        .mistake(
            v -> close(v, high * (1 - (1 + Math.cos(Math.PI / 4)) / 2)),
            "began at 0; it begins at 0.02 / 25")
        .hint("What share of the rising quarter is over when 1/16 of the run is?")
        .hint("p is (1/16) / (1/4) = 0.25; the phase goes from 0.0008 to 0.02.")
        .hint("0.02 + (0.0008 - 0.02) * (1 + cos(pi / 4)) / 2")
        .why(
            "A quarter of the way up the rate has risen by a seventh only: the cycle begins and"
                + " ends each phase gently.")
        .examples(0.003612, 0.0056);
  }

  private static boolean close(double a, double b) {
    return Math.abs(a - b) < 6e-6;
  }

  private static Exercise keeps() {
    return Authoring.<Function<double[], Integer>, double[], Integer>function(
            "09-2", NOTEBOOK, Function.class, Function::apply)
        .reference(losses -> keeps(losses, 0), 0)
        .on(
            new double[] {2.0, 1.9, 1.8},
            new double[] {2.0, 1.9, 1.95, 1.93, 1.94, 1.5},
            new double[] {2.0, 1.9, 1.95, 1.93, 1.85, 1.9},
            new double[] {2.0},
            new double[] {1.0, 1.5, 0.9, 0.95, 1.2, 0.89, 1.1, 1.2, 1.3, 0.1},
            new double[] {2.0, 2.0, 2.0, 2.0, 1.0},
            new double[] {1.0, 2.0, 1.9, 1.8, 1.7, 0.5})
        .mistake(losses -> keeps(losses, 1), "took the lowest of all, also of those after the stop")
        .mistake(losses -> keeps(losses, 2), "counted from 0; the first validation is number 1")
        .mistake(losses -> keeps(losses, 3), "returned where the run stops, not what it keeps")
        .mistake(
            losses -> keeps(losses, 4),
            "compared with the loss just before; what counts is the best so far")
        .hint("What must be known at each loss to decide whether to go on?")
        .hint("The best so far, its number, and for how many losses there was nothing better.")
        .hint("Stop as soon as three losses in a row were not below the best; return its number.")
        .why(
            "These few lines decide what a long run leaves behind, and being wrong by one in them"
                + " shows nowhere but in the result.")
        .examples(losses -> 1, Exercises09::fails);
  }

  private static Integer fails(double[] losses) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + losses.length);
  }

  /** Early stopping; {@code slip} 1 to 4 makes a usual mistake. */
  private static int keeps(double[] losses, int slip) {
    int best = 0;
    int without = 0;
    int last = 0;
    for (int i = 1; i < losses.length && (without < PATIENCE || slip == 1); i++) {
      last = i;
      boolean better = losses[i] < losses[slip == 4 ? i - 1 : best];
      best = better ? i : best;
      without = better ? 0 : without + 1;
    }
    return slip == 3 ? last + 1 : slip == 2 ? best : best + 1;
  }

  private static Exercise comparison() {
    return Authoring.experiment("09-3", NOTEBOOK, Runs.Run[].class)
        .criterion(
            runs -> problem(runs).isEmpty(),
            Exercises09::found,
            "two values of one setting, all else equal, the same two seeds or more on both sides")
        .mistake(runs -> problem(runs).equals(FEW), "handed in fewer than four runs")
        .mistake(runs -> problem(runs).equals(SAME), "changed nothing but the seed")
        .mistake(
            runs -> problem(runs).startsWith(MANY),
            "changed more than one setting, or used more than two values of it")
        .mistake(
            runs -> problem(runs).equals(SEEDS),
            "used other seeds on one side than on the other, or one seed only")
        .hint("If the new runs are better, what else than your change could have done it?")
        .hint(
            "Loop over the seeds 7 and 8, and within over the two options; give model and options"
                + " the same seed.")
        .hint(
            "var options = FitOptions.epochs(4).seed(seed).record(myFile); then Fit.of with"
                + " options and with options.bptt(32).")
        .why(
            "With two seeds on a side one sees whether the change is larger than the scatter, which"
                + " most published comparisons leave open.")
        .examples(example(true), example(false));
  }

  private static final String FEW = "too few runs";
  private static final String SAME = "only the seed differs";
  private static final String MANY = "these differ: ";
  private static final String SEEDS = "the seeds of the two sides differ";

  private static String found(Runs.Run[] runs) {
    String problem = problem(runs);
    return runs.length + " runs" + (problem.isEmpty() ? "" : "; " + problem);
  }

  /** What speaks against the comparison; empty if nothing does. */
  private static String problem(Runs.Run[] runs) {
    if (runs.length < 4) {
      return FEW;
    }
    List<Map<String, Object>> all = Arrays.stream(runs).map(Exercises09::settings).toList();
    var differing = new TreeSet<String>();
    for (String name : all.get(0).keySet()) {
      if (all.stream().map(settings -> settings.get(name)).distinct().count() > 1) {
        differing.add(name);
      }
    }
    if (differing.isEmpty()) {
      return SAME;
    }
    Map<Map<String, Object>, List<Runs.Run>> sides =
        Arrays.stream(runs).collect(Collectors.groupingBy(Exercises09::settings));
    if (differing.size() > 1 || sides.size() != 2) {
      return MANY + String.join(", ", differing);
    }
    var seeds = new ArrayList<Set<Long>>();
    sides.values().forEach(side -> seeds.add(seeds(side)));
    return seeds.get(0).size() < 2 || !seeds.get(0).equals(seeds.get(1)) ? SEEDS : "";
  }

  private static Set<Long> seeds(List<Runs.Run> runs) {
    return runs.stream().map(run -> run.options().seed()).collect(Collectors.toSet());
  }

  /** All that a run was asked for, but the seed. */
  private static Map<String, Object> settings(Runs.Run run) {
    FitOptions o = run.options();
    return Map.ofEntries(
        Map.entry("model", run.model() + ", " + run.parameters() + " parameters"),
        Map.entry("data", Objects.requireNonNullElse(run.data(), "")),
        Map.entry("epochs", o.epochs()),
        Map.entry("batchSize", o.batchSize()),
        Map.entry("bptt", o.bptt()),
        Map.entry("randomLengths", o.randomLengths()),
        Map.entry("schedule", o.schedule()),
        Map.entry("weightDecay", o.weightDecay()),
        Map.entry("beta2", o.beta2()),
        Map.entry("clipNorm", o.clipNorm()),
        Map.entry("patience", o.patience()),
        Map.entry("validateEvery", o.validateEvery()));
  }

  private static Runs.Run[] example(boolean right) {
    var runs = new ArrayList<Runs.Run>();
    for (long seed : new long[] {7, 8}) {
      FitOptions known = FitOptions.epochs(2).seed(seed).record(null);
      FitOptions changed = known.bptt(32);
      runs.add(run(known));
      runs.add(run(right ? changed : changed.batchSize(8)));
    }
    return runs.toArray(Runs.Run[]::new);
  }

  private static Runs.Run run(FitOptions options) {
    return new Runs.Run(
        "2026-01-01T00:00:00Z",
        "RNN 1x32",
        1000,
        options,
        null,
        Map.of(),
        "cpu()",
        new History("token", List.of(), List.of(), List.of()),
        Stopped.Reason.FINISHED,
        1);
  }
}
