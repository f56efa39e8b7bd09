package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;

/**
 * The gated recurrent unit (Cho et al. 2014), as cuDNN and PyTorch compute it: the reset gate acts
 * after the product with the state.
 *
 * <pre>
 * r  = σ(W_r x + b_r + U_r h + d_r)
 * z  = σ(W_z x + b_z + U_z h + d_z)
 * n  = tanh(W_n x + b_n + r ∘ (U_n h + d_n))
 * h' = (1 - z) ∘ n + z ∘ h
 * </pre>
 *
 * @param weightIh W_r, W_z, W_n on each other (3H, I)
 * @param weightHh U_r, U_z, U_n on each other (3H, H)
 * @param biasIh b_r, b_z, b_n (3H)
 * @param biasHh d_r, d_z, d_n (3H)
 */
public record GruCell(NDArray weightIh, NDArray weightHh, NDArray biasIh, NDArray biasHh)
    implements Cell {
  @Override
  public NDList step(NDArray x, NDList state) {
    NDArray h = state.get(0); // (B, H)
    NDList read = Cell.affine(x, weightIh, biasIh).split(3, 1); // three of (B, H)
    NDList kept = Cell.affine(h, weightHh, biasHh).split(3, 1); // three of (B, H)
    NDArray reset = Activation.sigmoid(read.get(0).add(kept.get(0))); // (B, H)
    NDArray update = Activation.sigmoid(read.get(1).add(kept.get(1))); // (B, H)
    NDArray candidate = read.get(2).add(reset.mul(kept.get(2))).tanh(); // (B, H)
    NDArray next = candidate.add(update.mul(h.sub(candidate))); // (1 - z) n + z h
    return new NDList(next);
  }
}
