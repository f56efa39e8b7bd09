package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final int B = 3;
  private static final int T = 5;
  private static final int V = 7;
  private static final int[] LENGTHS = {2, 5, 0};

  private NDManager manager;
  private float[] logits;
  private long[] labels;

  @BeforeEach
  void draw() {
    manager = NDManager.newBaseManager();
    var random = new Random(4);
    logits = new float[B * T * V];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (3 * random.nextGaussian());
    }
    labels = random.longs(B * T, 0, V).toArray();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void isTheMeanOfThePlainFormula() {
    float loss = Loss.crossEntropy(logits(), labels()).getFloat();
    assertThat((double) loss).isCloseTo(plain(new int[] {T, T, T}), within(1e-5));
  }

  @Test
  void withMaskCountsTextOnly() {
    NDArray mask = Loss.mask(manager, T, LENGTHS);
    float loss = Loss.crossEntropy(logits(), labels(), mask).getFloat();
    assertThat((double) loss).isCloseTo(plain(LENGTHS), within(1e-5));
  }

  @Test
  void paddingGetsNoGradient() {
    NDArray x = logits();
    x.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(Loss.crossEntropy(x, labels(), Loss.mask(manager, T, LENGTHS)));
    }
    NDArray sizes = x.getGradient().abs().sum(new int[] {2}); // (B, T)
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < T; t++) {
        if (t < LENGTHS[b]) {
          assertThat(sizes.getFloat(b, t)).isPositive();
        } else {
          assertThat(sizes.getFloat(b, t)).isZero();
        }
      }
    }
  }

  @Test
  void isZeroWithoutText() {
    NDArray mask = Loss.mask(manager, T, 0, 0, 0);
    assertThat(Loss.crossEntropy(logits(), labels(), mask).getFloat()).isZero();
  }

  /** Why this library has losses of its own. */
  @Test
  void theEnginesOwnLossesFailOnSequences() {
    var softmax = ai.djl.training.loss.Loss.softmaxCrossEntropyLoss();
    assertThatThrownBy(() -> softmax.evaluate(new NDList(labels()), new NDList(logits())))
        .isInstanceOf(RuntimeException.class);
    var masked = ai.djl.training.loss.Loss.maskedSoftmaxCrossEntropyLoss();
    NDArray valid = manager.create(new long[] {2, 5, 0});
    assertThatThrownBy(() -> masked.evaluate(new NDList(labels(), valid), new NDList(logits())))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(
            () -> Loss.crossEntropy(logits(), manager.zeros(new Shape(B, V), DataType.INT64)))
        .hasMessage(
            "labels of shape (3, 7) for logits of shape (3, 5, 7); they must agree in all but the"
                + " last axis");
    assertThatThrownBy(() -> Loss.mask(manager, T, 2, 6))
        .hasMessage("row 1 has length 6; it must lie in [0, 5]");
  }

  private double plain(int[] lengths) {
    double sum = 0;
    int count = 0;
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < lengths[b]; t++) {
        int at = (b * T + t) * V;
        double total = 0;
        for (int v = 0; v < V; v++) {
          total += Math.exp(logits[at + v]);
        }
        sum += Math.log(total) - logits[at + (int) labels[b * T + t]];
        count++;
      }
    }
    return sum / count;
  }

  private NDArray logits() {
    return manager.create(logits, new Shape(B, T, V));
  }

  private NDArray labels() {
    return manager.create(labels, new Shape(B, T));
  }
}
