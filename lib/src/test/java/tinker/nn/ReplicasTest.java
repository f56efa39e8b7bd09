package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplicasTest {
  private static final int B = 7;
  private static final int T = 5;
  private static final int I = 6;

  /** Predicts which of the H outputs is called for. */
  private record Net(Recurrent block, NDManager manager) implements Trainable, AutoCloseable {
    static Net of(Recurrent.Kind kind, double dropout) {
      var block = new Recurrent(kind, I, I, 2, dropout);
      NDManager manager = NDManager.newBaseManager();
      Initialiser uniform = Initialiser.uniform(0.4);
      Weights.initialise(block, manager, 1, name -> uniform, new Shape(B, T, I));
      return new Net(block, manager);
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      var read = new NDList(inputs.head());
      read.addAll(state);
      NDList written = block.forward(parameters, read, training);
      var carried = new NDList();
      written.subNDList(1).forEach(array -> carried.add(array.stopGradient()));
      return new Result(Loss.crossEntropy(written.head(), labels.head()), carried);
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  private static Replicas.Share share(int from, int to) {
    var random = new Random(8);
    float[] x = Initialiser.normal(1).values(B * T, I, random);
    long[] y = random.longs(B * T, 0, I).toArray();
    return new Replicas.Share(
        m ->
            new NDList(
                m.create(
                    Arrays.copyOfRange(x, from * T * I, to * T * I), new Shape(to - from, T, I))),
        m -> new NDList(m.create(Arrays.copyOfRange(y, from * T, to * T), new Shape(to - from, T))),
        to - from,
        (to - from) * T);
  }

  private static Replicas.Pass pass(Net net, int workers, NDManager step, NDList state) {
    try (var replicas = new Replicas(workers)) {
      int[] bounds = replicas.bounds(B);
      var shares = new ArrayList<Replicas.Share>();
      for (int i = 0; i + 1 < bounds.length; i++) {
        shares.add(share(bounds[i], bounds[i + 1]));
      }
      return replicas.pass(net, shares, state, step, 3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sharesGiveTheGradientsOfTheWholeBatch(Recurrent.Kind kind) {
    try (var net = Net.of(kind, 0);
        NDManager step = net.manager.newSubManager()) {
      Replicas.Pass whole = pass(net, 1, step, new NDList());
      Replicas.Pass wholeNext = pass(net, 1, step, whole.state());
      for (int workers : new int[] {2, 3, 7, 9}) {
        Replicas.Pass shared = pass(net, workers, step, new NDList());
        assertSame(shared, whole);
        assertSame(pass(net, workers, step, shared.state()), wholeNext);
      }
      assertThat(wholeNext.loss()).isNotEqualTo(whole.loss());
    }
  }

  private static void assertSame(Replicas.Pass shared, Replicas.Pass whole) {
    assertThat(shared.loss()).isCloseTo(whole.loss(), within(1e-6));
    for (int i = 0; i < whole.state().size(); i++) {
      NDArray difference = shared.state().get(i).sub(whole.state().get(i));
      assertThat(difference.getShape()).isEqualTo(new Shape(2, B, I));
      assertThat(difference.abs().max().getFloat()).isLessThan(1e-6f);
    }
    assertThat(shared.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-6));
    assertThat(whole.gradientNorm()).isEqualTo(GradientNorm.of(whole.gradients()));
    for (int i = 0; i < whole.gradients().size(); i++) {
      float[] a = shared.gradients().get(i).toFloatArray();
      float[] b = whole.gradients().get(i).toFloatArray();
      double largest = 0;
      for (int j = 0; j < a.length; j++) {
        assertThat(a[j]).isCloseTo(b[j], within(1e-6f));
        largest = Math.max(largest, Math.abs(a[j]));
      }
      assertThat(largest).isGreaterThan(1e-4);
    }
  }

  private record Watched(Net net, Queue<String> masks) implements Trainable {
    @Override
    public Block block() {
      return net.block();
    }

    @Override
    public Result loss(
        ParameterStore parameters, NDList inputs, NDList labels, NDList state, boolean training) {
      NDArray ones = inputs.head().getManager().ones(new Shape(64));
      for (int call = 0; call < 3; call++) {
        masks.add(Arrays.toString(Dropout.apply(ones, 0.5, parameters).toFloatArray()));
      }
      return net.loss(parameters, inputs, labels, state, training);
    }
  }

  @Test
  void noWorkerDropsWhatAnotherDrops() {
    var masks = new ConcurrentLinkedQueue<String>();
    try (var net = Net.of(Recurrent.Kind.LSTM, 0);
        NDManager step = net.manager.newSubManager();
        var replicas = new Replicas(2)) {
      var shares = List.of(share(0, 3), share(3, B));
      replicas.pass(new Watched(net, masks), shares, new NDList(), step, 3);
    }
    assertThat(masks).hasSize(6).doesNotHaveDuplicates();
  }

  @Test
  void withDropoutTheSameSeedGivesTheSameBits() {
    try (var net = Net.of(Recurrent.Kind.LSTM, 0.5);
        NDManager step = net.manager.newSubManager()) {
      Replicas.Pass first = pass(net, 3, step, new NDList());
      for (int i = 0; i < 5; i++) {
        Replicas.Pass again = pass(net, 3, step, new NDList());
        assertThat(again.loss()).isEqualTo(first.loss());
        for (int j = 0; j < first.gradients().size(); j++) {
          assertThat(again.gradients().get(j).toFloatArray())
              .containsExactly(first.gradients().get(j).toFloatArray());
        }
      }
    }
  }

  @Test
  void leavesNothingWithTheWeightsAndNoGradientThere() {
    try (var net = Net.of(Recurrent.Kind.GRU, 0.2)) {
      net.manager.cap();
      for (int i = 0; i < 3; i++) {
        try (NDManager step = net.manager.newSubManager()) {
          pass(net, 2, step, new NDList());
        }
      }
      assertThat(net.manager.getManagedArrays()).hasSize(8);
    }
  }

  @Test
  void passesOnWhatAWorkerThrewAndGoesOn() {
    try (var net = Net.of(Recurrent.Kind.LSTM, 0);
        var replicas = new Replicas(2);
        NDManager step = net.manager.newSubManager()) {
      Replicas.Share good = share(0, 3);
      var bad =
          new Replicas.Share(
              m -> {
                throw new IllegalStateException("no data");
              },
              good.labels(),
              3,
              15);
      assertThatThrownBy(() -> replicas.pass(net, List.of(good, bad), new NDList(), step, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no data");
      assertThatThrownBy(() -> replicas.pass(net, List.of(bad, good), new NDList(), step, 0))
          .hasMessage("no data");
      assertThat(replicas.pass(net, List.of(good, good), new NDList(), step, 0).loss())
          .isPositive();
      assertThatThrownBy(() -> replicas.pass(net, List.of(good, good, good), new NDList(), step, 0))
          .hasMessage("3 shares for 2 workers; there must be 1 to 2");
    }
  }

  @Test
  void waitsForEveryWorkerEvenAfterAnError() {
    try (var net = Net.of(Recurrent.Kind.LSTM, 0);
        var replicas = new Replicas(2);
        NDManager step = net.manager.newSubManager()) {
      Replicas.Share good = share(0, 3);
      var ended = new AtomicBoolean();
      var slow =
          new Replicas.Share(
              m -> {
                LockSupport.parkNanos(200_000_000);
                ended.set(true);
                return good.inputs().apply(m);
              },
              good.labels(),
              3,
              15);
      var full =
          new Replicas.Share(
              m -> {
                throw new OutOfMemoryError("heap");
              },
              good.labels(),
              3,
              15);
      for (List<Replicas.Share> shares : List.of(List.of(full, slow), List.of(slow, full))) {
        ended.set(false);
        assertThatThrownBy(() -> replicas.pass(net, shares, new NDList(), step, 0))
            .isInstanceOf(OutOfMemoryError.class);
        assertThat(ended).isTrue();
      }
    }
  }

  @Test
  void anInterruptIsKeptForTheCaller() {
    try (var net = Net.of(Recurrent.Kind.LSTM, 0);
        NDManager step = net.manager.newSubManager()) {
      Thread.currentThread().interrupt();
      Replicas.Pass pass = pass(net, 2, step, new NDList());
      assertThat(Thread.interrupted()).isTrue();
      assertThat(pass.loss()).isPositive();
    }
  }

  /** Another thread would take memory of its own for the share. */
  @Test
  void eachShareKeepsItsThreadThroughATrainingAndIntoTheNext() {
    try (var net = Net.of(Recurrent.Kind.LSTM, 0)) {
      List<Set<Thread>> seen = threads(net);
      assertThat(seen).allSatisfy(threads -> assertThat(threads).hasSize(1));
      assertThat(seen.get(0)).containsExactly(Thread.currentThread());
      assertThat(Set.copyOf(seen)).hasSize(3);
      assertThat(threads(net)).isEqualTo(seen);
    }
  }

  /** Of each share of a training, the threads that it had in many passes. */
  private static List<Set<Thread>> threads(Net net) {
    var seen = new ArrayList<Set<Thread>>();
    var shares = new ArrayList<Replicas.Share>();
    for (int i = 0; i < 3; i++) {
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      seen.add(threads);
      Replicas.Share rows = share(0, 1);
      shares.add(
          new Replicas.Share(
              manager -> {
                threads.add(Thread.currentThread());
                return rows.inputs().apply(manager);
              },
              rows.labels(),
              rows.rows(),
              rows.predictions()));
    }
    try (var replicas = new Replicas(3)) {
      for (int i = 0; i < 50; i++) {
        try (NDManager step = net.manager.newSubManager()) {
          replicas.pass(net, shares, new NDList(), step, 0);
        }
      }
    }
    return seen;
  }

  @Test
  void choosesBySize() {
    try (NDManager manager = NDManager.newBaseManager()) {
      int cores = Runtime.getRuntime().availableProcessors();
      assertThat(Replicas.workersFor(block(manager, 256), 32)).isEqualTo(Math.min(cores, 4));
      assertThat(Replicas.workersFor(block(manager, 256), 4)).isEqualTo(1);
      assertThat(Replicas.workersFor(block(manager, 512), 64)).isEqualTo(Math.min(cores, 8));
      assertThat(Replicas.workersFor(block(manager, 1600), 64)).isEqualTo(1);
    }
    assertThatThrownBy(() -> new Replicas(0)).hasMessage("workers is 0; it must be at least 1");
  }

  private static Block block(NDManager manager, int hidden) {
    var block = new Recurrent(Recurrent.Kind.LSTM, hidden, hidden, 2, 0);
    Initialiser zero = Initialiser.constant(0);
    Weights.initialise(block, manager, 1, name -> zero, new Shape(1, 1, hidden));
    return block;
  }
}
