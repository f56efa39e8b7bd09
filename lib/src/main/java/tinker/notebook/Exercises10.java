package tinker.notebook;

import java.util.List;
import java.util.function.Function;

/** The exercises of notebook 10. */
final class Exercises10 {
  private static final String NOTEBOOK = "10-gru";

  private Exercises10() {}

  static List<Exercise> all() {
    return List.of(parameters(), weights(), oneUnit());
  }

  private static Exercise parameters() {
    return Authoring.value("10-1", NOTEBOOK, Number.class)
        .expect(() -> 3L * (64 * 256 + 256 * 256 + 2 * 256), 0)
        .mistake(
            v -> v.longValue() == 329_728, "counted four sums, as an LSTM has; a GRU has three")
        .mistake(v -> v.longValue() == 82_432, "counted one sum; there are three")
        .mistake(v -> v.longValue() == 246_528, "counted one bias for each sum; the layer has two")
        .mistake(v -> v.longValue() == 245_760, "left out the biases")
        .hint("How many sums does the unit compute, and which numbers does each of them need?")
        .hint("One sum needs W (H, I), U (H, H), and two biases of H numbers.")
        .hint("3 (H I + H H + 2 H), with I = 64 and H = 256.")
        .why("The count says what a model costs in memory; what it costs in time must be measured.")
        .examples(247_296, 329_728);
  }

  private static Exercise weights() {
    return Authoring.<Function<double[], double[]>, double[], double[]>function(
            "10-2", NOTEBOOK, Function.class, Function::apply)
        .reference(gates -> weights(gates, 0), 1e-9)
        .on(
            new double[] {0, 0, 0},
            new double[] {0.5},
            new double[] {0.5, 0.5},
            new double[] {0.2, 0.9, 0.7, 1, 0.5},
            new double[0])
        .mistake(gates -> weights(gates, 1), "let the gate z take in the candidate; 1 - z does")
        .mistake(
            gates -> weights(gates, 2), "multiplied by the earlier gates; the later ones fade it")
        .mistake(
            gates -> weights(gates, 3), "multiplied by the candidate's own gate once too often")
        .hint(
            "With which share does a candidate come in, and what happens to it at each later step?")
        .hint("It comes in with 1 - z of its step; every later step multiplies it by its own z.")
        .hint("Go from the last step to the first and keep the product of the gates passed so far.")
        .why(
            "The weights say what the state remembers of each character: gates near 1 after it keep"
                + " it, one gate near 0 wipes it out.")
        .examples(gates -> gates, Exercises10::fails);
  }

  private static double[] weights(double[] gates, int slip) {
    double[] result = new double[gates.length];
    for (int t = 0; t < gates.length; t++) {
      double weight = slip == 1 ? gates[t] : 1 - gates[t];
      for (int s = 0; s < gates.length; s++) {
        boolean counts = slip == 2 ? s < t : slip == 3 ? s >= t : s > t;
        weight *= counts ? gates[s] : 1;
      }
      result[t] = weight;
    }
    return result;
  }

  private static Exercise oneUnit() {
    return Authoring.<Function<double[], double[]>, double[], double[]>function(
            "10-3", NOTEBOOK, Function.class, Function::apply)
        .reference(xs -> states(xs, 0), 1e-9)
        .on(
            new double[] {0},
            new double[] {1},
            new double[] {1, 0, 0, 0, 0, 0},
            new double[] {1, 0, -1, 0.5, 2},
            new double[0])
        .mistake(
            xs -> states(xs, 1), "computed the textbook's variant; here r multiplies d_n as well")
        .mistake(xs -> states(xs, 2), "let z = 1 replace the state; here it keeps it")
        .mistake(xs -> states(xs, 3), "left out the reset gate")
        .mistake(xs -> states(xs, 4), "let r multiply the bias b_n as well; it stands outside")
        .mistake(xs -> states(xs, 5), "left the old state out of the two gates")
        .hint("Which number lives on from one step to the next, and which three are made of it?")
        .hint("r and z first, both from x and the old h; then n with r around u h + d; then h.")
        .hint("n = tanh(w x + b + r * (u * h + d)); h = (1 - z) * n + z * h")
        .why("With H numbers in place of one, these lines are the layer, and run anywhere.")
        .examples(xs -> new double[xs.length], Exercises10::fails);
  }

  /** One unit: w, u, b and d of r, z, n; {@code slip} 1 to 5 makes a usual mistake. */
  private static double[] states(double[] xs, int slip) {
    double[] w = {1, -1, 2};
    double[] u = {0.5, 1, -1.5};
    double[] b = {0, 1, 0.5};
    double[] d = {-0.5, 0, 1};
    double[] result = new double[xs.length];
    double h = 0;
    for (int t = 0; t < xs.length; t++) {
      double x = xs[t];
      double seen = slip == 5 ? 0 : h;
      double r = slip == 3 ? 1 : sigmoid(w[0] * x + b[0] + u[0] * seen + d[0]);
      double z = sigmoid(w[1] * x + b[1] + u[1] * seen + d[1]);
      double kept = slip == 1 ? u[2] * r * h + d[2] : r * (u[2] * h + d[2]);
      double read = w[2] * x + (slip == 4 ? r : 1) * b[2];
      double n = Math.tanh(read + kept);
      h = slip == 2 ? z * n + (1 - z) * h : (1 - z) * n + z * h;
      result[t] = h;
    }
    return result;
  }

  private static double sigmoid(double a) {
    return 1 / (1 + Math.exp(-a));
  }

  private static double[] fails(double[] xs) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + xs.length);
  }
}
