package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * One step of a recurrent layer, written out from its equations. Weights are laid out as PyTorch
 * and {@link Recurrent} lay them out, so both give the same numbers.
 *
 * <pre>{@code
 * Cell cell = Cell.of(recurrent, 0);
 * NDList state = cell.step(x, new NDList(h, c));      // (B, I), (B, H), (B, H) -> (B, H), (B, H)
 * }</pre>
 */
public sealed interface Cell permits RnnCell, GruCell, LstmCell {
  /**
   * Reads one input.
   *
   * @param x (B, I)
   * @param state h (B, H), and for an LSTM c (B, H)
   * @return the next state; its first array is also what the layer returns
   */
  NDList step(NDArray x, NDList state);

  /**
   * The cell with the weights of one layer of {@code recurrent}. It shares them: what training does
   * to one is seen in the other.
   *
   * @param layer in [0, {@code recurrent.layers()})
   */
  static Cell of(Recurrent recurrent, int layer) {
    return of(
        recurrent.kind(),
        recurrent.parameter("weight_ih_l" + layer),
        recurrent.parameter("weight_hh_l" + layer),
        recurrent.parameter("bias_ih_l" + layer),
        recurrent.parameter("bias_hh_l" + layer));
  }

  /**
   * The cell of this kind.
   *
   * @param weightIh (G·H, I), where G is 1, 3 or 4
   * @param weightHh (G·H, H)
   * @param biasIh (G·H)
   * @param biasHh (G·H)
   */
  static Cell of(
      Recurrent.Kind kind, NDArray weightIh, NDArray weightHh, NDArray biasIh, NDArray biasHh) {
    return switch (kind) {
      case RNN_TANH -> new RnnCell(weightIh, weightHh, biasIh, biasHh, false);
      case RNN_RELU -> new RnnCell(weightIh, weightHh, biasIh, biasHh, true);
      case GRU -> new GruCell(weightIh, weightHh, biasIh, biasHh);
      case LSTM -> new LstmCell(weightIh, weightHh, biasIh, biasHh);
    };
  }

  /**
   * {@code x Wᵀ + b}, in the manager of {@code x}. Written as {@code x.matMul(w.transpose())} the
   * transposed view would stay in the manager of the weights.
   *
   * @param x (B, I)
   * @param weight (O, I)
   * @param bias (O)
   * @return (B, O)
   */
  static NDArray affine(NDArray x, NDArray weight, NDArray bias) {
    return x.getNDArrayInternal().linear(x, weight, bias).head();
  }
}
