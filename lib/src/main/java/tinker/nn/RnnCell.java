package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;

/**
 * The simple recurrent cell (Elman 1990): {@code h' = tanh(W x + b + U h + d)}, or max(0, ·) in
 * place of tanh.
 *
 * @param weightIh W (H, I)
 * @param weightHh U (H, H)
 * @param biasIh b (H)
 * @param biasHh d (H)
 * @param relu max(0, ·) in place of tanh
 */
public record RnnCell(
    NDArray weightIh, NDArray weightHh, NDArray biasIh, NDArray biasHh, boolean relu)
    implements Cell {
  @Override
  public NDList step(NDArray x, NDList state) {
    NDArray h = state.get(0); // (B, H)
    NDArray sum = Cell.affine(x, weightIh, biasIh).add(Cell.affine(h, weightHh, biasHh)); // (B, H)
    return new NDList(relu ? Activation.relu(sum) : sum.tanh());
  }
}
