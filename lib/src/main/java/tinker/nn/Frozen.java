package tinker.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters for looking only: the same values in the same memory, but no operation on them is
 * recorded for gradients. DJL switches recording off for the thread that loaded the engine alone;
 * on any other thread a forward pass through the parameters themselves would build a graph that
 * grows with the text.
 */
public final class Frozen extends ParameterStore {
  private final Map<String, NDArray> views = new HashMap<>();

  /**
   * @param manager owns the views; whoever opened it closes it
   */
  public Frozen(NDManager manager) {
    super(manager, false);
  }

  @Override
  public @Nullable NDArray getValue(
      @Nullable Parameter parameter, Device device, boolean training) {
    if (parameter == null) {
      // A block without bias asks for one all the same.
      return null;
    }
    return views.computeIfAbsent(
        parameter.getId(),
        id -> {
          // Through an index, because that is the one operation that takes the manager of its
          // result.
          NDArray view = parameter.getArray().get(getManager(), Gradients.EVERYTHING);
          return view.stopGradient();
        });
  }
}
