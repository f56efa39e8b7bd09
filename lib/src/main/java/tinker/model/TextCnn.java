package tinker.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tinker.nn.Dropout;
import tinker.nn.Embedding;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Initialiser;
import tinker.nn.Loss;
import tinker.nn.Weights;
import tinker.text.Reading;

/**
 * A convolution over word vectors (Kim 2014, "Convolutional neural networks for sentence
 * classification"): filters of several widths slide over the text, of each the strongest answer
 * counts (max over time), and one layer weighs these answers.
 *
 * <pre>{@code
 * var cnn = TextCnn.of(words, classes, TextCnnOptions.of(50, 100).seed(7));
 * cnn.firings("a slow , lovely record")      // where each filter answered most
 * }</pre>
 *
 * <p>A filter looks at places within the text only. If the text is shorter than the filter, it is
 * filled up with zeros to that length. So what stands after a row's length never matters.
 */
public final class TextCnn extends NeuralClassifier {
  /**
   * Where a filter answered most strongly.
   *
   * @param filter its number, from 0; filters of the first width come first
   * @param from the first token it looked at, counted from 0
   * @param to the token after the last one, at most the number of tokens
   * @param value how strongly it answered, at least 0
   */
  public record Firing(int filter, int from, int to, double value) {}

  private final TextCnnOptions options;
  private final Net net;

  private TextCnn(
      Reading reading, List<String> classes, TextCnnOptions options, Map<String, float[]> fixed) {
    super(reading, classes);
    this.options = options;
    net = new Net(reading.size(), classes.size(), options, table(reading, fixed));
    Weights.initialise(
        net,
        manager(),
        options.seed(),
        (name, shape, random) -> {
          int rows = Math.toIntExact(shape.get(0));
          int columns = Math.toIntExact(shape.size() / rows);
          Initialiser initialiser =
              name.startsWith("embedding.")
                  ? Initialiser.uniform(0.25)
                  : name.endsWith(".bias")
                      ? Initialiser.constant(0)
                      : name.startsWith("conv") ? Initialiser.he() : Initialiser.xavier();
          return initialiser.values(rows, columns, random);
        },
        new Shape(1, 1),
        new Shape(1));
    manager().setName(name());
  }

  /** With random weights. */
  public static TextCnn of(Reading reading, List<String> classes, TextCnnOptions options) {
    return new TextCnn(reading, classes, options, Map.of());
  }

  /**
   * With two vectors for each word, one after the other: one that is trained, and the one that
   * {@code fixed} has for it, which stays as it is (the two channels of Kim 2014). Words that
   * {@code fixed} does not have get zeros there.
   *
   * @param fixed vectors from elsewhere, all of the same length; none gives the network of {@link
   *     #of(Reading, List, TextCnnOptions)}
   */
  public static TextCnn of(
      Reading reading, List<String> classes, TextCnnOptions options, Map<String, float[]> fixed) {
    return new TextCnn(reading, classes, options, fixed);
  }

  /** The fixed vector of each id of {@code reading}, (V, G); null if there are none. */
  private @Nullable NDArray table(Reading reading, Map<String, float[]> fixed) {
    if (fixed.isEmpty()) {
      return null;
    }
    int width = fixed.values().iterator().next().length;
    float[] values = new float[reading.size() * width];
    for (int id = Reading.UNKNOWN + 1; id < reading.size(); id++) {
      float[] vector = fixed.get(reading.token(id));
      if (vector != null) {
        checkLength(reading.token(id), vector, width, "the first one");
        System.arraycopy(vector, 0, values, id * width, width);
      }
    }
    return manager().create(values, new Shape(reading.size(), width));
  }

  private static void checkLength(String token, float[] vector, int width, String of) {
    if (vector.length != width) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the vector of \"%s\" has %d numbers; %s has %d",
              token,
              vector.length,
              of,
              width));
    }
  }

  public TextCnnOptions options() {
    return options;
  }

  @Override
  public String name() {
    return "CNN " + options.widths() + "x" + options.filters();
  }

  @Override
  public Block block() {
    return net;
  }

  /**
   * Gives the words that {@code vectors} knows these vectors to begin with; the others keep theirs.
   *
   * @param vectors each as long as {@code options().embedding()}
   * @return how many words got one
   */
  public int begin(Map<String, float[]> vectors) {
    NDArray table = Weights.array(net, "embedding.weight"); // (V, E)
    float[] values = Weights.values(table);
    int width = options.embedding();
    int known = 0;
    for (int id = Reading.UNKNOWN + 1; id < reading().size(); id++) {
      float[] vector = vectors.get(reading().token(id));
      if (vector != null) {
        checkLength(reading().token(id), vector, width, "the embedding");
        System.arraycopy(vector, 0, values, id * width, width);
        known++;
      }
    }
    Weights.set(table, values);
    return known;
  }

  /** Where each filter answers most strongly in {@code text}, in the order of the filters. */
  public List<Firing> firings(String text) {
    int[] ids = read(text);
    try (var off = Gradients.off();
        NDManager scope = manager().newSubManager()) {
      var parameters = new Frozen(scope);
      NDList maps = net.maps(parameters, inputs(scope, List.of(ids)), false);
      var firings = new ArrayList<Firing>();
      for (int kind = 0; kind < maps.size(); kind++) {
        int places = Math.toIntExact(maps.get(kind).getShape().get(2));
        float[] map = maps.get(kind).toFloatArray(); // (1, F, T')
        for (int filter = 0; filter < options.filters(); filter++) {
          int best = 0;
          for (int t = 1; t < places; t++) {
            if (map[filter * places + t] > map[filter * places + best]) {
              best = t;
            }
          }
          firings.add(
              new Firing(
                  firings.size(),
                  best,
                  Math.min(ids.length, best + options.widths().get(kind)),
                  map[filter * places + best]));
        }
      }
      return firings;
    }
  }

  /** How much each filter's answer adds to {@code label}, in nats per unit, for all filters. */
  public double[] weights(String label) {
    int row = classes().indexOf(label);
    if (row < 0) {
      throw new IllegalArgumentException(
          "there is no class \"" + label + "\"; there are " + classes());
    }
    float[] all = Weights.values(Weights.array(net, "output.weight")); // (C, F of all widths)
    int count = options.filters() * options.widths().size();
    double[] own = new double[count];
    for (int f = 0; f < count; f++) {
      double mean = 0;
      for (int c = 0; c < classes().size(); c++) {
        mean += all[c * count + f] / (double) classes().size();
      }
      own[f] = all[row * count + f] - mean;
    }
    return own;
  }

  /** Filters of one width: vectors (B, E, T) become answers (B, F, T - width + 1). */
  private static final class Filters extends AbstractBlock {
    private final Parameter weight;
    private final Parameter bias;

    Filters(int embedding, int width, int filters) {
      weight =
          addParameter(
              Parameter.builder()
                  .setName("weight")
                  .setType(Parameter.Type.WEIGHT)
                  .optShape(new Shape(filters, embedding, width))
                  .build());
      bias =
          addParameter(
              Parameter.builder()
                  .setName("bias")
                  .setType(Parameter.Type.BIAS)
                  .optShape(new Shape(filters))
                  .build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDArray vectors = inputs.singletonOrThrow();
      Device device = vectors.getDevice();
      return vectors
          .getNDArrayInternal()
          .convolution(
              vectors,
              parameters.getValue(weight, device, training),
              parameters.getValue(bias, device, training),
              new Shape(1),
              new Shape(0),
              new Shape(1),
              1);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape in = inputShapes[0];
      Shape own = weight.getShape();
      return new Shape[] {new Shape(in.get(0), own.get(0), in.get(2) - own.get(2) + 1)};
    }
  }

  private static final class Net extends AbstractBlock {
    private final TextCnnOptions options;
    private final Embedding embedding;
    // Not a parameter: nothing trains it.
    private final @Nullable NDArray fixed;
    private final int numbers;
    private final List<Filters> filters = new ArrayList<>();
    private final Linear output;

    Net(int tokens, int classes, TextCnnOptions options, @Nullable NDArray fixed) {
      this.options = options;
      this.fixed = fixed;
      numbers =
          options.embedding() + (fixed == null ? 0 : Math.toIntExact(fixed.getShape().get(1)));
      embedding = addChildBlock("embedding", new Embedding(tokens, options.embedding()));
      for (int width : options.widths()) {
        filters.add(addChildBlock("conv" + width, new Filters(numbers, width, options.filters())));
      }
      output = addChildBlock("output", Linear.builder().setUnits(classes).build());
    }

    private long found() {
      return (long) options.filters() * filters.size();
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
      embedding.initialize(manager, type, inputShapes[0]);
      for (int i = 0; i < filters.size(); i++) {
        filters.get(i).initialize(manager, type, new Shape(1, numbers, options.widths().get(i)));
      }
      output.initialize(manager, type, new Shape(1, found()));
    }

    /** For each width what its filters answer at each place, at least 0: (B, F, T - width + 1). */
    NDList maps(ParameterStore parameters, NDList inputs, boolean training) {
      NDArray ids = inputs.get(0); // (B, T)
      int[] lengths = lengths(ids, inputs.get(1));
      NDManager manager = ids.getManager();
      int steps = Math.toIntExact(ids.getShape().get(1));
      int widest = options.widths().stream().mapToInt(w -> w).max().orElseThrow();
      NDArray text = Loss.mask(manager, steps, lengths).expandDims(2); // (B, T, 1)
      NDArray vectors = embedding.forward(parameters, new NDList(ids), training).head();
      if (fixed != null) {
        NDArray own = ids.getNDArrayInternal().embedding(ids, fixed, SparseFormat.DENSE).head();
        vectors = NDArrays.concat(new NDList(vectors, own), 2);
      }
      vectors = vectors.mul(text); // (B, T, E), or (B, T, E + G)
      if (training) {
        vectors = Dropout.apply(vectors, options.vectorDropout(), parameters);
      }
      if (steps < widest) {
        var missing = new Shape(lengths.length, widest - steps, numbers);
        vectors = NDArrays.concat(new NDList(vectors, manager.zeros(missing)), 1);
        steps = widest;
      }
      NDArray turned = vectors.transpose(0, 2, 1); // (B, E, T)
      var maps = new NDList();
      for (int i = 0; i < filters.size(); i++) {
        int width = options.widths().get(i);
        int[] places = new int[lengths.length];
        for (int row = 0; row < places.length; row++) {
          places[row] = Math.max(1, lengths[row] - width + 1);
        }
        NDArray within = Loss.mask(manager, steps - width + 1, places).expandDims(1); // (B, 1, T')
        NDArray answers = filters.get(i).forward(parameters, new NDList(turned), training).head();
        // After the ReLU nothing is below 0, so a zero outside the text never is the maximum.
        maps.add(Activation.relu(answers).mul(within)); // (B, F, T')
      }
      return maps;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      var found = new NDList();
      for (NDArray map : maps(parameters, inputs, training)) {
        found.add(map.max(new int[] {2})); // (B, F)
      }
      NDArray all = NDArrays.concat(found, 1); // (B, F of all widths)
      if (training) {
        all = Dropout.apply(all, options.dropout(), parameters);
      }
      return output.forward(parameters, new NDList(all), training); // (B, C)
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return output.getOutputShapes(new Shape[] {new Shape(inputShapes[0].get(0), found())});
    }
  }
}
