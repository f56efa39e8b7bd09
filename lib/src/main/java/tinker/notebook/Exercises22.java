package tinker.notebook;

import java.util.List;
import java.util.function.Function;

/** The exercises of notebook 22. */
final class Exercises22 {
  private static final String NOTEBOOK = "22-plain-arrays";

  private Exercises22() {}

  static List<Exercise> all() {
    return List.of(numbers(), merged(), gru());
  }

  private static Exercise numbers() {
    return Authoring.value("22-1", NOTEBOOK, Number.class)
        .expect(() -> 80L * 64 + 4 * 256 * (64 + 256 + 2) + 80 * 256 + 80, 0)
        .mistake(v -> v.longValue() == 354_384, "counted one bias for each sum; the layer has two")
        .mistake(v -> v.longValue() == 355_328, "left out the biases of the decoder")
        .mistake(v -> v.longValue() == 108_112, "counted one gate; there are four sums")
        .mistake(v -> v.longValue() == 1_421_632, "gave the bytes; asked are the numbers")
        .hint("Which tables does the map of the territory name, and what is the shape of each?")
        .hint("V E for the embedding, V H + V for the decoder; the rest is the layer.")
        .hint("The layer has 4 H rows; each has E + H weights and 2 biases.")
        .why("With the shapes in your head you can tell from a file's size whether it fits.")
        .examples(355_408, 354_384);
  }

  private static Exercise merged() {
    return Authoring.<Function<float[], float[]>, float[], float[]>function(
            "22-2", NOTEBOOK, Function.class, Function::apply)
        .reference(both -> merged(both, 0), 1e-6)
        .on(
            new float[] {1, 2},
            new float[] {0.5f, -1, 2, 0.25f, 1, -2},
            new float[] {0, 0, 3, 4},
            new float[0])
        .mistake(both -> merged(both, 1), "left the second half as it was: d is now added twice")
        .mistake(both -> merged(both, 2), "took the mean; the layer adds them")
        .mistake(both -> merged(both, 3), "dropped d; its values are needed")
        .hint("What does the layer ever do with the two biases?")
        .hint("Place k of the first half and place k of the second belong to the same sum.")
        .hint("one[k] = both[k] + both[half + k] for k below half; the rest stays 0.")
        .why(
            "A model from a program with one bias comes in this way; and two models may differ in"
                + " every bias and still be the same.")
        .examples(both -> both.clone(), Exercises22::failsOnFloats);
  }

  /** {@code slip} 1 to 3 makes a usual mistake. */
  private static float[] merged(float[] both, int slip) {
    int half = both.length / 2;
    float[] one = new float[both.length];
    for (int k = 0; k < half; k++) {
      float d = both[half + k];
      one[k] = slip == 3 ? both[k] : slip == 2 ? (both[k] + d) / 2 : both[k] + d;
      one[half + k] = slip == 1 ? d : 0;
    }
    return one;
  }

  private static Exercise gru() {
    return Authoring.<Function<double[], double[]>, double[], double[]>function(
            "22-3", NOTEBOOK, Function.class, Function::apply)
        .reference(xs -> states(xs, 0), 1e-9)
        .on(
            new double[] {0},
            new double[] {1},
            new double[] {1, 0, 0, 0},
            new double[] {1, 0, -1, 0.5, 2},
            new double[0])
        .mistake(xs -> states(xs, 1), "multiplied r with h before the sum; d_n stayed outside")
        .mistake(xs -> states(xs, 2), "exchanged the roles of z: 1 keeps the old state")
        .mistake(xs -> states(xs, 3), "left out the reset gate")
        .mistake(xs -> states(xs, 4), "began each step with an empty state")
        .hint("Which of the four quantities needs another one to be finished first?")
        .hint("r and z first, from x and the old h; then n with r; then the new h.")
        .hint("n = tanh(2 x + r (-h + 0.3)), and h = (1 - z) n + z h.")
        .why(
            "Where the reset gate applies is the one place in which PyTorch's GRU and the first"
                + " paper's differ; now you can run either.")
        .examples(xs -> new double[xs.length], Exercises22::failsOnDoubles);
  }

  private static float[] failsOnFloats(float[] both) {
    throw new ArrayIndexOutOfBoundsException("Index 2 out of bounds for length " + both.length);
  }

  private static double[] failsOnDoubles(double[] xs) {
    throw new ArithmeticException("/ by zero");
  }

  /** {@code slip} 1 to 4 makes a usual mistake. */
  private static double[] states(double[] xs, int slip) {
    double[] result = new double[xs.length];
    double h = 0;
    for (int t = 0; t < xs.length; t++) {
      double x = xs[t];
      double old = slip == 4 ? 0 : h;
      double r = slip == 3 ? 1 : sigmoid(x + 0.5 * old);
      double z = sigmoid(-x + 0.5 + old);
      double sum = slip == 1 ? 2 * x + r * -old + 0.3 : 2 * x + r * (-old + 0.3);
      double n = Math.tanh(sum);
      h = slip == 2 ? z * n + (1 - z) * old : (1 - z) * n + z * old;
      result[t] = h;
    }
    return result;
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
