package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Why this library has parts of its own: what the engine's parts do in their place. A test that
 * fails here after an upgrade says that a part has been mended there.
 */
class EngineFaultsTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Recurrent ours(NDManager manager) {
    var layer = new Recurrent(Recurrent.Kind.LSTM, 5, 3, 1, 0);
    Weights.initialise(layer, manager, 1, name -> Initialiser.uniform(0.5), new Shape(2, 4, 5));
    return layer;
  }

  private Block theirs() {
    Block layer = LSTM.builder().setStateSize(3).setNumLayers(1).optReturnState(true).build();
    layer.initialize(manager, DataType.FLOAT32, new Shape(2, 4, 5));
    return layer;
  }

  @Test
  void theEnginesLstmChangesTheListItIsGiven() {
    var store = new Frozen(manager);
    NDArray x = manager.ones(new Shape(2, 4, 5));
    var given = new NDList(x);
    ours(manager).forward(store, given, false);
    assertThat(given).containsExactly(x);
    theirs().forward(store, given, false);
    assertThat(given).isNotEqualTo(new NDList(x)).hasSizeGreaterThan(1);
  }

  @Test
  void theEnginesLstmForgetsTheCellAmongItsShapes() {
    var store = new Frozen(manager);
    var x = manager.ones(new Shape(2, 4, 5));
    Shape[] read = {x.getShape()};
    Block theirs = theirs();
    assertThat(theirs.forward(store, new NDList(x), false)).hasSize(3);
    assertThat(theirs.getOutputShapes(read)).hasSize(2);
    Recurrent ours = ours(manager);
    Shape[] written = ours.forward(store, new NDList(x), false).getShapes();
    assertThat(written).hasSize(3);
    assertThat(ours.getOutputShapes(read)).containsExactly(written);
  }

  @Test
  void theEnginesPlainRnnNeedsAnActivationAndDoesNotSaySo() {
    assertThatThrownBy(
            () -> {
              Block rnn = RNN.builder().setStateSize(3).setNumLayers(1).build();
              rnn.initialize(manager, DataType.FLOAT32, new Shape(2, 4, 5));
              rnn.forward(new Frozen(manager), new NDList(manager.ones(new Shape(2, 4, 5))), false);
            })
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void theEnginesLookUpLeavesItsResultWithTheTable() {
    NDArray table = manager.ones(new Shape(7, 3));
    var embedding = new Embedding(7, 3);
    Weights.initialise(embedding, manager, 1, name -> Initialiser.constant(1), new Shape(1, 2));
    int before = manager.getManagedArrays().size();
    try (NDManager batch = manager.newSubManager()) {
      NDArray ids = batch.create(new long[] {1, 4}, new Shape(1, 2));
      assertThat(embedding.forward(new Frozen(batch), new NDList(ids), false).head().getManager())
          .isSameAs(batch);
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
    try (NDManager batch = manager.newSubManager()) {
      assertThat(table.get(batch.create(new long[] {1, 4})).getManager()).isSameAs(manager);
    }
    // What it gave lives until the model is closed, and so do the results of all other batches.
    assertThat(manager.getManagedArrays()).hasSizeGreaterThan(before);
  }

  @Test
  void theEnginesInitialisersKnowNoBias() {
    var shape = new Shape(4);
    assertThatThrownBy(() -> new XavierInitializer().initialize(manager, shape, DataType.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class);
    // Ours are asked for each parameter by its name, so a bias gets what suits a bias.
    Recurrent layer = new Recurrent(Recurrent.Kind.LSTM, 5, 3, 1, 0);
    Weights.initialise(
        layer,
        manager,
        1,
        name -> name.startsWith("bias") ? Initialiser.constant(0.25) : Initialiser.xavier(),
        new Shape(2, 4, 5));
    assertThat(Weights.array(layer, "bias_hh_l0").toFloatArray()).containsOnly(0.25f);
  }

  @Test
  void theEnginesAdamCannotGoOnWhereItStopped() {
    Optimizer whole = adam();
    NDArray one = weight();
    NDArray other = weight();
    steps(whole, one, 3);
    steps(adam(), other, 3);
    assertThat(other.toFloatArray()).isEqualTo(one.toFloatArray());
    steps(whole, one, 1);
    // Its moments can neither be read nor set: a program that starts again begins with none.
    steps(adam(), other, 1);
    assertThat(other.toFloatArray()).isNotEqualTo(one.toFloatArray());
  }

  private static Optimizer adam() {
    return Optimizer.adam().optLearningRateTracker(Tracker.fixed(0.1f)).build();
  }

  private NDArray weight() {
    return manager.create(new float[] {1, -2});
  }

  /** Updates with gradients that change from step to step, the same for each call. */
  private void steps(Optimizer optimizer, NDArray weight, int count) {
    try (var off = Gradients.off()) {
      for (int i = 0; i < count; i++) {
        optimizer.update("w", weight, manager.create(new float[] {1f / (i + 1), i - 1}));
      }
    }
  }

  @Test
  void theEngineCannotDrawFromADistribution() {
    NDArray probabilities = manager.create(new float[] {0.5f, 0.5f});
    assertThatThrownBy(() -> manager.randomMultinomial(3, probabilities))
        .isInstanceOf(UnsupportedOperationException.class);
    NDArray mean = manager.zeros(new Shape(2));
    assertThatThrownBy(() -> manager.sampleNormal(mean, probabilities))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void mostOfTheEnginesOptimizersFail() {
    for (Optimizer optimizer :
        List.of(
            Optimizer.rmsprop().optLearningRateTracker(Tracker.fixed(0.1f)).build(),
            Optimizer.adagrad().optLearningRateTracker(Tracker.fixed(0.1f)).build(),
            Optimizer.nag()
                .setLearningRateTracker(Tracker.fixed(0.1f))
                .setMomentum(0.9f)
                .build())) {
      assertThatThrownBy(() -> steps(optimizer, weight(), 1))
          .as(optimizer.getClass().getSimpleName())
          .isInstanceOf(RuntimeException.class);
    }
  }
}
