package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Functions of one pass whose gradients are computed here, since DJL has no means to teach the
 * engine a function with a gradient of its own. What such a function returns begins a new graph.
 * The way back goes through the graph of the loss, then through the functions from the last to the
 * first, each followed by the graph that led to it.
 */
final class Tape {
  /** The way back through a function. */
  interface Back {
    /**
     * @param given the gradient of each array that the function returned; null where none arrived
     * @return the gradient of each array that it read; asked for once, so that what was kept for it
     *     may be freed
     */
    NDList gradients(List<@Nullable NDArray> given);
  }

  private record Function(NDList read, NDList written, Back back) {}

  private final List<Function> functions = new ArrayList<>();
  private boolean done;

  /**
   * @param read what the function read
   * @param written what it returned, without a graph; from here on each has a gradient
   */
  void note(NDList read, NDList written, Back back) {
    written.forEach(array -> array.setRequiresGradient(true));
    functions.add(new Function(read, written, back));
  }

  /** True if there is something here that only {@link #backward} goes back through. */
  boolean pending() {
    return !done && !functions.isEmpty();
  }

  /**
   * Adds the gradients of {@code loss} to those of all leaves.
   *
   * @throws IllegalStateException the second time, since functions keep nothing after the first
   */
  void backward(NDArray loss, NDManager manager) {
    if (done) {
      throw new IllegalStateException("this pass has gone back already; each needs leaves anew");
    }
    done = true;
    backward(loss, loss.onesLike());
    NDArray anchor = manager.zeros(new Shape());
    anchor.setRequiresGradient(true);
    for (int i = functions.size() - 1; i >= 0; i--) {
      Function function = functions.get(i);
      NDList gradients = gradients(function);
      for (int k = 0; k < gradients.size(); k++) {
        NDArray read = function.read.get(k);
        // Of what is no leaf DJL does not tell whether there is a graph behind it; behind a sum
        // with the anchor there always is one.
        boolean leaf = JniUtils.requiresGrad((PtNDArray) read);
        backward(leaf ? read : read.add(anchor), gradients.get(k));
      }
      gradients.close();
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
      boolean unused = given.stream().allMatch(Objects::isNull);
      return unused ? new NDList() : function.back.gradients(given);
    }
  }
}
