package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.nn.Cell;
import tinker.nn.Leaves;
import tinker.nn.OnDevice;
import tinker.nn.Recurrent;
import tinker.nn.Safetensors;
import tinker.nn.Tensor;
import tinker.nn.Weights;
import tinker.text.Vocabulary;

/** What every trained model keeps, and what the neural n-gram and textgenrnn promise. */
class NeuralModelTest {
  private static final Vocabulary CHARS = Vocabulary.ofCharacters("abcdefghij \n");
  private static final NeuralNGramOptions NGRAM = NeuralNGramOptions.of(3, 4, 6).seed(2);
  private static final TextGenRnnOptions TEXTGEN =
      TextGenRnnOptions.characters().window(6).embedding(5).layers(2, 7).seed(2);

  @TempDir Path folder;

  static Stream<NeuralModel> models() {
    return Stream.of(
        NeuralNGram.of(CHARS, NGRAM),
        TextGenRnn.of(CHARS, TEXTGEN),
        RecurrentModel.lstm(CHARS, RecurrentOptions.of(2, 6).seed(2)));
  }

  private static int[] tokens(int length) {
    int[] ids = new Random(12).ints(length, 0, CHARS.size()).toArray();
    ids[0] = CHARS.end();
    return ids;
  }

  @ParameterizedTest
  @MethodSource("models")
  void scoresAsItsStateDoes(NeuralModel model) {
    try (model) {
      int[] ids = tokens(300);
      double[] scores = model.score(ids);
      var state = model.start();
      for (int i = 1; i < ids.length; i++) {
        double[] logs = state.logProbabilities();
        assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-9));
        assertThat(scores[i - 1]).isCloseTo(logs[ids[i]], within(1e-5));
        var copy = state.copy();
        state.read(ids[i]);
        assertThat(copy.logProbabilities()).containsExactly(logs);
      }
      assertThat(model.score(new int[] {1})).isEmpty();
      assertThatThrownBy(() -> model.start().read(CHARS.size()))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> model.score(new int[] {1, -1}))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void goesToAFileAndBack(NeuralModel model) throws IOException {
    Path file = folder.resolve("m.tinker");
    try (model) {
      model.save(file);
      try (NeuralModel back = NeuralModel.load(file)) {
        assertThat(back.configuration()).isEqualTo(model.configuration());
        assertThat(back.logProbabilities(2, 5, 3)).isEqualTo(model.logProbabilities(2, 5, 3));
        assertThat(back).hasToString(model.toString());
        assertThat(back.getClass()).isEqualTo(model.getClass());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyParameterLearnsAndNothingStaysBehind(NeuralModel model) {
    try (model) {
      int parameters = Weights.of(model.block()).size();
      model.manager().cap();
      for (int round = 0; round < 3; round++) {
        try (NDManager step = model.manager().newSubManager()) {
          NDArray ids = step.create(new long[] {2, 3, 4, 5, 6, 7, 8, 9}, new Shape(1, 8));
          var leaves = new Leaves(step, 1);
          try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            var result = model.loss(leaves, new NDList(ids), new NDList(ids), new NDList(), true);
            collector.backward(result.loss());
          }
          List<NDArray> gradients = leaves.gradients(model.block());
          gradients.forEach(g -> assertThat(g.abs().max().getFloat()).isPositive());
        }
        model.score(tokens(30));
        model.logProbabilities(3, 4);
        assertThat(model.manager().getManagedArrays()).hasSize(parameters);
      }
    }
  }

  @Test
  void theNeuralNGramIsItsFormula() {
    try (var model = NeuralNGram.of(CHARS, NGRAM)) {
      Map<String, double[]> weights = biased(model);
      double[] expected = neuralNGram(weights, 1, 4, 9);
      double[] actual = model.logProbabilities(4, 9);
      for (int v = 0; v < expected.length; v++) {
        assertThat(actual[v]).isCloseTo(expected[v], within(1e-5));
      }
      assertThat(model.name()).isEqualTo("neural 3-gram, 6 hidden");
      assertThat(model.parameters()).isEqualTo(14 * 4 + 12 * 6 + 6 + 6 * 14 + 14L);
    }
  }

  /** The values of all parameters, after biases that are not zero have been given to it. */
  private static Map<String, double[]> biased(NeuralModel model) {
    var random = new Random(4);
    var weights = new LinkedHashMap<String, double[]>();
    Weights.of(model.block())
        .forEach(
            (name, parameter) -> {
              float[] values = parameter.getArray().toFloatArray();
              if (name.endsWith("bias")) {
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) random.nextGaussian();
                }
                Weights.set(parameter.getArray(), values);
              }
              double[] exact = new double[values.length];
              Arrays.setAll(exact, i -> values[i]);
              weights.put(name, exact);
            });
    return weights;
  }

  /** The model of three tokens of history, four numbers each, and six hidden units, in doubles. */
  private static double[] neuralNGram(Map<String, double[]> weights, int... history) {
    double[] e = Objects.requireNonNull(weights.get("embedding.weight"));
    double[] w = Objects.requireNonNull(weights.get("hidden.weight"));
    double[] u = Objects.requireNonNull(weights.get("output.weight"));
    double[] hidden = Objects.requireNonNull(weights.get("hidden.bias")).clone();
    for (int i = 0; i < 6; i++) {
      for (int k = 0; k < 3; k++) {
        for (int j = 0; j < 4; j++) {
          hidden[i] += w[i * 12 + k * 4 + j] * e[history[k] * 4 + j];
        }
      }
      hidden[i] = Math.tanh(hidden[i]);
    }
    double[] logits = Objects.requireNonNull(weights.get("output.bias")).clone();
    for (int v = 0; v < logits.length; v++) {
      for (int i = 0; i < 6; i++) {
        logits[v] += u[v * 6 + i] * hidden[i];
      }
    }
    return Logits.logSoftmax(logits);
  }

  @Test
  void theNeuralNGramsGradientsAreTheSlopesOfItsFormula() {
    try (var model = NeuralNGram.of(CHARS, NGRAM);
        NDManager step = model.manager().newSubManager()) {
      Map<String, double[]> weights = biased(model);
      int[] ids = {4, 9, 4, 2};
      ToDoubleFunction<Map<String, double[]>> loss =
          at ->
              -(neuralNGram(at, 1, 1, 4)[9]
                      + neuralNGram(at, 1, 4, 9)[4]
                      + neuralNGram(at, 4, 9, 4)[2])
                  / 3;
      var leaves = new Leaves(step, 1);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        var result =
            model.loss(leaves, row(step, ids, 0, 3), row(step, ids, 1, 4), new NDList(), true);
        assertThat((double) result.loss().getFloat())
            .isCloseTo(loss.applyAsDouble(weights), within(1e-5));
        collector.backward(result.loss());
      }
      List<NDArray> gradients = leaves.gradients(model.block());
      int parameter = 0;
      for (Map.Entry<String, double[]> entry : weights.entrySet()) {
        float[] gradient = gradients.get(parameter++).toFloatArray();
        double[] values = entry.getValue();
        for (int i = 0; i < values.length; i++) {
          double before = values[i];
          values[i] = before + 1e-5;
          double up = loss.applyAsDouble(weights);
          values[i] = before - 1e-5;
          double down = loss.applyAsDouble(weights);
          values[i] = before;
          assertThat((double) gradient[i])
              .as(entry.getKey() + " " + i)
              .isCloseTo((up - down) / 2e-5, within(1e-5));
        }
      }
    }
  }

  @Test
  void theNeuralNGramForgetsWhatIsTooOldOrInAnotherDocument() {
    try (var model = NeuralNGram.of(CHARS, NGRAM)) {
      double[] seen = model.logProbabilities(5, 6, 7);
      assertThat(model.logProbabilities(9, 2, 5, 6, 7)).containsExactly(seen);
      assertThat(model.logProbabilities(9, 6, 7)).isNotEqualTo(seen);
      int end = CHARS.end();
      assertThat(model.logProbabilities(9, end, 7)).containsExactly(model.logProbabilities(7));
      assertThat(model.logProbabilities(9, end)).containsExactly(model.logProbabilities());
    }
  }

  @Test
  void theNeuralNGramsLossCarriesTheHistoryOver() {
    try (var model = NeuralNGram.of(CHARS, NGRAM);
        NDManager step = model.manager().newSubManager()) {
      int[] ids = tokens(21);
      ids[2] = ids[5] = ids[13] = CHARS.end();
      double mean = -Arrays.stream(model.score(ids)).average().orElseThrow();
      var store = new Leaves(step);
      var first = model.loss(store, row(step, ids, 0, 4), row(step, ids, 1, 5), new NDList(), true);
      var second =
          model.loss(store, row(step, ids, 4, 20), row(step, ids, 5, 21), first.state(), true);
      double loss = (4 * first.loss().getFloat() + 16 * second.loss().getFloat()) / 20;
      assertThat(loss).isCloseTo(mean, within(1e-5));
    }
  }

  /** As a GPU is asked for texts side by side. */
  @Test
  void modelsOfAWindowAnswerForManyTextsInOneCall() {
    try (var ngram = NeuralNGram.of(CHARS, NGRAM);
        var textgen = TextGenRnn.of(CHARS, TEXTGEN)) {
      assertAtOnce(ngram, origin -> SeparateStates.of(origin, 5, ngram::atOnce), 1e-5);
      assertAtOnce(textgen, origin -> SeparateStates.of(origin, 5, textgen::atOnce), 1e-5);
    }
  }

  @Tag("gpu")
  @Test
  void soTheyDoOnACard() {
    OnDevice.call(
        OnDevice.gpu(),
        () -> {
          try (var ngram = NeuralNGram.of(CHARS, NGRAM);
              var textgen = TextGenRnn.of(CHARS, TEXTGEN)) {
            assertAtOnce(ngram, origin -> origin.copies(5), 1e-4);
            assertAtOnce(textgen, origin -> origin.copies(5), 1e-4);
          }
          return true;
        });
  }

  private static void assertAtOnce(
      LanguageModel model,
      Function<LanguageModel.State, LanguageModel.States> copies,
      double allowed) {
    LanguageModel.State origin = model.start();
    origin.read(5);
    try (LanguageModel.States one = copies.apply(origin);
        LanguageModel.States other = SeparateStates.of(origin, 5)) {
      for (int step = 0; step < 30; step++) {
        double[][] together = one.logProbabilities();
        double[][] alone = other.logProbabilities();
        assertThat(together).hasSameDimensionsAs(alone);
        for (int row = 0; row < alone.length; row++) {
          assertThat(together[row]).containsExactly(alone[row], within(allowed));
        }
        if (step == 3) {
          one.keep(new int[] {0, 2, 3});
          other.keep(new int[] {0, 2, 3});
        }
        int at = step;
        int[] tokens = IntStream.range(0, one.rows()).map(i -> 1 + (7 * i + at) % 9).toArray();
        one.read(tokens);
        other.read(tokens);
      }
    }
  }

  @Test
  void textgenrnnIsItsFormula() {
    try (var model = TextGenRnn.of(CHARS, TEXTGEN);
        NDManager scope = model.manager().newSubManager()) {
      int[] history = {1, 4, 9, 2};
      float[] table = Weights.array(model.block(), "embedding.weight").toFloatArray();
      float[] attention = Weights.array(model.block(), "attention.weight").toFloatArray();
      float[] u = Weights.array(model.block(), "output.weight").toFloatArray();
      Cell[] cells = new Cell[2];
      NDList[] states = new NDList[2];
      for (int i = 0; i < 2; i++) {
        String name = "rnn_" + (i + 1) + ".";
        NDArray[] w = new NDArray[4];
        String[] parts = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"};
        for (int k = 0; k < 4; k++) {
          w[k] = Weights.array(model.block(), name + parts[k]);
        }
        cells[i] = Cell.of(Recurrent.Kind.LSTM, w[0], w[1], w[2], w[3]);
        states[i] = new NDList(scope.zeros(new Shape(1, 7)), scope.zeros(new Shape(1, 7)));
      }
      double[] average = new double[19];
      double total = 0;
      double[] weights = new double[4];
      for (int t = 0; t < 4; t++) {
        float[] embedded = Arrays.copyOfRange(table, history[t] * 5, history[t] * 5 + 5);
        NDArray x = scope.create(embedded, new Shape(1, 5));
        float[] all = Arrays.copyOf(embedded, 19);
        for (int i = 0; i < 2; i++) {
          states[i] = cells[i].step(x, states[i]);
          x = states[i].head();
          System.arraycopy(x.toFloatArray(), 0, all, 5 + 7 * i, 7);
        }
        double score = 0;
        for (int j = 0; j < 19; j++) {
          score += attention[j] * all[j];
        }
        weights[t] = Math.exp(score);
        total += weights[t];
        for (int j = 0; j < 19; j++) {
          average[j] += weights[t] * all[j];
        }
      }
      float[] logits = new float[CHARS.size()];
      for (int v = 0; v < logits.length; v++) {
        for (int j = 0; j < 19; j++) {
          logits[v] += (float) (u[v * 19 + j] * average[j] / total);
        }
      }
      double[] expected = Logits.logSoftmax(logits);
      double[] actual = model.logProbabilities(4, 9, 2);
      for (int v = 0; v < logits.length; v++) {
        assertThat(actual[v]).isCloseTo(expected[v], within(1e-5));
      }
      float[] seen = model.attention(history);
      for (int t = 0; t < 4; t++) {
        assertThat((double) seen[t]).isCloseTo(weights[t] / total, within(1e-5));
      }
    }
  }

  /** Loss and every gradient as PyTorch computed them (environment/peers/fixtures.py). */
  @Test
  void textgenrnnLearnsAsPyTorchWould() throws IOException {
    Map<String, Tensor> file;
    try (InputStream in = NeuralModelTest.class.getResourceAsStream("textgenrnn.safetensors")) {
      byte[] bytes = Objects.requireNonNull(in).readAllBytes();
      file = Safetensors.parse(bytes, "textgenrnn").tensors();
    }
    var seven = Vocabulary.ofCharacters("abcdefg");
    var size = TextGenRnnOptions.characters().embedding(4).layers(2, 6);
    try (var model = TextGenRnn.of(seven, size);
        NDManager step = model.manager().newSubManager()) {
      var weights = new HashMap<>(file);
      weights.keySet().retainAll(Weights.of(model.block()).keySet());
      Weights.load(model.block(), weights);
      var ids = new NDList(step.create(tensor(file, "ids").longs(), new Shape(3, 5)));
      var labels = new NDList(step.create(tensor(file, "labels").longs(), new Shape(3, 5)));
      var leaves = new Leaves(step, 1);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        var result = model.loss(leaves, ids, labels, new NDList(), true);
        float loss = tensor(file, "loss").floats()[0];
        assertThat(result.loss().getFloat()).isCloseTo(loss, within(1e-5f));
        collector.backward(result.loss());
      }
      List<String> names = List.copyOf(Weights.of(model.block()).keySet());
      List<NDArray> gradients = leaves.gradients(model.block());
      assertThat(gradients).hasSameSizeAs(names).hasSize(12);
      for (int i = 0; i < names.size(); i++) {
        float[] expected = tensor(file, "grad." + names.get(i)).floats();
        assertThat(gradients.get(i).toFloatArray())
            .as(names.get(i))
            .containsExactly(expected, within(1e-5f));
      }
    }
  }

  private static Tensor tensor(Map<String, Tensor> file, String name) {
    return Objects.requireNonNull(file.get(name), name);
  }

  @Test
  void textgenrnnSeesItsWindowAndNoFurther() {
    try (var model = TextGenRnn.of(CHARS, TEXTGEN)) {
      double[] seen = model.logProbabilities(2, 3, 4, 5, 6, 7);
      assertThat(model.logProbabilities(9, 8, 2, 3, 4, 5, 6, 7)).containsExactly(seen);
      assertThat(model.logProbabilities(9, 3, 4, 5, 6, 7)).isNotEqualTo(seen);
    }
  }

  @Test
  void textgenrnnLearnsEachPositionFromThoseBeforeIt() {
    try (var model = TextGenRnn.of(CHARS, TEXTGEN);
        NDManager step = model.manager().newSubManager()) {
      int[] ids = tokens(17);
      // Windows of 6, 6 and 4, each beginning anew: predicted from 1 to 6 tokens.
      double sum = 0;
      for (int i = 0; i < 16; i++) {
        double[] logs = model.score(Arrays.copyOfRange(ids, i / 6 * 6, i + 2));
        sum -= logs[logs.length - 1];
      }
      var loss =
          model.loss(
              new Leaves(step), row(step, ids, 0, 16), row(step, ids, 1, 17), new NDList(), true);
      assertThat((double) loss.loss().getFloat()).isCloseTo(sum / 16, within(1e-5));
    }
  }

  @Test
  void textgenrnnComparesTexts() {
    try (var model = TextGenRnn.of(CHARS, TEXTGEN)) {
      assertThat(model.vector("abc def ghij abc")).hasSize(5 + 2 * 7);
      assertThat(model.similarity("abc abc abc", "abc abc abc")).isCloseTo(1, within(1e-6));
      assertThat(model.similarity("abc abc", "jihgf")).isBetween(-1.0, 0.99);
      assertThatThrownBy(() -> model.vector("")).hasMessageStartingWith("the text is empty");
      // More windows than go through the engine at once: all alike, so their mean is each one.
      String window = "abcdefghij".substring(0, model.options().window());
      assertThat(model.vector(window.repeat(600)))
          .containsExactly(model.vector(window), within(1e-5f));
    }
  }

  @Test
  void refusesWrongOptions() {
    assertThatThrownBy(() -> NeuralNGramOptions.of(0, 1, 1))
        .hasMessage("order is 0; it must be at least 1");
    assertThatThrownBy(() -> TextGenRnnOptions.words().window(-3))
        .hasMessage("window is -3; it must be at least 1");
    assertThatThrownBy(() -> TextGenRnnOptions.words().dropout(Double.NaN))
        .hasMessage("dropout is NaN; it must lie in [0, 1)");
  }

  private static NDList row(NDManager manager, int[] ids, int from, int to) {
    long[] part = Arrays.stream(ids, from, to).asLongStream().toArray();
    return new NDList(manager.create(part, new Shape(1, part.length)));
  }

  @Test
  void textgenrnnHasTheSizesOfTheOriginal() {
    long v = CHARS.size();
    try (var model = TextGenRnn.of(CHARS, TextGenRnnOptions.characters())) {
      long layers = 4 * 128 * (100 + 128 + 2) + 4 * 128 * (128 + 128 + 2);
      long joined = 100 + 2 * 128;
      assertThat(model.parameters()).isEqualTo(100 * v + layers + joined + (joined + 1) * v);
      assertThat(model.name()).isEqualTo("textgenrnn 2x128");
      assertThat(model.options().window()).isEqualTo(40);
    }
    assertThat(TextGenRnnOptions.words()).isEqualTo(TextGenRnnOptions.characters().window(10));
  }
}
