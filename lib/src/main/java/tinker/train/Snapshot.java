package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.util.LinkedHashMap;
import java.util.Map;
import tinker.nn.Gradients;
import tinker.nn.Weights;

/** A copy of all parameters of a block, taken again and again into the same memory. */
final class Snapshot implements AutoCloseable {
  private final NDManager manager;
  private final Map<String, NDArray> originals = new LinkedHashMap<>();
  private final Map<String, NDArray> copies = new LinkedHashMap<>();

  Snapshot(Block block) {
    Weights.of(block).forEach((name, parameter) -> originals.put(name, parameter.getArray()));
    manager = NDManager.newBaseManager(originals.values().iterator().next().getDevice());
    manager.setName("copy of weights");
    try {
      originals.forEach(
          (name, array) -> copies.put(name, manager.zeros(array.getShape(), array.getDataType())));
      take();
    } catch (RuntimeException e) {
      // Where there is no memory for all, none is kept for some.
      manager.close();
      throw e;
    }
  }

  /** Copies the block's parameters as they are now. */
  void take() {
    originals.forEach((name, array) -> Gradients.assign(copy(name), array));
  }

  /** Gives the block the parameters of the last {@link #take}. */
  void putBack() {
    originals.forEach((name, array) -> Gradients.assign(array, copy(name)));
  }

  /** The copies by name; they belong to this object. */
  Map<String, NDArray> arrays() {
    return copies;
  }

  private NDArray copy(String name) {
    NDArray copy = copies.get(name);
    if (copy == null) {
      throw new IllegalStateException("no copy of " + name);
    }
    return copy;
  }

  @Override
  public void close() {
    manager.close();
  }
}
