package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;

/**
 * The long short-term memory cell (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et
 * al. 2000).
 *
 * <pre>
 * i  = σ(W_i x + b_i + U_i h + d_i)       what to let in
 * f  = σ(W_f x + b_f + U_f h + d_f)       what to keep
 * g  = tanh(W_g x + b_g + U_g h + d_g)    what there is to let in
 * o  = σ(W_o x + b_o + U_o h + d_o)       what to show
 * c' = f ∘ c + i ∘ g
 * h' = o ∘ tanh(c')
 * </pre>
 *
 * @param weightIh W_i, W_f, W_g, W_o on each other (4H, I)
 * @param weightHh U_i, U_f, U_g, U_o on each other (4H, H)
 * @param biasIh b_i, b_f, b_g, b_o (4H)
 * @param biasHh d_i, d_f, d_g, d_o (4H)
 */
public record LstmCell(NDArray weightIh, NDArray weightHh, NDArray biasIh, NDArray biasHh)
    implements Cell {
  @Override
  public NDList step(NDArray x, NDList state) {
    NDArray h = state.get(0); // (B, H)
    NDArray c = state.get(1); // (B, H)
    NDArray sums = Cell.affine(x, weightIh, biasIh).add(Cell.affine(h, weightHh, biasHh));
    NDList parts = sums.split(4, 1); // four of (B, H)
    NDArray in = Activation.sigmoid(parts.get(0));
    NDArray forget = Activation.sigmoid(parts.get(1));
    NDArray candidate = parts.get(2).tanh();
    NDArray out = Activation.sigmoid(parts.get(3));
    NDArray cell = forget.mul(c).add(in.mul(candidate)); // (B, H)
    return new NDList(out.mul(cell.tanh()), cell);
  }
}
