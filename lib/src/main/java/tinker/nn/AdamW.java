package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, "Decoupled weight decay
 * regularization", algorithm 2), which owns its moments: they can be read, saved and put back, so
 * that a run can be resumed exactly. The numbers are PyTorch's.
 *
 * <p>With g the gradient, t the number of this update, and all operations elementwise:
 *
 * <pre>
 * w = w - rate * decay * w
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g * g
 * w = w - rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 */
public final class AdamW implements AutoCloseable {
  private final Options options;
  private final List<Slot> slots = new ArrayList<>();
  private final @Nullable Flat flat;
  private long updates;

  /**
   * @param beta1 how much of the mean of the gradients is kept, in [0, 1); a schedule may overrule
   *     it at each update
   * @param beta2 how much of the mean of their squares is kept, in [0, 1)
   * @param epsilon added to the denominator, above 0
   * @param weightDecay share of a weight, times the learning rate, that each update takes away; at
   *     least 0
   * @param decoupled true for AdamW; false adds the decay to the gradient, as Adam does
   */
  public record Options(
      double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled) {
    public Options {
      if (!(beta1 >= 0 && beta1 < 1) || !(beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            "betas are " + beta1 + " and " + beta2 + "; they must be in [0, 1)");
      }
      if (!(epsilon > 0)) {
        throw new IllegalArgumentException("epsilon is " + epsilon + "; it must be above 0");
      }
      if (!(weightDecay >= 0) || Double.isInfinite(weightDecay)) {
        throw new IllegalArgumentException(
            "weightDecay is " + weightDecay + "; it must be at least 0 and finite");
      }
    }

    /** AdamW with PyTorch's values: betas 0.9 and 0.999, epsilon 1e-8. */
    public static Options decay(double weightDecay) {
      return new Options(0.9, 0.999, 1e-8, weightDecay, true);
    }

    /** Plain Adam (Kingma and Ba 2015) without decay. */
    public static Options adam() {
      return new Options(0.9, 0.999, 1e-8, 0, false);
    }
  }

  private AdamW(Block block, Options options, boolean onDevice) {
    this.options = options;
    Map<String, NDArray> weights = Gradients.trained(block);
    if (weights.isEmpty()) {
      throw new IllegalArgumentException("the block has no parameter that is trained");
    }
    flat = onDevice ? new Flat(weights.values()) : null;
    long from = 0;
    for (var e : weights.entrySet()) {
      Slot slot =
          flat == null
              ? new PlainSlot(e.getKey(), e.getValue(), from)
              : new DeviceSlot(e.getKey(), e.getValue(), from, flat);
      slots.add(slot);
      from += slot.size;
    }
  }

  /** An optimizer for the trained parameters of an initialised block, its moments zero. */
  public static AdamW of(Block block, Options options) {
    boolean gpu = Gradients.trained(block).values().stream().anyMatch(w -> w.getDevice().isGpu());
    return new AdamW(block, options, gpu);
  }

  /** One that works with the engine's operations, as on a GPU, wherever the parameters lie. */
  static AdamW onDevice(Block block, Options options) {
    return new AdamW(block, options, true);
  }

  /** One update with the gradients the parameters have; afterwards these are zero. */
  public void step(double rate) {
    step(rate, options.beta1(), 1);
  }

  /**
   * One update with the gradients the parameters have; afterwards these are zero.
   *
   * @param rate learning rate, at least 0
   * @param beta1 overrules the option, for a schedule that moves the momentum
   * @param gradientScale the gradients are multiplied with this first; clipping by norm passes
   *     {@link GradientNorm#scale} here and so needs no pass of its own
   */
  public void step(double rate, double beta1, double gradientScale) {
    List<NDArray> gradients = slots.stream().map(slot -> slot.weight.getGradient()).toList();
    try {
      step(gradients, rate, beta1, gradientScale);
    } finally {
      gradients.forEach(NDArray::close);
      slots.forEach(slot -> Gradients.zero(slot.weight));
    }
  }

  /**
   * One update with gradients that lie elsewhere.
   *
   * @param gradients one for each parameter, in the order of {@link Gradients#trained}
   */
  public void step(List<NDArray> gradients, double rate, double beta1, double gradientScale) {
    if (gradients.size() != slots.size()) {
      throw new IllegalArgumentException(
          gradients.size() + " gradients for " + slots.size() + " parameters");
    }
    if (flat != null) {
      try (NDManager scope = flat.manager.newSubManager()) {
        step(EngineArray.joined(gradients, scope), rate, beta1, gradientScale);
      }
      return;
    }
    updates++;
    Step step = new Step(options, updates, rate, beta1, gradientScale);
    // Each parameter is a matter of its own, so the cores share them out.
    IntStream.range(0, slots.size())
        .parallel()
        .forEach(i -> ((PlainSlot) slots.get(i)).update(gradients.get(i), step));
  }

  /**
   * One update with all gradients in one array.
   *
   * @param gradients as {@link EngineArray#joined} gives them
   */
  public void step(NDArray gradients, double rate, double beta1, double gradientScale) {
    if (flat == null) {
      List<NDArray> parts = slots.stream().map(slot -> slot.part(gradients)).toList();
      step(parts, rate, beta1, gradientScale);
      return;
    }
    updates++;
    flat.update(slots, gradients, new Step(options, updates, rate, beta1, gradientScale));
  }

  /** Number of updates made so far. */
  public long updates() {
    return updates;
  }

  /**
   * A copy of the moments as they are now, in row-major order, under the names {@code NAME.mean}
   * and {@code NAME.variance}.
   */
  public Map<String, float[]> moments() {
    var moments = new LinkedHashMap<String, float[]>();
    for (Slot slot : slots) {
      moments.put(slot.name + ".mean", slot.mean());
      moments.put(slot.name + ".variance", slot.variance());
    }
    return moments;
  }

  /**
   * Puts back what {@link #moments} and {@link #updates} gave.
   *
   * @throws IllegalArgumentException if a moment is missing, too many, or of another size; then
   *     nothing is changed
   */
  public void restore(Map<String, float[]> moments, long updates) {
    var names = new TreeSet<String>();
    for (Slot slot : slots) {
      for (String name : List.of(slot.name + ".mean", slot.name + ".variance")) {
        names.add(name);
        float[] values = moments.get(name);
        if (values != null && values.length != slot.size) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "moment %s has %d values; it must have %d",
                  name,
                  values.length,
                  slot.size));
        }
      }
    }
    if (!names.equals(moments.keySet())) {
      var missing = new TreeSet<>(names);
      missing.removeAll(moments.keySet());
      var extra = new TreeSet<>(moments.keySet());
      extra.removeAll(names);
      throw new IllegalArgumentException(
          "moments do not belong to this model: missing " + missing + ", extra " + extra);
    }
    for (Slot slot : slots) {
      slot.restore(
          Objects.requireNonNull(moments.get(slot.name + ".mean")),
          Objects.requireNonNull(moments.get(slot.name + ".variance")));
    }
    this.updates = updates;
  }

  @Override
  public void close() {
    if (flat != null) {
      flat.manager.close();
    }
  }

  /** The numbers of one update, with the corrections for moments that began at zero. */
  private record Step(
      Options options, double rate, double beta1, double scale, double size, double root) {
    Step(Options options, long number, double rate, double beta1, double scale) {
      this(
          options,
          rate,
          beta1,
          scale,
          rate / (1 - Math.pow(beta1, number)),
          Math.sqrt(1 - Math.pow(options.beta2(), number)));
    }
  }

  /** A parameter and its two moments. */
  private abstract static class Slot {
    final String name;
    final NDArray weight;
    final int size;
    private final long from; // where it begins in an array of all parameters

    Slot(String name, NDArray weight, long from) {
      this.name = name;
      this.weight = weight;
      this.from = from;
      size = Math.toIntExact(weight.size());
    }

    /** What belongs to this parameter in an array of all, (N): a view of the parameter's shape. */
    final NDArray part(NDArray all) {
      return EngineArray.part(all, from, weight.getShape());
    }

    abstract float[] mean();

    abstract float[] variance();

    abstract void restore(float[] mean, float[] variance);
  }

  /**
   * Moments in plain arrays, and one pass over the weights where they lie. The engine's own update
   * makes about twelve passes and rounds 1 - beta2 to five digits.
   */
  private static final class PlainSlot extends Slot {
    /** Small enough that the piece at hand stays in the core's own cache. */
    private static final int PIECE = 2048;

    private final float[][] mean;
    private final float[][] variance;
    private final float[] weights = new float[PIECE];
    private final float[] gradients = new float[PIECE];

    PlainSlot(String name, NDArray weight, long from) {
      super(name, weight, from);
      int pieces = (size + PIECE - 1) / PIECE;
      mean = new float[pieces][PIECE];
      variance = new float[pieces][PIECE];
    }

    void update(NDArray gradient, Step step) {
      FloatBuffer w = weight.toByteBuffer(true).asFloatBuffer();
      FloatBuffer g = gradient.toByteBuffer(true).asFloatBuffer();
      Options options = step.options;
      boolean decoupled = options.decoupled();
      float keep = (float) (decoupled ? 1 - step.rate * options.weightDecay() : 1);
      float added = (float) (decoupled ? 0 : options.weightDecay());
      for (int piece = 0; piece < mean.length; piece++) {
        int from = piece * PIECE;
        int n = Math.min(PIECE, size - from);
        w.get(from, weights, 0, n);
        g.get(from, gradients, 0, n);
        pass(
            weights,
            gradients,
            mean[piece],
            variance[piece],
            n,
            (float) step.scale,
            added,
            keep,
            (float) (1 - step.beta1),
            (float) options.beta2(),
            (float) (1 - options.beta2()),
            (float) step.size,
            (float) (1 / step.root),
            (float) options.epsilon());
        w.put(from, weights, 0, n);
      }
    }

    /**
     * The equations, written so that the compiler turns the loop into vector instructions: it does
     * so only while all arrays are read at the same place.
     */
    private static void pass(
        float[] w,
        float[] g,
        float[] m,
        float[] v,
        int n,
        float scale,
        float added,
        float keep,
        float fresh1,
        float beta2,
        float fresh2,
        float size,
        float correction,
        float epsilon) {
      for (int i = 0; i < n; i++) {
        float gradient = scale * g[i] + added * w[i];
        float mean = m[i] + fresh1 * (gradient - m[i]);
        float variance = beta2 * v[i] + fresh2 * gradient * gradient;
        m[i] = mean;
        v[i] = variance;
        w[i] = keep * w[i] - size * mean / ((float) Math.sqrt(variance) * correction + epsilon);
      }
    }

    @Override
    float[] mean() {
      return joined(mean);
    }

    @Override
    float[] variance() {
      return joined(variance);
    }

    private float[] joined(float[][] pieces) {
      float[] all = new float[size];
      for (int from = 0; from < size; from += PIECE) {
        System.arraycopy(pieces[from / PIECE], 0, all, from, Math.min(PIECE, size - from));
      }
      return all;
    }

    @Override
    void restore(float[] newMean, float[] newVariance) {
      for (int from = 0; from < size; from += PIECE) {
        int n = Math.min(PIECE, size - from);
        System.arraycopy(newMean, from, mean[from / PIECE], 0, n);
        System.arraycopy(newVariance, from, variance[from / PIECE], 0, n);
      }
    }
  }

  /** A parameter's part of the moments on the device. */
  private static final class DeviceSlot extends Slot {
    private final NDArray mean;
    private final NDArray variance;

    DeviceSlot(String name, NDArray weight, long from, Flat flat) {
      super(name, weight, from);
      mean = part(flat.mean);
      variance = part(flat.variance);
    }

    @Override
    float[] mean() {
      return Weights.values(mean);
    }

    @Override
    float[] variance() {
      return Weights.values(variance);
    }

    @Override
    void restore(float[] newMean, float[] newVariance) {
      Weights.set(mean, newMean);
      Weights.set(variance, newVariance);
    }
  }

  /**
   * The moments of all parameters in one array each, and the engine's update of all at once: it
   * takes some thirteen operations whatever the number of weights, and a GPU is through with those
   * of one parameter before it is told the next.
   */
  private static final class Flat {
    private final NDManager manager;
    private final NDArray mean; // (N), N the size of all parameters
    private final NDArray variance; // (N)

    Flat(Collection<NDArray> weights) {
      manager = NDManager.newBaseManager(weights.iterator().next().getDevice());
      manager.setName("AdamW");
      long size = weights.stream().mapToLong(NDArray::size).sum();
      try {
        mean = manager.zeros(new Shape(size));
        variance = manager.zeros(new Shape(size));
      } catch (RuntimeException e) {
        // Where there is no memory for both, none is kept for one.
        manager.close();
        throw e;
      }
    }

    void update(List<Slot> slots, NDArray gradients, Step step) {
      Options options = step.options;
      try (var off = Gradients.off();
          NDManager scope = manager.newSubManager()) {
        NDArray weights =
            EngineArray.joined(slots.stream().map(slot -> slot.weight).toList(), scope);
        // The engine divides by sqrt(v) + e. With e = epsilon * root, and the rate multiplied by
        // root, that is the equation above.
        weights
            .getNDArrayInternal()
            .adamUpdate(
                new NDList(weights, gradients, mean, variance),
                new NDList(weights),
                (float) step.rate,
                (float) (step.size * step.root),
                (float) options.weightDecay(),
                (float) step.scale,
                -1f,
                (float) step.beta1,
                (float) options.beta2(),
                (float) (options.epsilon() * step.root),
                false,
                options.decoupled());
        for (Slot slot : slots) {
          Gradients.assign(slot.weight, slot.part(weights));
        }
      }
    }
  }
}
