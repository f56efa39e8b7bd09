package tinker.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tinker.nn.Embedding;
import tinker.nn.EngineArray;
import tinker.nn.Initialiser;
import tinker.nn.Weights;
import tinker.text.Reading;

/**
 * One layer over a bag of words: each word that stands in the text, once or often, adds its weights
 * to the classes. A perceptron (Rosenblatt 1958) has the same form; this one is trained by
 * cross-entropy, which makes it logistic regression.
 *
 * <pre>{@code
 * var bag = BagOfWords.of(words, split.train().classes());
 * Fit.of(bag, TextBatches.of(split.train(), words, 32), null, FitOptions.epochs(10).oneCycle(0.01));
 * bag.telling("positive", 10)       // the words that speak most for it
 * }</pre>
 */
public final class BagOfWords extends NeuralClassifier {
  /**
   * A word and how much it speaks for a class.
   *
   * @param weight its weight for the class less the mean over all classes, in nats
   */
  public record Telling(String token, double weight) {}

  private final Net net;

  private BagOfWords(Reading reading, List<String> classes) {
    super(reading, classes);
    net = new Net(reading.size(), classes.size());
    Weights.initialise(
        net, manager(), 0, name -> Initialiser.constant(0), new Shape(1, 1), new Shape(1));
    manager().setName(name());
  }

  /**
   * All weights zero, so that at first all classes are equally likely.
   *
   * @param classes at least two
   */
  public static BagOfWords of(Reading reading, List<String> classes) {
    return new BagOfWords(reading, classes);
  }

  @Override
  public String name() {
    return "bag of words";
  }

  @Override
  public Block block() {
    return net;
  }

  /**
   * The tokens that speak most for {@code label}, or least.
   *
   * @param label one of {@link #classes}
   * @param count how many; below 0, those that speak most against it
   */
  public List<Telling> telling(String label, int count) {
    int column = classes().indexOf(label);
    if (column < 0) {
      throw new IllegalArgumentException(
          "there is no class \"" + label + "\"; there are " + classes());
    }
    int width = classes().size();
    float[] weights = Weights.values(Weights.array(net, "words.weight"));
    return IntStream.range(Reading.UNKNOWN + 1, reading().size())
        .mapToObj(
            id -> {
              double mean = 0;
              for (int c = 0; c < width; c++) {
                mean += weights[id * width + c] / (double) width;
              }
              return new Telling(reading().token(id), weights[id * width + column] - mean);
            })
        .sorted(Comparator.comparingDouble(t -> count < 0 ? t.weight() : -t.weight()))
        .limit(Math.abs(count))
        .toList();
  }

  private static final class Net extends AbstractBlock {
    private final Embedding words;
    private final Parameter bias;
    private final int classes;

    Net(int tokens, int classes) {
      this.classes = classes;
      words = addChildBlock("words", new Embedding(tokens, classes));
      bias =
          addParameter(
              Parameter.builder()
                  .setName("bias")
                  .setType(Parameter.Type.BIAS)
                  .optShape(new Shape(classes))
                  .build());
    }

    @Override
    protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
      words.initialize(manager, type, inputShapes[0]);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        @Nullable PairList<String, Object> params) {
      NDArray ids = inputs.get(0); // (B, T)
      NDArray counted = firsts(ids, lengths(ids, inputs.get(1))); // (B, T, 1)
      NDArray weights = words.forward(parameters, new NDList(ids), training).head(); // (B, T, C)
      NDArray offset = parameters.getValue(bias, ids.getDevice(), training); // (C)
      return new NDList(weights.mul(counted).sum(new int[] {1}).add(offset));
    }

    /** 1 where a token stands in its text for the first time, else 0. */
    private static NDArray firsts(NDArray ids, int... lengths) {
      int steps = (int) ids.getShape().get(1);
      long[] tokens = ids.toLongArray();
      float[] firsts = new float[tokens.length];
      Set<Long> seen = new HashSet<>();
      for (int row = 0; row < lengths.length; row++) {
        seen.clear();
        for (int t = 0; t < lengths[row]; t++) {
          if (seen.add(tokens[row * steps + t])) {
            firsts[row * steps + t] = 1;
          }
        }
      }
      return EngineArray.of(ids.getManager(), firsts, lengths.length, steps, 1);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
    }
  }
}
