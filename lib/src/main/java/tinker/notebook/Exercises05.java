package tinker.notebook;

import ai.djl.nn.Block;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

/** The exercises of notebook 05. */
final class Exercises05 {
  private static final String NOTEBOOK = "05-neural-ngram";

  private Exercises05() {}

  static List<Exercise> all() {
    return List.of(parameters(), gradient(), forward());
  }

  private static Exercise parameters() {
    return Authoring.value("05-1", NOTEBOOK, Number.class)
        .expect(() -> 79L * 24 + (12 * 24 * 128 + 128) + (128 * 79 + 79), 0)
        .mistake(v -> v.longValue() == 61_294, "doubled the number; only W depends on the history")
        .mistake(v -> v.longValue() == 48_872, "left out the biases")
        .mistake(
            v -> v.longValue() == 69_935,
            "gave each place of the history a table of its own; all places share one")
        .mistake(v -> v.longValue() == 30_647, "gave the number for six letters")
        .hint("Which of the five parameters has a shape in which the length of the history stands?")
        .hint("Only W, of shape (H, N E): with N = 12 it is (128, 288).")
        .hint("V E + (H N E + H) + (V H + V) with V = 79, E = 24, H = 128, N = 12.")
        .why(
            "A letter more of history costs E H = 3,072 weights, however long the history is"
                + " already; a table of all histories would be multiplied by 79.")
        .examples(49_079, 61_294);
  }

  private record Logits(double[] z, int label) {
    @Override
    public String toString() {
      return "logits " + Arrays.toString(z) + ", label " + label;
    }
  }

  private static Exercise gradient() {
    return Authoring.<BiFunction<double[], Integer, double[]>, Logits, double[]>function(
            "05-2", NOTEBOOK, BiFunction.class, (f, in) -> f.apply(in.z().clone(), in.label()))
        .reference((z, label) -> slope(z, label, 1, false), 1e-9)
        .on(
            new Logits(new double[] {0, 0}, 0),
            new Logits(new double[] {0, Math.log(3)}, 1),
            new Logits(new double[] {2, 1, -1}, 2),
            new Logits(new double[] {1000, 1001, 999}, 0),
            new Logits(new double[] {-1000, -1000}, 1))
        .mistake((z, label) -> slope(z, label, 0, false), "gave the softmax; the label is missing")
        .mistake(
            (z, label) -> Arrays.stream(slope(z, label, 1, false)).map(x -> -x).toArray(),
            "turned the sign: the loss falls when the right logit rises, so its gradient is below"
                + " zero")
        .mistake(
            (z, label) -> slope(z, label, 1, true),
            "took exp of large logits; subtract the largest logit from all of them first")
        .hint("What does the notebook's closed form say that the gradient is?")
        .hint("softmax(z), and then 1 less at the place of the label.")
        .hint("To be safe with logits of 1000, compute exp(z - max) instead of exp(z).")
        .why(
            "Every classifier of this workbook learns from this difference between what it said"
                + " and what came; everything before it is the chain rule.")
        .examples(
            (z, label) -> slope(z, label, 0, false),
            (z, label) -> {
              throw new ArrayIndexOutOfBoundsException("Index 2 out of bounds for length 2");
            });
  }

  private static double[] slope(double[] z, int label, double one, boolean unsafe) {
    double top = unsafe ? 0 : Arrays.stream(z).max().orElse(0);
    double sum = Arrays.stream(z).map(x -> Math.exp(x - top)).sum();
    double[] slope = Arrays.stream(z).map(x -> Math.exp(x - top) / sum).toArray();
    slope[label] -= one;
    return slope;
  }

  private enum Size {
    SMALL(1, 2, 3),
    WIDE(3, 4, 5);

    /** Made when first asked for: an exercise that is only listed must not start the engine. */
    final Supplier<NeuralNGram> model;

    Size(int order, int embedding, int hidden) {
      model =
          Once.of(
              () -> {
                var options = NeuralNGramOptions.of(order, embedding, hidden).seed(7);
                var made = NeuralNGram.of(Vocabulary.ofCharacters("abc "), options);
                Block block = made.block();
                // New biases are zero, and one that was forgotten would not be noticed.
                set(block, "hidden.bias", 0.5f);
                set(block, "output.bias", -0.3f);
                return made;
              });
    }

    private static void set(Block block, String name, float first) {
      float[] values = Weights.array(block, name).toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = first + 0.2f * i;
      }
      Weights.set(Weights.array(block, name), values);
    }
  }

  private record Reading(Size size, int... history) {
    @Override
    public String toString() {
      return size.model.get().name() + ", history " + Arrays.toString(history);
    }
  }

  private static Exercise forward() {
    return Authoring.<BiFunction<NeuralNGram, int[], double[]>, Reading, double[]>function(
            "05-3",
            NOTEBOOK,
            BiFunction.class,
            (f, in) -> f.apply(in.size().model.get(), in.history().clone()))
        .reference((model, history) -> plain(model, history, ""), 1e-5)
        .on(
            new Reading(Size.SMALL, 3),
            new Reading(Size.SMALL, 4),
            new Reading(Size.WIDE, 2, 3, 4),
            new Reading(Size.WIDE, 4, 3, 2),
            new Reading(Size.WIDE, 1, 1, 5))
        .mistake((model, history) -> plain(model, history, "tanh"), "left out the tanh")
        .mistake((model, history) -> plain(model, history, "inner"), "left out the hidden bias")
        .mistake((model, history) -> plain(model, history, "outer"), "left out the output bias")
        .mistake(
            (model, history) -> plain(model, history, "turned"),
            "joined the vectors from the newest letter to the oldest; the oldest comes first")
        .mistake(
            (model, history) -> plain(model, history, "logits"),
            "returned the logits; their log-softmax is asked")
        .hint(
            "How long is the row that `toFloatArray()` makes of a matrix, and where in it stands"
                + " the entry (i, j)?")
        .hint(
            "Row by row: (i, j) of a (rows, columns) matrix stands at i * columns + j. The vector"
                + " of token w is the row w of the table.")
        .hint(
            "x[i * E + k] = table[history[i] * E + k]; inner[j] = tanh(b[j] + sum of W[j * N * E +"
                + " i] * x[i]); z[v] = d[v] + sum of U[v * H + j] * inner[j]; then log-softmax.")
        .why(
            "This runs without the engine: the whole way from a trained model to a program that"
                + " only needs arrays.")
        .examples(
            (model, history) -> new double[model.vocabulary().size()],
            (model, history) -> {
              throw new ArrayIndexOutOfBoundsException("Index 12 out of bounds for length 12");
            });
  }

  /** The forward pass in plain arrays; {@code slip} makes a usual mistake. */
  private static double[] plain(NeuralNGram model, int[] history, String slip) {
    float[] table = weights(model, "embedding.weight");
    float[] hidden = weights(model, "hidden.weight");
    float[] hiddenBias = weights(model, "hidden.bias");
    float[] output = weights(model, "output.weight");
    float[] outputBias = weights(model, "output.bias");
    int e = model.options().embedding();
    int wide = history.length * e;
    double[] x = new double[wide];
    for (int i = 0; i < wide; i++) {
      int place = slip.equals("turned") ? history.length - 1 - i / e : i / e;
      x[i] = table[history[place] * e + i % e];
    }
    double[] inner = new double[hiddenBias.length];
    for (int j = 0; j < inner.length; j++) {
      double sum = slip.equals("inner") ? 0 : hiddenBias[j];
      for (int i = 0; i < wide; i++) {
        sum += hidden[j * wide + i] * x[i];
      }
      inner[j] = slip.equals("tanh") ? sum : Math.tanh(sum);
    }
    double[] z = new double[outputBias.length];
    double all = 0;
    for (int v = 0; v < z.length; v++) {
      z[v] = slip.equals("outer") ? 0 : outputBias[v];
      for (int j = 0; j < inner.length; j++) {
        z[v] += output[v * inner.length + j] * inner[j];
      }
      all += Math.exp(z[v]);
    }
    double normaliser = slip.equals("logits") ? 0 : Math.log(all);
    return Arrays.stream(z).map(one -> one - normaliser).toArray();
  }

  private static float[] weights(NeuralNGram model, String name) {
    return Weights.array(model.block(), name).toFloatArray();
  }
}
