package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent layers that read tokens, beside the same that read the tokens' vectors. */
class TokensTest {
  private static final int TOKENS = 5;
  private static final int WIDTH = 12;
  private static final int HIDDEN = 6;
  private static final int BATCH = 3;
  private static final int STEPS = 7;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void free() {
    manager.close();
  }

  /** An embedding and the layers that read it. */
  private record Reader(Embedding embedding, Recurrent layers) {
    /** Tokens at once, or first as vectors. */
    NDList read(boolean atOnce, ParameterStore parameters, NDList inputs, boolean training) {
      if (atOnce) {
        return layers.forward(embedding, parameters, inputs, training);
      }
      NDList vectors = embedding.forward(parameters, new NDList(inputs.head()), training);
      return layers.forward(parameters, vectors.addAll(inputs.subNDList(1)), training);
    }
  }

  private Reader reader(Recurrent.Kind kind, int count, double dropout) {
    return new Reader(
        filled(new Embedding(TOKENS, WIDTH), new Shape(1, 1)),
        filled(new Recurrent(kind, WIDTH, HIDDEN, count, dropout), new Shape(1, 1, WIDTH)));
  }

  private <B extends Block> B filled(B block, Shape input) {
    Weights.initialise(block, manager, 1, name -> Initialiser.normal(0.25), input);
    return block;
  }

  private NDArray random(long seed, long... shape) {
    return UnrolledTest.random(manager, seed, shape);
  }

  private NDArray ids() {
    return manager.create(
        new Random(3).longs((long) BATCH * STEPS, 0, TOKENS).toArray(), new Shape(BATCH, STEPS));
  }

  private NDList inputs(Recurrent.Kind kind, int count) {
    var inputs = new NDList(ids());
    for (int i = 0; i < kind.states(); i++) {
      inputs.add(random(i, count, BATCH, HIDDEN));
    }
    return inputs;
  }

  static Stream<Arguments> ways() {
    return Stream.of(Recurrent.Kind.values())
        .flatMap(
            kind ->
                Stream.of(
                    Arguments.of(kind, 1, 0.0, false),
                    Arguments.of(kind, 2, 0.0, true),
                    Arguments.of(kind, 2, 0.4, false),
                    Arguments.of(kind, 2, 0.4, true)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void giveTheOutputsAndGradientsOfTheirVectors(
      Recurrent.Kind kind, int count, double dropout, boolean taped) {
    Map<String, float[]> apart = pass(kind, count, dropout, taped, false);
    Map<String, float[]> atOnce = pass(kind, count, dropout, taped, true);
    assertThat(atOnce.keySet()).isEqualTo(apart.keySet()).contains("weight", "weight_ih_l0");
    atOnce.forEach(
        (name, values) -> {
          assertThat(values).as(name).isNotEmpty().containsExactly(apart.get(name), within(2e-6f));
          assertThat(values).as(name).isNotEqualTo(new float[values.length]);
        });
  }

  private Map<String, float[]> pass(
      Recurrent.Kind kind, int count, double dropout, boolean taped, boolean atOnce) {
    Reader reader = reader(kind, count, dropout);
    Leaves leaves = UnrolledTest.leaves(manager, taped);
    var found = new LinkedHashMap<String, float[]>();
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDList written = reader.read(atOnce, leaves, inputs(kind, count), true);
      NDArray loss = manager.zeros(new Shape());
      for (int i = 0; i < written.size(); i++) {
        found.put("output " + i, written.get(i).toFloatArray());
        // Of different weight at every place, so that every gradient counts.
        loss =
            loss.add(
                written.get(i).mul(random(20 + i, written.get(i).getShape().getShape())).sum());
      }
      UnrolledTest.back(loss, leaves, collector);
    }
    for (Block block : List.of(reader.embedding, reader.layers)) {
      found.putAll(Gradients.values(block, leaves.gradients(block), 1));
    }
    return found;
  }

  @Test
  void areReadInEvaluationAsTheirVectors() {
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      Reader reader = reader(kind, 2, 0.4);
      var parameters = new Frozen(manager);
      NDArray apart = reader.read(false, parameters, inputs(kind, 2), false).head();
      NDArray atOnce = reader.read(true, parameters, inputs(kind, 2), false).head();
      assertThat(atOnce.sub(apart).abs().max().getFloat()).isLessThan(2e-6f);
    }
  }

  @Test
  void aFewAreReadAsVectorsSinceThatIsLessToMultiply() {
    var embedding = new Embedding(TOKENS, WIDTH);
    assertThat(embedding.shouldFold(BATCH * STEPS)).isTrue(); // 5 (21 + 12) < 21 x 12
    assertThat(embedding.shouldFold(8)).isFalse(); // 5 (8 + 12) > 8 x 12
    assertThat(new Embedding(WIDTH, WIDTH).shouldFold(1_000_000)).isFalse();
  }

  @Test
  void unknownOnesAndStatesOfAnotherShapeAreNamed() {
    Reader reader = reader(Recurrent.Kind.GRU, 1, 0);
    var parameters = new Frozen(manager);
    NDArray wrong = ids();
    wrong.set(new long[] {0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    assertThatThrownBy(() -> reader.read(true, parameters, new NDList(wrong), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token id 5; this model knows the ids 0 to 4");
    NDList narrow = new NDList(ids(), random(1, 1, BATCH, HIDDEN - 1));
    assertThatThrownBy(() -> reader.read(true, parameters, narrow, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("state of shape (1, 3, 5); it must be (1, 3, 6)");
    NDList many = inputs(Recurrent.Kind.LSTM, 1);
    assertThatThrownBy(() -> reader.read(true, parameters, many, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 arrays of state; GRU takes 1 or none");
  }
}
