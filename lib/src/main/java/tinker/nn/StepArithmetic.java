package tinker.nn;

import java.util.Arrays;

/**
 * What a cell does number by number at one step, there and back: all of its equations but the
 * products with the weights, for every row of a batch, in plain arrays.
 *
 * <p>A row of gates holds G·H numbers, gate after gate, as the weights do. Arrays are cut into
 * gates before they are computed with, because the just-in-time compiler makes vector instructions
 * of a loop only if one index serves all of its arrays.
 */
sealed interface StepArithmetic {
  /**
   * One step.
   *
   * @param gates (B, G·H): {@code W x + b}; afterwards the gates, for {@link #back}
   * @param product (B, G·H): {@code U h + c}
   * @param h (B, H): the state before the step; afterwards the one after it
   */
  void step(float[] gates, float[] product, float[] h);

  /**
   * The gradients of the same step.
   *
   * @param gates (B, G·H): as {@link #step} left them; afterwards the gradient of {@code W x + b}
   * @param product (B, G·H): as {@link #step} read it; afterwards the gradient of {@code U h + c}
   * @param h (B, H): the state before the step
   * @param gradient (B, H): of the state after the step; afterwards that part of the gradient of
   *     {@code h} that does not come through {@code product}
   */
  void back(float[] gates, float[] product, float[] h, float[] gradient);

  /**
   * @param kind any but the LSTM, for which the engine has a fast way of its own
   * @param rows B
   * @param hidden H
   */
  static StepArithmetic of(Recurrent.Kind kind, int rows, int hidden) {
    return switch (kind) {
      case RNN_TANH -> new Tanh();
      case RNN_RELU -> new Relu();
      case GRU -> new Gru(rows, hidden);
      case LSTM -> throw new IllegalArgumentException("an LSTM is computed by the engine");
    };
  }

  /** {@code h' = tanh(W x + b + U h + c)}; {@code tanh' = 1 - tanh²}. */
  record Tanh() implements StepArithmetic {
    @Override
    public void step(float[] gates, float[] product, float[] h) {
      for (int i = 0; i < h.length; i++) {
        h[i] = VectorMath.tanh(gates[i] + product[i]);
      }
      System.arraycopy(h, 0, gates, 0, h.length);
    }

    @Override
    public void back(float[] gates, float[] product, float[] h, float[] gradient) {
      for (int i = 0; i < gates.length; i++) {
        gates[i] = gradient[i] * (1 - gates[i] * gates[i]);
      }
      System.arraycopy(gates, 0, product, 0, gates.length);
      Arrays.fill(gradient, 0);
    }
  }

  /** {@code h' = max(0, W x + b + U h + c)}; the slope at 0 is 0, as in the engine. */
  record Relu() implements StepArithmetic {
    @Override
    public void step(float[] gates, float[] product, float[] h) {
      for (int i = 0; i < h.length; i++) {
        h[i] = Math.max(0, gates[i] + product[i]);
      }
      System.arraycopy(h, 0, gates, 0, h.length);
    }

    @Override
    public void back(float[] gates, float[] product, float[] h, float[] gradient) {
      for (int i = 0; i < gates.length; i++) {
        gates[i] = gates[i] > 0 ? gradient[i] : 0;
      }
      System.arraycopy(gates, 0, product, 0, gates.length);
      Arrays.fill(gradient, 0);
    }
  }

  /**
   * The equations of {@link GruCell}: {@code r = σ(..), z = σ(..), n = tanh(W x + b + r (U h + c)),
   * h' = (1 - z) n + z h}.
   */
  final class Gru implements StepArithmetic {
    private static final int GATES = 3;

    private final int hidden;

    // One gate of all rows each, (B, H); what stands in them does not outlive a call.
    private final float[] r;
    private final float[] z;
    private final float[] n;
    private final float[] u;
    private final float[] d;

    private Gru(int rows, int hidden) {
      this.hidden = hidden;
      r = new float[rows * hidden];
      z = new float[rows * hidden];
      n = new float[rows * hidden];
      u = new float[rows * hidden];
      d = new float[rows * hidden];
    }

    @Override
    public void step(float[] gates, float[] product, float[] h) {
      cut(gates, 0, r);
      cut(product, 0, u);
      sigmoids(r, u);
      cut(gates, 1, z);
      cut(product, 1, u);
      sigmoids(z, u);
      cut(gates, 2, n);
      cut(product, 2, u);
      candidates(n, r, u);
      for (int i = 0; i < h.length; i++) {
        h[i] = (1 - z[i]) * n[i] + z[i] * h[i];
      }
      paste(r, gates, 0);
      paste(z, gates, 1);
      paste(n, gates, 2);
    }

    @Override
    public void back(float[] gates, float[] product, float[] h, float[] gradient) {
      cut(gates, 0, r);
      cut(gates, 1, z);
      cut(gates, 2, n);
      cut(product, 2, u);
      for (int i = 0; i < d.length; i++) {
        d[i] = gradient[i] * (h[i] - n[i]) * z[i] * (1 - z[i]);
      }
      paste(d, gates, 1);
      for (int i = 0; i < d.length; i++) {
        n[i] = gradient[i] * (1 - z[i]) * (1 - n[i] * n[i]);
      }
      paste(n, gates, 2);
      for (int i = 0; i < d.length; i++) {
        d[i] = n[i] * u[i] * r[i] * (1 - r[i]);
      }
      paste(d, gates, 0);
      System.arraycopy(gates, 0, product, 0, gates.length);
      for (int i = 0; i < d.length; i++) {
        d[i] = n[i] * r[i];
      }
      paste(d, product, 2);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= z[i];
      }
    }

    private static void sigmoids(float[] gate, float[] product) {
      for (int i = 0; i < gate.length; i++) {
        gate[i] = VectorMath.sigmoid(gate[i] + product[i]);
      }
    }

    private static void candidates(float[] n, float[] r, float[] product) {
      for (int i = 0; i < n.length; i++) {
        n[i] = VectorMath.tanh(n[i] + r[i] * product[i]);
      }
    }

    private void cut(float[] gates, int gate, float[] to) {
      for (int row = 0; row < to.length / hidden; row++) {
        System.arraycopy(gates, (row * GATES + gate) * hidden, to, row * hidden, hidden);
      }
    }

    private void paste(float[] from, float[] gates, int gate) {
      for (int row = 0; row < from.length / hidden; row++) {
        System.arraycopy(from, row * hidden, gates, (row * GATES + gate) * hidden, hidden);
      }
    }
  }
}
