package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.util.Collection;
import java.util.List;

/**
 * The length of all gradients of a model taken as one vector, and clipping by it (Pascanu, Mikolov
 * and Bengio 2013): a gradient that is too long is shortened, its direction stays. DJL's own
 * clipping cuts single numbers, and only above, not below.
 */
public final class GradientNorm {
  private GradientNorm() {}

  /**
   * Shortens the gradients of {@code block} in place so that their norm is at most {@code maxNorm}.
   * Call it between {@code backward} and the update.
   *
   * @param maxNorm above 0; infinity only measures
   * @return the norm before; when it is not a number or infinite, the gradients are left as they
   *     are
   */
  public static double clip(Block block, double maxNorm) {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException("maxNorm is " + maxNorm + "; it must be above 0");
    }
    try (var off = Gradients.off()) {
      Collection<NDArray> parameters = Gradients.trained(block).values();
      double norm = ofParameters(parameters);
      double scale = scale(norm, maxNorm);
      if (scale < 1) {
        for (NDArray parameter : parameters) {
          try (NDArray gradient = parameter.getGradient()) {
            gradient.muli(scale);
          }
        }
      }
      return norm;
    }
  }

  /** The norm of the gradients that the parameters of {@code block} have. */
  public static double of(Block block) {
    return ofParameters(Gradients.trained(block).values());
  }

  /** The norm of these gradients. */
  public static double of(List<NDArray> gradients) {
    if (gradients.isEmpty()) {
      return 0;
    }
    double squares = 0;
    try (NDManager scope = gradients.get(0).getManager().newSubManager()) {
      for (NDArray gradient : gradients) {
        squares += square(gradient, scope);
      }
    }
    return Math.sqrt(squares);
  }

  /**
   * The norm of these gradients, not read: nothing is waited for.
   *
   * @return scalar beside the gradients
   */
  public static NDArray unread(List<NDArray> gradients) {
    var norms = new NDList();
    gradients.forEach(gradient -> norms.add(gradient.norm()));
    return NDArrays.stack(norms).norm();
  }

  /**
   * Shortens these gradients in place so that their norm is at most {@code maxNorm}, without
   * reading a number.
   *
   * @param norm what {@link #unread} gave; where it is no number, neither are the gradients then
   * @param maxNorm scalar above 0, beside the gradients; infinity makes them no numbers
   */
  public static void clip(List<NDArray> gradients, NDArray norm, NDArray maxNorm) {
    // 1 as long as the norm is not above the limit. All in arrays: a plain number would have to be
    // brought to the device, and that waits for all that is queued there. The engine hands both
    // results to the manager of maxNorm, which outlives the step.
    try (NDArray longest = maxNorm.maximum(norm);
        NDArray scale = maxNorm.div(longest)) {
      gradients.forEach(gradient -> gradient.muli(scale));
    }
  }

  private static double ofParameters(Collection<NDArray> parameters) {
    List<NDArray> gradients = parameters.stream().map(NDArray::getGradient).toList();
    try {
      return of(gradients);
    } finally {
      gradients.forEach(NDArray::close);
    }
  }

  /**
   * @param scope is closed soon: a number read from a card leaves a copy with the array's manager
   */
  private static double square(NDArray gradient, NDManager scope) {
    try (NDArray norm = gradient.norm()) {
      norm.attach(scope);
      double value = norm.getFloat();
      return value * value;
    }
  }

  /**
   * What the gradients must be multiplied with; PyTorch's {@code clip_grad_norm_} takes the same.
   */
  public static double scale(double norm, double maxNorm) {
    return norm > maxNorm && !Double.isInfinite(norm) ? maxNorm / (norm + 1e-6) : 1;
  }
}
