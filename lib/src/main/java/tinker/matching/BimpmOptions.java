package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import tinker.nn.Dropout;
import tinker.nn.Initialisation;
import tinker.nn.Recurrent;

/**
 * The sizes of BiMPM. What the paper states is the default; what it leaves open has the value of
 * its authors' own program (github.com/zhiguowang/BiMPM), or PyTorch's. Their program also has
 * parts that the paper does not: highway layers, matchings of the word vectors, means beside the
 * maxima. They are left out here. How long sentences and words may be, the size of a batch and the
 * clipping are no matter of the model: see {@code PairBatches} and {@code FitOptions} (their
 * program: 50 words, 10 characters, 60 pairs, norm 10).
 *
 * <pre>{@code
 * var options = BimpmOptions.paper().hidden(50).without(Matching.MAX_ATTENTIVE).seed(7);
 * }</pre>
 *
 * @param letterSize numbers that stand for a letter, at least 1; the paper has 20
 * @param letterHidden numbers the LSTM over letters makes of a word; the paper has 50, 0 leaves the
 *     characters out
 * @param hidden numbers each direction of the context layer remembers, at least 1; the paper has
 *     100
 * @param aggregation the same for the aggregation layer; the paper has 100
 * @param perspectives rows of each matching's weights; the paper has 20, 0 is the plain cosine,
 *     which has no weights and gives one value
 * @param matchings which of the four are used, at least one, in the order of {@link Matching}; the
 *     paper has all
 * @param ways which sentence is compared with the other; the paper has both
 * @param dropout share of the values after every layer set to zero in training, in [0, 1); the
 *     paper has 0.1
 * @param masks whether dropout before the matchings sets the same places to zero in all words of a
 *     pair, or others in each word; the paper does not say, its program draws others. See {@link
 *     Masks}
 * @param predictionHidden width of the first of the two last layers, at least 1; the paper does not
 *     say, its program halves what comes in: 200
 * @param activation of that layer; the paper does not say, its program has tanh
 * @param initialisation first weights; the paper does not say, its program draws them uniformly
 *     from -0.01 to 0.01. PyTorch's for the LSTMs and the characters, Xavier for the matchings and
 *     the last layers
 * @param seed of the first weights
 */
public record BimpmOptions(
    int letterSize,
    int letterHidden,
    int hidden,
    int aggregation,
    int perspectives,
    List<Matching> matchings,
    Ways ways,
    double dropout,
    Masks masks,
    int predictionHidden,
    Activation activation,
    Initialisation initialisation,
    long seed) {
  /** Which sentence is compared with the other. */
  public enum Ways {
    /** Each word of either sentence with the other sentence. */
    BOTH,
    /** Only the words of the first sentence, with the second: the paper's P to Q. */
    FIRST_ONLY,
    /** Only the words of the second sentence, with the first: the paper's Q to P. */
    SECOND_ONLY
  }

  /**
   * Which places dropout sets to zero in what the matchings will compare: the words and their
   * states.
   */
  public enum Masks {
    /**
     * The same in every word of both sentences of a pair, as Gal and Ghahramani (2016) do it over
     * time: two equal words stay equal, and cosines are in training what they are afterwards.
     */
    SHARED,
    /**
     * Others in every word, the usual dropout. The cosine of a word with itself is then about 1 -
     * dropout in training and 1 afterwards: what stands behind the matchings is trained on cosines
     * that it does not meet again.
     */
    INDEPENDENT
  }

  /** What bends the first of the two last layers. */
  public enum Activation {
    TANH,
    RELU
  }

  public BimpmOptions {
    atLeast("letterSize", letterSize, 1);
    atLeast("letterHidden", letterHidden, 0);
    atLeast("hidden", hidden, 1);
    atLeast("aggregation", aggregation, 1);
    atLeast("perspectives", perspectives, 0);
    atLeast("predictionHidden", predictionHidden, 1);
    if (matchings.isEmpty()) {
      throw new IllegalArgumentException("matchings is empty; there must be at least one");
    }
    matchings = List.copyOf(EnumSet.copyOf(matchings));
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "dropout is %s; it must lie in [0, 1)", dropout));
    }
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
    }
  }

  /** The model of the paper: hidden 100, 20 perspectives, everything on. */
  public static BimpmOptions paper() {
    return new BimpmOptions(
        20,
        50,
        100,
        100,
        20,
        List.of(Matching.values()),
        Ways.BOTH,
        0.1,
        Masks.SHARED,
        200,
        Activation.TANH,
        Initialisation.pytorch(),
        0);
  }

  /** The paper's model with other widths: of both LSTMs, and twice that in the last layer. */
  public BimpmOptions hidden(int size) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        size,
        size,
        perspectives,
        matchings,
        ways,
        dropout,
        masks,
        2 * size,
        activation,
        initialisation,
        seed);
  }

  /**
   * The same with another LSTM over letters.
   *
   * @param size numbers that stand for a letter, at least 1
   * @param width numbers that come of a word; 0 leaves the letters out
   */
  public BimpmOptions letters(int size, int width) {
    return new BimpmOptions(
        size,
        width,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        dropout,
        masks,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same with so many perspectives; 0 is the plain cosine. */
  public BimpmOptions perspectives(int count) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        count,
        matchings,
        ways,
        dropout,
        masks,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same with these matchings alone. */
  public BimpmOptions matchings(Matching... kept) {
    return matchings(Arrays.asList(kept));
  }

  /** The same without one of its matchings: the paper's ablation. */
  public BimpmOptions without(Matching left) {
    var kept = new ArrayList<>(matchings);
    kept.remove(left);
    return matchings(kept);
  }

  private BimpmOptions matchings(Collection<Matching> kept) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        List.copyOf(kept),
        ways,
        dropout,
        masks,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same, comparing in these ways. */
  public BimpmOptions ways(Ways compared) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        compared,
        dropout,
        masks,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same with this dropout. */
  public BimpmOptions dropout(double rate) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        rate,
        masks,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same with dropout of this kind before the matchings. */
  public BimpmOptions masks(Masks drawn) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        dropout,
        drawn,
        predictionHidden,
        activation,
        initialisation,
        seed);
  }

  /** The same with another width and activation of the first of the two last layers. */
  public BimpmOptions prediction(int width, Activation bend) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        dropout,
        masks,
        width,
        bend,
        initialisation,
        seed);
  }

  /** The same with first weights drawn in another way. */
  public BimpmOptions initialisation(Initialisation drawn) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        dropout,
        masks,
        predictionHidden,
        activation,
        drawn,
        seed);
  }

  /** The same with other first weights. */
  public BimpmOptions seed(long value) {
    return new BimpmOptions(
        letterSize,
        letterHidden,
        hidden,
        aggregation,
        perspectives,
        matchings,
        ways,
        dropout,
        masks,
        predictionHidden,
        activation,
        initialisation,
        value);
  }

  /** What is left of a layer's values after dropout; all of them when not training. */
  NDArray drop(NDArray x, ParameterStore parameters, boolean training) {
    return training ? Dropout.apply(x, dropout, parameters) : x;
  }

  /**
   * The same for what the matchings will compare, with one mask for a pair if masks are shared.
   *
   * @param x (2B, T, N): all first sentences, then all second ones
   */
  NDArray dropPairs(NDArray x, ParameterStore parameters, boolean training) {
    if (!training || dropout == 0 || masks == Masks.INDEPENDENT) {
      return drop(x, parameters, training);
    }
    Shape shape = x.getShape();
    NDArray ones = x.getManager().ones(new Shape(shape.get(0) / 2, 1, shape.get(2)));
    NDArray mask = Dropout.apply(ones, dropout, parameters); // (B, 1, N)
    return x.mul(NDArrays.concat(new NDList(mask, mask), 0));
  }

  /** First values of a parameter; the vectors of letters begin as an embedding does. */
  float[] first(String name, Shape shape, RandomGenerator random) {
    String known = name.startsWith("words.letters.") ? "encoder." + name : name;
    return initialisation.values(Recurrent.Kind.LSTM, known, shape, random);
  }

  /** Values each matching gives in each direction: the perspectives, or 1 for the plain cosine. */
  int values() {
    return Math.max(1, perspectives);
  }

  /** How many numbers the matching layer gives for a word: 160 in the paper. */
  public int matched() {
    return 2 * matchings.size() * values();
  }

  /** How many numbers stand for a pair in the end: 400 in the paper. */
  public int summary() {
    return (ways == Ways.BOTH ? 4 : 2) * aggregation;
  }
}
