package tinker.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One simple recurrent or GRU layer over a whole sequence on the CPU, with a backward pass
 * (backpropagation through time, Werbos 1990) of its own.
 *
 * <p>The engine computes these layers from some twenty operations a step and some thirty on the way
 * back, each of which costs more than its numbers do. Here a step is one product with the weights
 * and one loop over arrays ({@link StepArithmetic}), and the gradient of the weights is one product
 * over all steps. (An LSTM the engine computes as a whole, and faster than this would.)
 *
 * <p>Arrays hold time before batch, so that a step is one stretch of memory.
 */
final class Unrolled {
  private final StepArithmetic arithmetic;
  private final int steps;
  private final int batch;
  private final int hidden;
  private final int width; // G·H
  private final NDArray inputs; // (T·B, I)
  private final NDList weights; // (G·H, I), (G·H, H), (G·H), (G·H)
  private final NDArray gates; // (T·B, G·H), on the way back the gradient of W x + b
  private final NDArray products; // (T·B, G·H): U h + c, on the way back its gradient
  private final NDArray states; // ((T+1)·B, H): the one to begin with, then one for each step

  private Unrolled(Recurrent.Kind kind, NDArray sequence, NDArray begin, NDList weights) {
    Shape shape = sequence.getShape();
    batch = Math.toIntExact(shape.get(0));
    steps = Math.toIntExact(shape.get(1));
    hidden = Math.toIntExact(weights.get(1).getShape().get(1));
    width = kind.gates() * hidden;
    arithmetic = StepArithmetic.of(kind, batch, hidden);
    this.weights = weights;
    inputs = timeFirst(sequence);
    gates = Cell.affine(inputs, weights.get(0), weights.get(2));
    NDManager manager = sequence.getManager();
    products = empty(manager, (long) steps * batch, width);
    states = empty(manager, (steps + 1L) * batch, hidden);
    run(begin);
  }

  /** The tape to note a layer of this kind on; null where the engine is to compute it. */
  static @Nullable Tape tape(Recurrent.Kind kind, NDArray sequence, ParameterStore parameters) {
    boolean engine =
        kind == Recurrent.Kind.LSTM || sequence.getDevice().isGpu() || !JniUtils.isGradMode();
    return !engine && parameters instanceof Leaves leaves ? leaves.tape() : null;
  }

  /**
   * All steps, noted on the tape.
   *
   * @param sequence (B, T, I)
   * @param begin (B, H)
   * @param weights of the layer, in the order of {@link Recurrent}
   * @return (B, T, H), then the last state (B, H), in the manager of {@code sequence}
   */
  static NDList forward(
      Recurrent.Kind kind, NDArray sequence, NDArray begin, NDList weights, Tape tape) {
    Unrolled made;
    NDList written;
    try (var off = Gradients.off()) {
      made = new Unrolled(kind, sequence, begin, weights);
      written = made.written();
    }
    var read = new NDList(sequence, begin);
    read.addAll(weights);
    tape.note(read, written, made::back);
    return written;
  }

  private void run(NDArray begin) {
    FloatBuffer allGates = numbers(gates);
    FloatBuffer allProducts = numbers(products);
    FloatBuffer allStates = numbers(states);
    float[] gate = new float[batch * width];
    float[] product = new float[batch * width];
    float[] h = begin.toFloatArray();
    allStates.put(0, h);
    try (NDArray now = empty(begin.getManager(), batch, hidden)) {
      FloatBuffer nowNumbers = numbers(now);
      for (int t = 0; t < steps; t++) {
        nowNumbers.put(0, h);
        try (NDArray multiplied = Cell.affine(now, weights.get(1), weights.get(3))) {
          numbers(multiplied).get(0, product);
        }
        allGates.get(t * gate.length, gate);
        arithmetic.step(gate, product, h);
        allGates.put(t * gate.length, gate);
        allProducts.put(t * product.length, product);
        allStates.put((t + 1) * h.length, h);
      }
    }
  }

  private NDList written() {
    NDArray all = states.get("{}:", batch).reshape(steps, batch, hidden); // (T, B, H)
    NDArray last = states.get("{}:", (long) steps * batch); // (B, H)
    return new NDList(all.transpose(1, 0, 2).duplicate(), last.duplicate());
  }

  /**
   * The gradients of sequence, first state and weights.
   *
   * @param given of what {@link #forward} returned; null where none arrived
   */
  private NDList back(List<@Nullable NDArray> given) {
    NDArray ofStates = given.get(0);
    NDArray ofLast = given.get(1);
    NDManager manager = states.getManager();
    FloatBuffer allGates = numbers(gates);
    FloatBuffer allProducts = numbers(products);
    FloatBuffer allStates = numbers(states);
    float[] gate = new float[batch * width];
    float[] product = new float[batch * width];
    float[] h = new float[batch * hidden];
    float[] direct = new float[h.length];
    float[] gradient = ofLast == null ? new float[h.length] : ofLast.toFloatArray();
    try (NDArray ordered = ofStates == null ? states.zerosLike() : timeFirst(ofStates);
        NDArray now = empty(manager, batch, width)) {
      FloatBuffer allGradients = numbers(ordered);
      FloatBuffer nowNumbers = numbers(now);
      for (int t = steps - 1; t >= 0; t--) {
        allGradients.get(t * direct.length, direct);
        add(gradient, direct);
        allGates.get(t * gate.length, gate);
        allProducts.get(t * product.length, product);
        allStates.get(t * h.length, h);
        arithmetic.back(gate, product, h, gradient);
        allGates.put(t * gate.length, gate);
        allProducts.put(t * product.length, product);
        nowNumbers.put(0, product);
        try (NDArray multiplied = now.matMul(weights.get(1))) {
          numbers(multiplied).get(0, direct);
        }
        add(gradient, direct);
      }
    }
    NDArray before = states.get("0:{}", (long) steps * batch); // (T·B, H)
    NDArray ofInputs = gates.matMul(weights.get(0)); // (T·B, I)
    var gradients =
        new NDList(
            ofInputs.reshape(steps, batch, inputs.getShape().get(1)).transpose(1, 0, 2),
            EngineArray.of(manager, gradient, batch, hidden),
            gates.transpose().matMul(inputs),
            products.transpose().matMul(before),
            gates.sum(new int[] {0}),
            products.sum(new int[] {0}));
    new NDList(before, ofInputs, gates, products, states, inputs).close();
    return gradients;
  }

  private static void add(float[] to, float[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += what[i];
    }
  }

  /** (B, T, F) as (T·B, F), row after row. */
  private static NDArray timeFirst(NDArray sequence) {
    Shape shape = sequence.getShape();
    try (NDArray turned = sequence.transpose(1, 0, 2)) {
      return turned.reshape(shape.get(0) * shape.get(1), shape.get(2));
    }
  }

  private static NDArray empty(NDManager manager, long rows, long columns) {
    return manager.create(new Shape(rows, columns), DataType.FLOAT32);
  }

  /**
   * The numbers of an array where they lie; good for as long as the array is, which must hold them
   * row after row and not be a turned view of another.
   */
  private static FloatBuffer numbers(NDArray array) {
    return ((PtNDArray) array).toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }
}
