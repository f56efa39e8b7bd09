package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tinker.nn.Bidirectional;
import tinker.nn.Dropout;
import tinker.nn.Embedding;
import tinker.nn.EngineArray;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Recurrent;
import tinker.nn.Weights;
import tinker.text.Reading;

/**
 * A recurrent network that reads a text token by token and answers from what it remembers after the
 * last one. RNN, GRU and LSTM look alike from outside.
 *
 * <pre>{@code
 * var lstm = RecurrentClassifier.lstm(letters, classes, RecurrentOptions.of(1, 128).dropout(0.3));
 * lstm.steps("Novák")        // what it holds likely after N, No, Nov, ...
 * }</pre>
 *
 * <p>After the last token of the text, not of the batch: what a shorter text is filled up with is
 * never looked at.
 */
public final class RecurrentClassifier extends NeuralClassifier {
  private final Recurrent.Kind kind;
  private final RecurrentOptions options;
  private final boolean bothWays;
  private final Net net;

  private RecurrentClassifier(
      Recurrent.Kind kind,
      boolean bothWays,
      Reading reading,
      List<String> classes,
      RecurrentOptions options) {
    super(reading, classes);
    this.kind = kind;
    this.bothWays = bothWays;
    this.options = options;
    net = new Net(kind, bothWays, reading.size(), classes.size(), options);
    Weights.initialise(
        net,
        manager(),
        options.seed(),
        (name, shape, random) -> options.initialisation().values(kind, name, shape, random),
        new Shape(1, 1),
        new Shape(1));
    manager().setName(name());
  }

  /**
   * From left to right.
   *
   * @param classes at least two
   * @param options its size; dropout falls on the vectors of the tokens and on what is answered
   *     from
   */
  public static RecurrentClassifier of(
      Recurrent.Kind kind, Reading reading, List<String> classes, RecurrentOptions options) {
    return new RecurrentClassifier(kind, false, reading, classes, options);
  }

  /**
   * Reads the text from both ends, with layers of their own for each direction.
   *
   * @throws IllegalArgumentException if the options ask for layers by hand, which read one way only
   */
  public static RecurrentClassifier bothWays(
      Recurrent.Kind kind, Reading reading, List<String> classes, RecurrentOptions options) {
    if (options.byHand()) {
      throw new IllegalArgumentException("byHand is true; both ways it must be false");
    }
    return new RecurrentClassifier(kind, true, reading, classes, options);
  }

  /** A plain recurrent network with tanh. */
  public static RecurrentClassifier rnn(
      Reading reading, List<String> classes, RecurrentOptions options) {
    return of(Recurrent.Kind.RNN_TANH, reading, classes, options);
  }

  /** With gated recurrent units. */
  public static RecurrentClassifier gru(
      Reading reading, List<String> classes, RecurrentOptions options) {
    return of(Recurrent.Kind.GRU, reading, classes, options);
  }

  /** With long short-term memory. */
  public static RecurrentClassifier lstm(
      Reading reading, List<String> classes, RecurrentOptions options) {
    return of(Recurrent.Kind.LSTM, reading, classes, options);
  }

  public RecurrentOptions options() {
    return options;
  }

  @Override
  public String name() {
    return kind + " " + options.layers() + "x" + options.hidden() + (bothWays ? " both ways" : "");
  }

  @Override
  public Block block() {
    return net;
  }

  /**
   * What it would answer after each token, had the text ended there.
   *
   * @return for each token the natural logarithms of the probabilities, (T, C)
   * @throws IllegalStateException if it reads both ways, since then the end comes first
   */
  public double[][] steps(String text) {
    if (bothWays) {
      throw new IllegalStateException(
          name() + " begins at both ends; what it knows after some letters cannot be told");
    }
    int[] ids = read(text);
    try (var off = Gradients.off();
        NDManager scope = manager().newSubManager()) {
      NDArray read = inputs(scope, List.of(ids)).get(0); // (1, T)
      float[] logits = net.everyStep(new Frozen(scope), read).toFloatArray(); // (1, T, C)
      double[][] steps = new double[ids.length][classes().size()];
      for (int t = 0; t < ids.length; t++) {
        for (int c = 0; c < steps[t].length; c++) {
          steps[t][c] = logits[t * steps[t].length + c];
        }
        steps[t] = Logits.logSoftmax(steps[t]);
      }
      return steps;
    }
  }

  private static final class Net extends AbstractBlock {
    private final Embedding encoder;
    private final @Nullable Recurrent oneWay;
    private final @Nullable Bidirectional twoWays;
    private final Linear decoder;
    private final RecurrentOptions options;

    Net(Recurrent.Kind kind, boolean bothWays, int tokens, int classes, RecurrentOptions options) {
      this.options = options;
      encoder = addChildBlock("encoder", new Embedding(tokens, options.embedding()));
      double between = options.layers() > 1 ? options.dropout() : 0;
      if (bothWays) {
        oneWay = null;
        twoWays =
            addChildBlock(
                "rnn",
                new Bidirectional(
                    kind, options.embedding(), options.hidden(), options.layers(), between));
      } else {
        var layers =
            new Recurrent(kind, options.embedding(), options.hidden(), options.layers(), between);
        oneWay = addChildBlock("rnn", options.byHand() ? layers.byHand() : layers);
        twoWays = null;
      }
      decoder = addChildBlock("decoder", Linear.builder().setUnits(classes).build());
    }

    private int width() {
      return (twoWays == null ? 1 : 2) * options.hidden();
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
      encoder.initialize(manager, type, inputShapes[0]);
      var vectors = new Shape(1, 1, options.embedding());
      if (oneWay != null) {
        oneWay.initialize(manager, type, vectors);
      }
      if (twoWays != null) {
        twoWays.initialize(manager, type, vectors);
      }
      decoder.initialize(manager, type, new Shape(1, width()));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDArray ids = inputs.get(0); // (B, T)
      NDArray given = inputs.get(1); // (B)
      int[] lengths = lengths(ids, given);
      NDArray vectors = encoder.forward(parameters, new NDList(ids), training).head(); // (B, T, E)
      if (training) {
        vectors = Dropout.apply(vectors, options.dropout(), parameters);
      }
      NDArray last =
          twoWays == null
              ? last(oneWay(parameters, vectors, training), lengths)
              : bothEnds(twoWays.forward(parameters, new NDList(vectors, given), training).get(1));
      if (training) {
        last = Dropout.apply(last, options.dropout(), parameters);
      }
      return decoder.forward(parameters, new NDList(last), training); // (B, C)
    }

    private NDArray oneWay(ParameterStore parameters, NDArray vectors, boolean training) {
      if (oneWay == null) {
        throw new IllegalStateException("this network reads both ways");
      }
      return oneWay.forward(parameters, new NDList(vectors), training).get(0); // (B, T, H)
    }

    /** What is remembered after the last token of each row: (B, T, H) becomes (B, H). */
    private static NDArray last(NDArray outputs, int... lengths) {
      Shape shape = outputs.getShape();
      long[] places = new long[lengths.length];
      for (int row = 0; row < lengths.length; row++) {
        places[row] = row * shape.get(1) + lengths[row] - 1;
      }
      return Embedding.pick(outputs, EngineArray.of(outputs.getManager(), places, places.length));
    }

    /** The last states of the top layer, (2L, B, H), beside each other: (B, 2H). */
    private static NDArray bothEnds(NDArray ends) {
      NDManager manager = ends.getManager();
      long top = ends.getShape().get(0);
      return NDArrays.concat(new NDList(ends.get(manager, top - 2), ends.get(manager, top - 1)), 1);
    }

    /** Logits after every token, without dropout: (B, T, C). */
    NDArray everyStep(ParameterStore parameters, NDArray ids) {
      NDArray vectors = encoder.forward(parameters, new NDList(ids), false).head();
      NDArray outputs = oneWay(parameters, vectors, false); // (B, T, H)
      return decoder.forward(parameters, new NDList(outputs), false).head();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return decoder.getOutputShapes(new Shape[] {new Shape(inputShapes[0].get(0), width())});
    }
  }
}
