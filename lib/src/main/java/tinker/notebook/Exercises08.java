package tinker.notebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The exercises of notebook 08. */
final class Exercises08 {
  private static final String NOTEBOOK = "08-rnn-with-layers";

  private Exercises08() {}

  static List<Exercise> all() {
    return List.of(handedBack(), rows(), twoLayers());
  }

  private static Exercise handedBack() {
    return Authoring.value("08-1", NOTEBOOK, Number.class)
        .expect(() -> 2L * 32 * 128, 0)
        .mistake(
            v -> v.longValue() == 32L * 50 * 128,
            "counted the output, which has every step; the state is that after the last step")
        .mistake(
            v -> v.longValue() == 2L * 32 * 50 * 128,
            "counted every step; the state is that after the last step")
        .mistake(v -> v.longValue() == 32L * 128, "counted one layer; each has a state of its own")
        .mistake(v -> v.longValue() == 2L * 128, "counted one text; each has a state of its own")
        .hint("Which of B, T, L and H does a state have, and which does it not?")
        .hint("Every layer and every text has a state of H numbers. How many are that?")
        .hint("(L, B, H) is (2, 32, 128).")
        .why(
            "The state does not grow with the length of the text, which is why a recurrent network"
                + " can read on for ever.")
        .examples(8192, 204_800);
  }

  /** What the cutting is tried on. */
  private record Cut(String text, int rows) {
    @Override
    public String toString() {
      return "\"" + text + "\", " + rows + " rows";
    }
  }

  private static Exercise rows() {
    return Authoring.<BiFunction<String, Integer, List<String>>, Cut, List<String>>function(
            "08-2", NOTEBOOK, BiFunction.class, (f, cut) -> f.apply(cut.text(), cut.rows()))
        .reference((text, rows) -> pieces(text, rows, text.length() / rows), 0)
        .on(
            new Cut("abcdefgh", 2),
            new Cut("abcdefghij", 3),
            new Cut("The song to keep is the last.", 4),
            new Cut("abc", 3),
            new Cut("abc", 1))
        .showing(Cut::toString)
        .mistake(
            Exercises08::dealtOut,
            "dealt the characters out like cards; a row must be a piece of text that can be read")
        .mistake(
            (text, rows) -> pieces(text, text.length() / rows, rows),
            "made pieces of as many characters as there should be rows")
        .mistake(
            (text, rows) -> pieces(text, rows, (text.length() + rows - 1) / rows),
            "rounded the length up; then the last row is shorter, and a batch has no short rows")
        .hint("How long can each row be, if all are equally long and nothing is used twice?")
        .hint("Row r begins where row r - 1 ended.")
        .hint("text.substring(r * n, (r + 1) * n) with n = text.length() / rows.")
        .why(
            "Such rows are what lets a state be carried from batch to batch; a few characters at"
                + " the end are the price.")
        .examples((text, rows) -> List.of(text), Exercises08::fails);
  }

  private static List<String> fails(String text, int rows) {
    throw new StringIndexOutOfBoundsException("begin 0, end -1, length " + text.length());
  }

  private static List<String> pieces(String text, int rows, int length) {
    var pieces = new ArrayList<String>();
    for (int row = 0; row < rows; row++) {
      int from = Math.min(text.length(), row * length);
      pieces.add(text.substring(from, Math.min(text.length(), from + length)));
    }
    return pieces;
  }

  private static List<String> dealtOut(String text, int rows) {
    var pieces = new ArrayList<String>();
    for (int row = 0; row < rows; row++) {
      var piece = new StringBuilder();
      for (int i = row; i < text.length() / rows * rows; i += rows) {
        piece.append(text.charAt(i));
      }
      pieces.add(piece.toString());
    }
    return pieces;
  }

  private static Exercise twoLayers() {
    return Authoring.<Function<double[], double[][]>, double[], double[][]>function(
            "08-3", NOTEBOOK, Function.class, Function::apply)
        .reference(xs -> read(xs, 0), 1e-9)
        .on(
            new double[] {1},
            new double[] {1, 0},
            new double[] {1, 0, 0, 0},
            new double[] {0.5, -1, 2, -0.3, 1},
            new double[0])
        .mistake(
            xs -> read(xs, 1), "gave the second layer the input; it reads what the first returns")
        .mistake(
            xs -> read(xs, 2),
            "gave the second layer the first layer's state of the step before; it reads the new"
                + " one")
        .mistake(
            xs -> read(xs, 3), "returned the first layer as output; the output is the top layer's")
        .mistake(xs -> read(xs, 4), "handed back one layer's state; both are needed to go on")
        .hint("Which two numbers live on from one step to the next?")
        .hint("At each step first h with the input, then k with the new h.")
        .hint("The output collects k; the state is {h, k} after the last step.")
        .why(
            "Output and state are two views of the same reading: all steps of the top layer, or"
                + " all layers at the last step. They share one number.")
        .examples(xs -> new double[][] {xs, {0, 0}}, Exercises08::failsOnArray);
  }

  private static double[][] failsOnArray(double[] xs) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + xs.length);
  }

  /** Two layers of one unit; {@code slip} 1 to 4 makes a usual mistake. */
  private static double[][] read(double[] xs, int slip) {
    double[] output = new double[xs.length];
    double h = 0;
    double k = 0;
    for (int t = 0; t < xs.length; t++) {
      double before = h;
      h = Math.tanh(xs[t] + 0.5 * h);
      double below = slip == 1 ? xs[t] : slip == 2 ? before : h;
      k = Math.tanh(2 * below - 0.5 * k);
      output[t] = slip == 3 ? h : k;
    }
    double[] state = slip == 4 ? new double[] {k} : new double[] {h, k};
    return Arrays.asList(output, state).toArray(double[][]::new);
  }
}
