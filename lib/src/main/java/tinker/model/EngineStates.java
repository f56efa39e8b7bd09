package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.LongStream;
import tinker.nn.Gradients;

/**
 * Many states of a recurrent model side by side, stepped by the engine where the weights lie.
 * {@link SideBySide} says when that is faster than {@link PlainRecurrent}. The weights are those of
 * the moment; the numbers are the plain ones' up to rounding.
 */
final class EngineStates implements LanguageModel.States {
  private final RecurrentModel model;
  private final NDManager manager;
  private NDManager carrier;
  private NDList state; // (L, B, H), once or twice
  private double[][] logs; // B x V

  EngineStates(RecurrentModel model, PlainRecurrent.Reader origin, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(rows + " copies of a state; it must be at least 1");
    }
    this.model = model;
    manager = model.manager().newSubManager();
    manager.setName("texts side by side");
    carrier = manager.newSubManager();
    state = new NDList();
    try {
      for (float[][] layers : origin.state()) {
        int hidden = layers[0].length;
        float[] all = new float[layers.length * rows * hidden];
        for (int at = 0; at < layers.length * rows; at++) {
          System.arraycopy(layers[at / rows], 0, all, at * hidden, hidden);
        }
        state.add(carrier.create(all, new Shape(layers.length, rows, hidden)));
      }
    } catch (RuntimeException e) {
      // Who made a constructor fail has nothing to close.
      manager.close();
      throw e;
    }
    double[] first = origin.logProbabilities();
    logs = new double[rows][];
    Arrays.setAll(logs, row -> first.clone());
  }

  @Override
  public int rows() {
    return logs.length;
  }

  @Override
  public double[][] logProbabilities() {
    double[][] given = new double[logs.length][];
    Arrays.setAll(given, row -> logs[row].clone());
    return given;
  }

  @Override
  public void read(int[] tokens) {
    if (tokens.length != logs.length) {
      throw new IllegalArgumentException(
          tokens.length + " tokens for " + logs.length + " states; one for each is needed");
    }
    int vocabulary = model.vocabulary().size();
    long[] ids = new long[tokens.length];
    for (int row = 0; row < ids.length; row++) {
      ids[row] = Objects.checkIndex(tokens[row], vocabulary);
    }
    float[] logits;
    NDManager next = manager.newSubManager();
    try (var off = Gradients.off();
        NDManager step = manager.newSubManager()) {
      NDList written = model.forward(step.create(ids, new Shape(ids.length, 1)), state);
      logits = written.get(0).toFloatArray(); // (B, 1, V)
      hold(written.subNDList(1), next);
    }
    logs = Logits.logSoftmax(logits, ids.length);
  }

  @Override
  public void keep(int[] rows) {
    NDManager next = manager.newSubManager();
    try (var off = Gradients.off();
        NDManager step = manager.newSubManager()) {
      var kept = new NDList();
      for (NDArray array : state) {
        Shape shape = array.getShape(); // (L, B, H)
        long[] places =
            LongStream.range(0, shape.get(0))
                .flatMap(layer -> Arrays.stream(rows).mapToLong(row -> layer * shape.get(1) + row))
                .toArray();
        // Not by transposing: cuDNN takes states only in the order in which they lie in memory.
        NDArray flat = array.reshape(-1, shape.get(2));
        flat.attach(step);
        kept.add(flat.get(step.create(places)).reshape(shape.get(0), rows.length, shape.get(2)));
      }
      hold(kept, next);
    }
    logs = Arrays.stream(rows).mapToObj(row -> logs[row]).toArray(double[][]::new);
  }

  private void hold(NDList newState, NDManager next) {
    newState.attach(next);
    carrier.close();
    carrier = next;
    state = newState;
  }

  @Override
  public void close() {
    manager.close();
  }
}
