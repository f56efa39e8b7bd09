package tinker.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers that read in both directions and respect lengths: what a row of a batch becomes
 * does not depend on how far it is padded. The same numbers as PyTorch's layer with {@code
 * bidirectional=True} on packed sequences, under the same parameter names ({@code weight_ih_l0},
 * {@code weight_ih_l0_reverse}, ...).
 *
 * <p>DJL's own bidirectional layers hand the engine their parameters in the wrong order, and know
 * no lengths. Here each direction is a one-way layer; the second reads every row reversed within
 * its length.
 *
 * <pre>{@code
 * var both = new Bidirectional(Recurrent.Kind.LSTM, 300, 100, 1, 0.1);
 * NDList out = both.forward(parameters, new NDList(x, lengths), training);  // (B, T, 200), (2, B, 100)
 * }</pre>
 *
 * <p>It reads (B, T, I), and the lengths (B) int64, each in [1, T]; without lengths all rows are
 * full. It returns the output (B, T, 2H), forward half first and zero at padding, and the last
 * hidden states (2L, B, H): layer 0 forward (after the last token), layer 0 backward (after the
 * first token), layer 1 and so on.
 */
public final class Bidirectional extends AbstractBlock {
  private final Recurrent.Kind kind;
  private final int inputSize;
  private final int hidden;
  private final int layers;
  private final double dropout;

  /** Four of each layer forward, then four backward. */
  private final List<Parameter> ordered = new ArrayList<>();

  /**
   * @param inputSize I, at least 1
   * @param hidden H of each direction, at least 1
   * @param layers L, at least 1
   * @param dropout share of the outputs of every layer but the last set to zero in training, in [0,
   *     1)
   */
  public Bidirectional(Recurrent.Kind kind, int inputSize, int hidden, int layers, double dropout) {
    Recurrent.checkSizes(inputSize, hidden, layers, dropout);
    this.kind = kind;
    this.inputSize = inputSize;
    this.hidden = hidden;
    this.layers = layers;
    this.dropout = dropout;
    long rows = (long) kind.gates() * hidden;
    for (int layer = 0; layer < layers; layer++) {
      for (String direction : List.of("", "_reverse")) {
        Shape[] shapes = {
          new Shape(rows, layer == 0 ? inputSize : 2L * hidden),
          new Shape(rows, hidden),
          new Shape(rows),
          new Shape(rows)
        };
        for (int i = 0; i < Recurrent.STEMS.length; i++) {
          ordered.add(addParameter(Recurrent.parameter(i, layer + direction, shapes[i])));
        }
      }
    }
  }

  /** The parameters of each call of the engine: one direction of one layer. */
  List<List<Parameter>> calls() {
    return OnePiece.cut(ordered, Recurrent.STEMS.length);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray sequence = inputs.get(0); // (B, T, I)
    Shape shape = sequence.getShape();
    if (shape.dimension() != 3 || shape.get(2) != inputSize) {
      throw new IllegalArgumentException(
          "input of shape " + shape + "; it must be (B, T, " + inputSize + ")");
    }
    int batch = Math.toIntExact(shape.get(0));
    int steps = Math.toIntExact(shape.get(1));
    NDManager manager = sequence.getManager();
    Rows rows = Rows.of(manager, batch, steps, inputs.size() > 1 ? inputs.get(1) : null);
    Device device = sequence.getDevice();
    var ends = new NDList();
    for (int layer = 0; layer < layers; layer++) {
      var halves = new NDList();
      for (int direction = 0; direction < 2; direction++) {
        var weights = new NDList();
        for (int i = 0; i < Recurrent.STEMS.length; i++) {
          Parameter parameter = ordered.get((2 * layer + direction) * Recurrent.STEMS.length + i);
          weights.add(parameters.getValue(parameter, device, training));
        }
        boolean back = direction == 1;
        NDArray read = back ? rows.reverse(sequence) : sequence;
        var zeros = new NDList();
        for (int i = 0; i < kind.states(); i++) {
          zeros.add(manager.zeros(new Shape(batch, hidden), DataType.FLOAT32));
        }
        NDArray output =
            Recurrent.oneLayer(kind, read, zeros, weights, parameters, training)
                .get(0); // (B, T, H)
        ends.add(rows.last(output)); // (B, H)
        halves.add(back ? rows.reverse(output) : output);
      }
      sequence = rows.clear(NDArrays.concat(halves, 2)); // (B, T, 2H)
      if (training && layer < layers - 1) {
        sequence = Dropout.apply(sequence, dropout, parameters);
      }
    }
    return new NDList(sequence, NDArrays.stack(ends, 0));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long batch = inputShapes[0].get(0);
    return new Shape[] {
      new Shape(batch, inputShapes[0].get(1), 2L * hidden), new Shape(2L * layers, batch, hidden)
    };
  }

  /**
   * Where the tokens of each row lie.
   *
   * @param reversed for each position, which position of the flat batch stands there once every row
   *     is reversed within its length, (B, T); its own inverse
   * @param ends which position of the flat batch is the last of each row, (B)
   * @param mask (B, T, 1), or null if there is no padding
   */
  private record Rows(NDArray reversed, NDArray ends, @Nullable NDArray mask) {
    static Rows of(NDManager manager, int batch, int steps, @Nullable NDArray given) {
      long[] lengths = new long[batch];
      boolean padded = false;
      if (given != null) {
        if (!given.getShape().equals(new Shape(batch))) {
          throw new IllegalArgumentException(
              "lengths of shape " + given.getShape() + "; it must be (" + batch + ")");
        }
        lengths = given.toType(DataType.INT64, false).toLongArray();
      }
      long[] reversed = new long[batch * steps];
      long[] ends = new long[batch];
      float[] mask = new float[batch * steps];
      for (int b = 0; b < batch; b++) {
        int length = given == null ? steps : (int) lengths[b];
        if (length < 1 || length > steps) {
          throw new IllegalArgumentException(
              "row " + b + " has length " + length + "; it must lie in [1, " + steps + "]");
        }
        padded |= length < steps;
        for (int t = 0; t < steps; t++) {
          reversed[b * steps + t] = (long) b * steps + (t < length ? length - 1 - t : t);
          mask[b * steps + t] = t < length ? 1 : 0;
        }
        ends[b] = (long) b * steps + length - 1;
      }
      return new Rows(
          EngineArray.of(manager, reversed, batch, steps),
          EngineArray.of(manager, ends, batch),
          padded ? EngineArray.of(manager, mask, batch, steps, 1) : null);
    }

    NDArray reverse(NDArray sequence) {
      return Embedding.pick(sequence, reversed);
    }

    NDArray last(NDArray sequence) {
      return Embedding.pick(sequence, ends);
    }

    NDArray clear(NDArray sequence) {
      return mask == null ? sequence : sequence.mul(mask);
    }
  }
}
