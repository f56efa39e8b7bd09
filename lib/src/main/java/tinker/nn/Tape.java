package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Functions of one pass whose gradients are computed here and not by the engine, which DJL gives no
 * means to teach new ones. What such a function returns begins a new graph; the way back goes
 * through the graph of the loss, then through the functions from the last to the first, each time
 * followed by the graph that led to it.
 */
final class Tape {
  /** The way back through a function. */
  interface Back {
    /**
     * @param given the gradient of each array that the function returned; null where none arrived
     * @return the gradient of each array that it read
     */
    NDList gradients(List<@Nullable NDArray> given);
  }

  private record Function(NDList read, NDList written, Back back) {}

  private final List<Function> functions = new ArrayList<>();

  /**
   * @param read what the function read
   * @param written what it returned, without a graph; from here on each has a gradient
   */
  void note(NDList read, NDList written, Back back) {
    written.forEach(array -> array.setRequiresGradient(true));
    functions.add(new Function(read, written, back));
  }

  /** Adds the gradients of {@code loss} to those of all leaves. */
  void backward(NDArray loss, NDManager manager) {
    backward(loss, loss.onesLike());
    if (functions.isEmpty()) {
      return;
    }
    // An array does not tell whether there is a graph behind it; a sum with this always has one.
    NDArray anchor = manager.zeros(new Shape());
    anchor.setRequiresGradient(true);
    for (int i = functions.size() - 1; i >= 0; i--) {
      Function function = functions.get(i);
      NDList gradients = gradients(function);
      for (int k = 0; k < gradients.size(); k++) {
        backward(function.read.get(k).add(anchor), gradients.get(k));
      }
    }
  }

  // Graphs are kept until their arrays are freed, since several ways may lead through one.
  private void backward(NDArray array, NDArray gradient) {
    JniUtils.backward((PtNDArray) array, (PtNDArray) gradient, !functions.isEmpty(), false);
  }

  private static NDList gradients(Function function) {
    try (var off = Gradients.off()) {
      var given = new ArrayList<@Nullable NDArray>();
      for (NDArray array : function.written) {
        given.add(JniUtils.getGradient((PtNDArray) array));
      }
      return function.back.gradients(given);
    }
  }
}
