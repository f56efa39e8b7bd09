package tinker.nn;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * The first values of a recurrent model: weights that read, weights that remember, and biases, each
 * with an initialiser of its own.
 *
 * <pre>{@code
 * var options = RecurrentOptions.of(2, 128)
 *     .initialisation(Initialisation.pytorch().recurrent(Initialiser.orthogonal(1)).forgetBias(1));
 * }</pre>
 *
 * @param embedding the vectors that stand for tokens
 * @param input what a recurrent layer multiplies its input with
 * @param recurrent what it multiplies its state with
 * @param bias the biases of a recurrent layer
 * @param forgetBias what is added to the bias of an LSTM's forget gate, so that it begins by
 *     remembering (Gers et al. 2000, Jozefowicz et al. 2015); any finite number
 * @param output the matrix that turns the state into predictions
 * @param outputBias its bias
 */
public record Initialisation(
    Initialiser embedding,
    Initialiser input,
    Initialiser recurrent,
    Initialiser bias,
    double forgetBias,
    Initialiser output,
    Initialiser outputBias) {
  public Initialisation {
    if (!Double.isFinite(forgetBias)) {
      throw new IllegalArgumentException("forgetBias is " + forgetBias + "; it must be finite");
    }
  }

  /**
   * What PyTorch does to {@code nn.Embedding} and a recurrent layer; the matrix after them as
   * Xavier, its bias zero.
   */
  public static Initialisation pytorch() {
    Initialiser uniform = Initialiser.uniformByRows();
    return new Initialisation(
        Initialiser.normal(1),
        uniform,
        uniform,
        uniform,
        0,
        Initialiser.xavier(),
        Initialiser.constant(0));
  }

  /** Xavier for what reads, orthogonal for what remembers, biases zero, forget gates open. */
  public static Initialisation orthogonal() {
    return pytorch()
        .input(Initialiser.xavier())
        .recurrent(Initialiser.orthogonal(1))
        .bias(Initialiser.constant(0))
        .forgetBias(1);
  }

  /** The same with other vectors for the tokens. */
  public Initialisation embedding(Initialiser embedding) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with another initialiser for what reads. */
  public Initialisation input(Initialiser input) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with another initialiser for what remembers. */
  public Initialisation recurrent(Initialiser recurrent) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with other biases of the recurrent layers. */
  public Initialisation bias(Initialiser bias) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with another addition to the forget gate's bias. */
  public Initialisation forgetBias(double forgetBias) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with another initialiser for the output matrix. */
  public Initialisation output(Initialiser output) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /** The same with another initialiser for the output's bias. */
  public Initialisation outputBias(Initialiser outputBias) {
    return new Initialisation(embedding, input, recurrent, bias, forgetBias, output, outputBias);
  }

  /**
   * The first values of one parameter.
   *
   * @param kind of the recurrent layers
   * @param name such as {@code "rnn.weight_hh_l0"}; outside recurrent layers, {@code encoder} is
   *     the embedding and everything else an output
   * @param shape of the parameter
   */
  public float[] values(Recurrent.Kind kind, String name, Shape shape, RandomGenerator random) {
    int rows = Math.toIntExact(shape.get(0));
    int columns = shape.dimension() > 1 ? Math.toIntExact(shape.get(1)) : 1;
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (name.startsWith("encoder.")) {
      return embedding.values(rows, columns, random);
    }
    if (!last.matches("(weight|bias)_[ih]h_l\\d+(_reverse)?")) {
      return (last.equals("bias") ? outputBias : output).values(rows, columns, random);
    }
    Initialiser initialiser =
        last.startsWith("bias") ? bias : last.startsWith("weight_ih") ? input : recurrent;
    int gateRows = rows / kind.gates();
    int gateSize = gateRows * columns;
    float[] values = new float[rows * columns];
    for (int gate = 0; gate < kind.gates(); gate++) {
      float[] drawn = initialiser.values(gateRows, columns, random);
      System.arraycopy(drawn, 0, values, gate * gateSize, gateSize);
    }
    if (kind == Recurrent.Kind.LSTM && last.startsWith("bias_ih")) {
      // Gates stand in the order i, f, g, o.
      for (int i = gateRows; i < 2 * gateRows; i++) {
        values[i] += (float) forgetBias;
      }
    }
    return values;
  }

  /**
   * The initialisation whose {@code toString} this is.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Initialisation parse(String text) {
    String[] parts = text.split(", ", -1);
    double[] forget = new double[1];
    Initialiser[] initialisers = new Initialiser[7];
    String[] names = {
      "embedding", "input", "recurrent", "bias", "forget bias", "output", "output bias"
    };
    boolean whole = parts.length == names.length;
    for (int i = 0; whole && i < names.length; i++) {
      whole = parts[i].startsWith(names[i] + " ");
      if (whole) {
        String value = parts[i].substring(names[i].length() + 1);
        if (i == 4) {
          forget[0] = number(value, text);
          initialisers[i] = Initialiser.constant(0);
        } else {
          initialisers[i] = Initialiser.parse(value);
        }
      }
    }
    if (!whole) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no initialisation; it must name " + Arrays.toString(names));
    }
    return new Initialisation(
        initialisers[0],
        initialisers[1],
        initialisers[2],
        initialisers[3],
        forget[0],
        initialisers[5],
        initialisers[6]);
  }

  private static double number(String value, String text) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "forget bias is \"" + value + "\" in \"" + text + "\"; it must be a number", e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "embedding %s, input %s, recurrent %s, bias %s, forget bias %s, output %s, output bias %s",
        embedding,
        input,
        recurrent,
        bias,
        forgetBias,
        output,
        outputBias);
  }
}
