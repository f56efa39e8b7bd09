package tinker.notebook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.matching.Matching;
import tinker.nn.Weights;

/** The exercises of notebook 19. */
final class Exercises19 {
  private static final String NOTEBOOK = "19-bimpm-assembled";
  private static final long MOST = 30_000;

  private Exercises19() {}

  static List<Exercise> all() {
    return List.of(parameters(), highest(), small());
  }

  private static Exercise parameters() {
    return Authoring.value("19-1", NOTEBOOK, Number.class)
        .expect(() -> 2L * 4 * (350 * 100 + 100 * 100 + 2 * 100), 0)
        .mistake(v -> v.longValue() == 180_800, "counted one direction; there are two")
        .mistake(
            v -> v.longValue() == 723_200,
            "counted both sentences; they are read by the same weights")
        .mistake(v -> v.longValue() == 360_800, "counted one bias a gate; there are two")
        .mistake(v -> v.longValue() == 360_000, "left out the biases")
        .hint("How many one-way LSTMs stand in the layer, and does the second sentence add any?")
        .hint("One of them has four gates with W (H, I), U (H, H) and two biases of H numbers.")
        .hint("2 * 4 * (H I + H H + 2 H), with I = 350 and H = 100.")
        .why(
            "Five in six of BiMPM's weights are in these two LSTMs and the aggregation's; the"
                + " matchings, which give it its name, have 16,000.")
        .examples(361_600, 180_800);
  }

  private static Exercise highest() {
    return Authoring.<BiFunction<double[], Integer, Double>, double[], Double>function(
            "19-2",
            NOTEBOOK,
            BiFunction.class,
            (f, input) -> f.apply(cosines(input), (int) input[input.length - 1]))
        .reference((cosines, length) -> highest(cosines, length), 1e-9)
        .showing(
            input -> Arrays.toString(cosines(input)) + ", length " + (int) input[input.length - 1])
        .on(
            new double[] {0.2, 0.7, 0, 0, 2},
            new double[] {-0.2, -0.7, 0, 0, 2},
            new double[] {-0.5, 0.9, 0.3, 1},
            new double[] {-0.5, -0.4, -0.9, 3},
            new double[] {0, 0, 0})
        .mistake(
            (cosines, length) -> Arrays.stream(cosines).max().orElse(0),
            "let filled places take part: their 0 beats every negative cosine")
        .mistake(
            (cosines, length) -> Math.max(0, highest(cosines, length)),
            "begin with 0, which no word gave; begin with the first word")
        .hint("Which places are words, and what is the highest of no values at all?")
        .hint("Look at the first length places only, and begin with the first of them.")
        .hint("Arrays.stream(cosines).limit(length).max() is empty for length 0.")
        .why(
            "A maximum over filled places makes a pair's answer depend on its neighbours in the"
                + " batch; every public program read for this workbook has a fault of this kind.")
        .examples((cosines, length) -> 1.0, (cosines, length) -> cosines[length]);
  }

  private static double[] cosines(double[] input) {
    return Arrays.copyOf(input, input.length - 1);
  }

  private static double highest(double[] cosines, int length) {
    return Arrays.stream(cosines).limit(length).max().orElse(0);
  }

  private static Exercise small() {
    return Authoring.experiment("19-3", NOTEBOOK, BimpmOptions.class)
        .criterion(
            options -> whole(options) && count(options) <= MOST,
            options ->
                String.format(
                    Locale.ROOT,
                    "%,d parameters, %d matchings, %d perspectives, letters %d",
                    count(options),
                    options.matchings().size(),
                    options.perspectives(),
                    options.letterHidden()),
            "at most 30,000 parameters, with all four matchings, both ways, at least 10"
                + " perspectives, and letters of at least 10")
        .mistake(options -> !whole(options), "left out a part that should stay")
        .mistake(
            options -> options.predictionHidden() > 2 * options.hidden(),
            "kept a wide last layer, which reads four states")
        .hint("Which layers hold the weights: what does the table of parameters say?")
        .hint("The weights of an LSTM grow with the square of its width. What do perspectives add?")
        .hint("hidden(n) with n near 16 makes both LSTMs and the last layer small.")
        .why(
            "A model that trains in seconds lets you try ten things in the time of one; make it"
                + " large once it is right.")
        .examples(
            BimpmOptions.paper().letters(8, 10).hidden(16).perspectives(10), BimpmOptions.paper());
  }

  private static boolean whole(BimpmOptions options) {
    return options.matchings().size() == Matching.values().length
        && options.ways() == BimpmOptions.Ways.BOTH
        && options.perspectives() >= 10
        && options.letterHidden() >= 10;
  }

  /** For vectors of 50 numbers, 40 letters and 3 labels. */
  private static long count(BimpmOptions options) {
    try (BimpmModel model = BimpmModel.of(50, 40, 3, options)) {
      return Weights.count(model.block());
    }
  }
}
