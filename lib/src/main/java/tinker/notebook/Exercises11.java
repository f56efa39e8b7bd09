package tinker.notebook;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** The exercises of notebook 11. */
final class Exercises11 {
  private static final String NOTEBOOK = "11-lstm";

  private Exercises11() {}

  static List<Exercise> all() {
    return List.of(parameters(), halfLife(), oneUnit());
  }

  private static Exercise parameters() {
    return Authoring.value("11-1", NOTEBOOK, Number.class)
        .expect(() -> 4L * (64 * 512 + 512 * 512 + 2 * 512), 0)
        .mistake(v -> v.longValue() == 659_456, "doubled the number; U grows in both directions")
        .mistake(v -> v.longValue() == 295_936, "counted one gate; there are four sums")
        .mistake(
            v -> v.longValue() == 1_181_696, "counted one bias for each sum; the layer has two")
        .mistake(v -> v.longValue() == 1_179_648, "left out the biases")
        .hint("How many sums does the cell compute, and which numbers does each of them need?")
        .hint("One sum needs W (H, I), U (H, H), and two biases of H numbers.")
        .hint("4 (H I + H H + 2 H), with I = 64 and H = 512.")
        .why(
            "Twice the memory costs 3.6 times the parameters, since U grows with the square of H."
                + " How much more time it costs must be measured (notebook 10).")
        .examples(1_183_744, 659_456);
  }

  private static Exercise halfLife() {
    return Authoring.<DoubleUnaryOperator, Double, Double>function(
            "11-2", NOTEBOOK, DoubleUnaryOperator.class, DoubleUnaryOperator::applyAsDouble)
        .reference(z -> Math.log(0.5) / Math.log(sigmoid(z)), 1e-6)
        .on(0.0, 1.0, 2.0, 5.0, 0.5)
        .mistake(z -> Math.log(0.5) / Math.log(z), "took z for the gate; the gate is sigmoid(z)")
        .mistake(z -> 0.5 / sigmoid(z), "divided; each step multiplies once more by the gate")
        .mistake(
            z -> Math.ceil(Math.log(0.5) / Math.log(sigmoid(z))),
            "rounded to whole steps; leave the fraction")
        .hint("What is left of 1 after n steps, if each multiplies by the same number f?")
        .hint("Solve f^n = 0.5 for n with a logarithm.")
        .hint("n = ln 0.5 / ln f, and f = 1 / (1 + exp(-z)).")
        .why(
            "A bias of 1 or 2 on the forget gate lets an LSTM begin with a memory of two to five"
                + " steps instead of one; 5 makes it a hundred.")
        .examples(z -> 1, Exercises11::fails);
  }

  private static Exercise oneUnit() {
    return Authoring.<Function<double[], double[]>, double[], double[]>function(
            "11-3", NOTEBOOK, Function.class, Function::apply)
        .reference(xs -> states(xs, 0), 1e-9)
        .on(
            new double[] {0},
            new double[] {1},
            new double[] {1, 0, 0, 0, 0, 0},
            new double[] {1, 0, -1, 0.5, 2},
            new double[0])
        .mistake(xs -> states(xs, 1), "returned the cell states c; asked are the hidden states h")
        .mistake(xs -> states(xs, 2), "forgot the tanh around the new cell state")
        .mistake(xs -> states(xs, 3), "used the old cell state for h; it needs the new one")
        .mistake(xs -> states(xs, 4), "left out the old hidden state in the four sums")
        .mistake(xs -> states(xs, 5), "began each step with an empty cell")
        .hint("Which two numbers must live on from one step to the next?")
        .hint("Four sums of the form w x + u h + b; three go through the sigmoid, g through tanh.")
        .hint("c = f * c + i * g comes before h = o * tanh(c), and both before the next x is read.")
        .why(
            "This is the whole forward pass, and a way to take a trained model out of the notebook"
                + " without the engine.")
        .examples(xs -> new double[xs.length], Exercises11::failsOnArray);
  }

  private static double fails(double z) {
    throw new ArithmeticException("/ by zero");
  }

  private static double[] failsOnArray(double[] xs) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + xs.length);
  }

  /** One unit: w, u and b of i, f, g, o; {@code slip} 1 to 5 makes a usual mistake. */
  private static double[] states(double[] xs, int slip) {
    double[] w = {2, 0, 2, 1};
    double[] u = {0.5, 0.5, -1, 0};
    double[] b = {-1, 3, 0, 1};
    double[] result = new double[xs.length];
    double h = 0;
    double c = 0;
    for (int t = 0; t < xs.length; t++) {
      double x = xs[t];
      double seen = slip == 4 ? 0 : h;
      double old = slip == 5 ? 0 : c;
      double i = sigmoid(w[0] * x + u[0] * seen + b[0]);
      double f = sigmoid(w[1] * x + u[1] * seen + b[1]);
      double g = Math.tanh(w[2] * x + u[2] * seen + b[2]);
      double o = sigmoid(w[3] * x + u[3] * seen + b[3]);
      double before = c;
      c = f * old + i * g;
      h = slip == 2 ? o * c : o * Math.tanh(slip == 3 ? before : c);
      result[t] = slip == 1 ? c : h;
    }
    return result;
  }

  private static double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
