package tinker.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Parameters for one forward and backward pass: the same values in the same memory, with gradients
 * of their own that begin empty and are freed with {@code manager}.
 *
 * <p>So nothing adds up from pass to pass, nothing has to be set to zero, and several threads can
 * pass through the same weights at once. What a pass computes from the parameters alone lies in
 * {@code manager} too and not with the weights, where it would stay for good.
 */
public final class Leaves extends ParameterStore {
  private final Map<String, NDArray> leaves = new HashMap<>();
  private final @Nullable SplittableRandom random;
  private final @Nullable Tape tape;

  /**
   * {@link Dropout} draws from the engine in this pass.
   *
   * @param manager owns the gradients; whoever opened it closes it
   */
  public Leaves(NDManager manager) {
    this(manager, null, null);
  }

  /**
   * @param manager owns the gradients; whoever opened it closes it
   * @param seed of what {@link Dropout} draws in this pass
   */
  public Leaves(NDManager manager, long seed) {
    this(manager, new SplittableRandom(seed), null);
  }

  private Leaves(NDManager manager, @Nullable SplittableRandom random, @Nullable Tape tape) {
    super(manager, false);
    this.random = random;
    this.tape = tape;
  }

  /**
   * Parameters for one pass whose way back is {@link #backward} and not the collector's: on the
   * CPU, RNN and GRU layers then go back in a way of their own, which is faster than the engine's.
   * What such a layer returned must not be changed in place, and nothing it read closed, before.
   *
   * @param manager owns the gradients; whoever opened it closes it
   * @param seed of what {@link Dropout} draws in this pass
   */
  public static Leaves taped(NDManager manager, long seed) {
    return new Leaves(manager, new SplittableRandom(seed), new Tape());
  }

  /** What is not left to the engine in this pass; null if nothing. */
  @Nullable Tape tape() {
    return tape;
  }

  /**
   * The backward pass of a store that {@link #taped} made, while a gradient collector is open.
   *
   * @param loss scalar
   * @throws IllegalStateException if it was not made so, or has gone back already
   */
  public void backward(NDArray loss) {
    if (tape == null) {
      throw new IllegalStateException(
          "these leaves have no tape; call backward of the gradient collector");
    }
    tape.backward(loss, getManager());
  }

  /** Where chance comes from in this pass; null for the engine. */
  @Nullable SplittableRandom random() {
    return random;
  }

  @Override
  public @Nullable NDArray getValue(
      @Nullable Parameter parameter, Device device, boolean training) {
    if (parameter == null) {
      // A block without bias asks for one all the same.
      return null;
    }
    return leaves.computeIfAbsent(
        parameter.getId(),
        id -> {
          // Through an index, because that is the one operation that takes the manager of its
          // result.
          NDArray leaf;
          try (NDArray view = parameter.getArray().get(getManager(), Gradients.EVERYTHING)) {
            leaf = view.stopGradient();
          }
          if (parameter.requiresGradient()) {
            leaf.setRequiresGradient(true);
          }
          return leaf;
        });
  }

  /**
   * The gradients of the last backward pass for the trained parameters of {@code block}, in the
   * order of {@link Gradients#trained}; zeros where none arrived.
   *
   * @throws IllegalStateException if the forward pass looked up none of them here, since then it
   *     would never learn; or if a pass with a tape went back without {@link #backward}
   */
  public List<NDArray> gradients(Block block) {
    if (leaves.isEmpty()) {
      throw new IllegalStateException(
          "the loss looked up no parameter in the store it was given, so it has no gradients");
    }
    if (tape != null && tape.pending()) {
      throw new IllegalStateException(
          "the way back leads through the tape; call backward of these leaves, not the collector's");
    }
    var gradients = new ArrayList<NDArray>();
    for (Parameter parameter : Weights.of(block).values()) {
      if (parameter.requiresGradient()) {
        NDArray leaf = leaves.get(parameter.getId());
        gradients.add(
            leaf == null
                ? getManager().zeros(parameter.getArray().getShape())
                : leaf.getGradient());
      }
    }
    return gradients;
  }
}
