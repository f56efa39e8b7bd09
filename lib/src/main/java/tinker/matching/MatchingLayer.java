package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tinker.nn.Embedding;

/**
 * The heart of BiMPM: every word of a sentence is compared with the other sentence, in up to four
 * ways ({@link Matching}), in both directions of the context layer, under P perspectives each.
 *
 * <p>A comparison is the multi-perspective cosine {@code m_k = cos(W_k ∘ a, W_k ∘ b)}: each row of
 * W weighs the H dimensions in its own way. {@code (W_k ∘ a)·(W_k ∘ b)} is the product of {@code a
 * ∘ b} with the squares of {@code W_k}, and so are both lengths; so none but maxpooling, which
 * compares all words with all, needs a tensor of H numbers for more than each word. A vector of
 * length zero has no direction; its cosine with anything is 0.
 *
 * <pre>{@code
 * NDList out = layer.forward(parameters, new NDList(states, lengths), false);  // (2B, T, 8P)
 * }</pre>
 *
 * <p>It reads the states of the context layer (2B, T, 2H): the first B rows are the first sentences
 * of the pairs, the other B the second ones, forward half first, and zero at padding; and the
 * lengths (2B) int64, each in [0, T]. It returns (2B, T, 2·M·P) for M matchings, zero at padding
 * and against an empty sentence. The values stand in the order of {@link Matching}, for each the
 * forward direction first.
 *
 * <p>Its parameters are one (P, H) matrix for each matching and direction, named {@code
 * full_forward}, {@code full_backward}, {@code maxpooling_forward} and so on: the paper's W1 to W8.
 * Both sentences are compared with the same ones.
 */
public final class MatchingLayer extends AbstractBlock {
  /** A squared length of at most this is that of a zero vector. */
  private static final float SMALL = 1e-12f;

  private final int hidden;
  private final int perspectives;
  private final Map<Matching, List<Parameter>> weights = new EnumMap<>(Matching.class);

  /**
   * @param hidden H, numbers of each direction, at least 1
   * @param perspectives P, at least 1; or 0 for the plain cosine, whose weights are all 1 and stay
   *     so
   * @param matchings which comparisons are made, at least one
   */
  public MatchingLayer(int hidden, int perspectives, List<Matching> matchings) {
    if (hidden < 1 || perspectives < 0 || matchings.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "hidden %d, perspectives %d, matchings %s: there must be at least 1, 0 and one",
              hidden,
              perspectives,
              matchings));
    }
    this.hidden = hidden;
    this.perspectives = perspectives;
    for (Matching matching : Matching.values()) {
      if (matchings.contains(matching)) {
        weights.put(matching, List.of(weight(matching, "_forward"), weight(matching, "_backward")));
      }
    }
  }

  private Parameter weight(Matching matching, String direction) {
    return addParameter(
        Parameter.builder()
            .setName(matching.toString().replace('-', '_') + direction)
            .setType(Parameter.Type.WEIGHT)
            .optShape(new Shape(Math.max(1, perspectives), hidden))
            .optRequiresGrad(perspectives > 0)
            .build());
  }

  /** Which comparisons are made, in the order of their values. */
  public List<Matching> matchings() {
    return List.copyOf(weights.keySet());
  }

  /**
   * Where the values of one matching stand in the last axis of the output.
   *
   * @param backward false for the direction that reads from the first word
   * @return the first column, of P
   */
  public int column(Matching matching, boolean backward) {
    int at = matchings().indexOf(matching);
    if (at < 0) {
      throw new IllegalArgumentException(
          "there is no " + matching + " matching here; there are " + matchings());
    }
    return (2 * at + (backward ? 1 : 0)) * Math.max(1, perspectives);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray states = inputs.get(0); // (2B, T, 2H)
    Shape shape = states.getShape();
    if (shape.dimension() != 3 || shape.get(2) != 2L * hidden || shape.get(0) % 2 != 0) {
      throw new IllegalArgumentException(
          "states of shape " + shape + "; it must be (2B, T, " + 2 * hidden + ")");
    }
    Sentences own = Sentences.of(inputs.get(1), shape.get(0), shape.get(1));
    var values = new ArrayList<NDArray>();
    var directions = states.split(2, 2); // (2B, T, H) twice
    var both = new ArrayList<Direction>();
    both.add(new Direction(directions.get(0), own, false));
    both.add(new Direction(directions.get(1), own, true));
    for (var entry : weights.entrySet()) {
      for (int i = 0; i < 2; i++) {
        NDArray w =
            parameters.getValue(entry.getValue().get(i), states.getDevice(), training); // (P, H)
        values.add(both.get(i).match(entry.getKey(), w)); // (2B, T, P)
      }
    }
    NDArray matched = NDArrays.concat(new NDList(values), 2); // (2B, T, 2MP)
    // Against nothing, the highest cosine is none.
    return new NDList(
        own.anyEmpty() ? matched.mul(swap(own.notEmpty(states.getManager()))) : matched);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {
      new Shape(
          inputShapes[0].get(0),
          inputShapes[0].get(1),
          2L * weights.size() * Math.max(1, perspectives))
    };
  }

  /**
   * The plain cosine of every word of one sentence with every word of the other: what the attentive
   * matchings weigh and choose by.
   *
   * @param own (N, S, H)
   * @param other (N, T, H)
   * @return (N, S, T), in [-1, 1]; 0 where either is a zero vector
   */
  public static NDArray cosines(NDArray own, NDArray other) {
    return unit(own).matMul(unit(other).transpose(0, 2, 1));
  }

  private static NDArray unit(NDArray vectors) {
    return vectors.div(root(vectors.square().sum(new int[] {2}, true)));
  }

  /**
   * The multi-perspective cosine of vectors in pairs: {@code cos(W_k ∘ a, W_k ∘ b)} for every row k
   * of W.
   *
   * @param a (N, S, H)
   * @param b (N, S, H), or (N, 1, H) for the same partner everywhere
   * @param weights W, (P, H)
   * @return (N, S, P), in [-1, 1]; 0 where either is a zero vector
   */
  public static NDArray perspectives(NDArray a, NDArray b, NDArray weights) {
    NDArray squares = weights.square().transpose(); // (H, P)
    NDArray product = a.mul(b).matMul(squares); // (N, S, P)
    return product.div(root(a.square().matMul(squares))).div(root(b.square().matMul(squares)));
  }

  /** Lengths from their squares; 1 for a zero vector, whose products are 0 anyway. */
  private static NDArray root(NDArray squares) {
    NDArray small = squares.getManager().full(new Shape(), SMALL);
    return squares.add(squares.lte(small).toType(DataType.FLOAT32, false)).sqrt();
  }

  /** First sentences to the place of the second ones and the reverse, along axis 0. */
  private static NDArray swap(NDArray rows) {
    long half = rows.getShape().get(0) / 2;
    return NDArrays.concat(
        new NDList(rows.get(new NDIndex("{}:", half)), rows.get(new NDIndex("0:{}", half))), 0);
  }

  /** The states of one direction, each beside those of the other sentence. */
  private static final class Direction {
    private final NDArray own;
    private final NDArray other;
    private final Sentences ownWords;
    private final Sentences otherWords;
    private final boolean backward;
    private @Nullable NDArray cosines;

    Direction(NDArray own, Sentences ownWords, boolean backward) {
      this.own = own;
      this.other = swap(own);
      this.ownWords = ownWords;
      this.otherWords = ownWords.swapped();
      this.backward = backward;
    }

    NDArray match(Matching matching, NDArray weights) {
      return switch (matching) {
        case FULL -> perspectives(own, otherWords.end(other, backward), weights);
        case MAXPOOLING -> maxpooling(weights);
        case ATTENTIVE -> perspectives(own, mean(), weights);
        case MAX_ATTENTIVE -> perspectives(own, nearest(), weights);
      };
    }

    /** (2B, T, T). */
    private NDArray cosines() {
      NDArray known = cosines;
      if (known == null) {
        known = MatchingLayer.cosines(own, other);
        cosines = known;
      }
      return known;
    }

    /**
     * The weighted sum of the other sentence, pointing where its weighted mean points: (2B, T, H).
     * Cosines do not see how long a vector is, so of the division by the sum of the weights only
     * the sign is left, and a sum near zero does no harm.
     */
    private NDArray mean() {
      NDArray attention = cosines();
      NDArray sum = attention.sum(new int[] {2}, true); // (2B, T, 1)
      NDManager manager = own.getManager();
      NDArray below = sum.lt(manager.zeros(new Shape())).toType(DataType.FLOAT32, false);
      NDArray sign = manager.ones(new Shape()).sub(below).sub(below); // 1 or -1
      return attention.matMul(other).mul(sign);
    }

    /** The state of the other sentence with the highest cosine: (2B, T, H). */
    private NDArray nearest() {
      NDManager manager = own.getManager();
      NDArray attention = cosines().stopGradient();
      if (ownWords.padded()) {
        attention = attention.add(otherWords.bias(manager));
      }
      long rows = own.getShape().get(0);
      long steps = own.getShape().get(1);
      NDArray first = manager.arange(0, rows * steps, steps, DataType.INT64).reshape(-1, 1);
      return Embedding.pick(other, attention.argMax(2).add(first));
    }

    /**
     * All cosines of a pair at once, (B, S, T, P), of which either sentence takes its maxima. A
     * word's own length is a factor common to all its cosines, so it can wait until after the
     * maximum.
     */
    private NDArray maxpooling(NDArray weights) {
      NDManager manager = own.getManager();
      long half = own.getShape().get(0) / 2;
      long steps = own.getShape().get(1);
      NDArray squares = weights.square().transpose(); // (H, P)
      NDArray lengths = root(own.square().matMul(squares)); // (2B, T, P)
      NDArray first = own.get(new NDIndex("0:{}", half)); // (B, S, H)
      NDArray second = own.get(new NDIndex("{}:", half)); // (B, T, H)
      NDArray firstLengths = lengths.get(new NDIndex("0:{}", half)); // (B, S, P)
      NDArray secondLengths = lengths.get(new NDIndex("{}:", half)); // (B, T, P)
      NDArray products = products(first, second, squares); // (B, S, T, P)
      NDArray ofFirst = products.div(secondLengths.expandDims(1));
      NDArray ofSecond = products.div(firstLengths.expandDims(2));
      if (ownWords.padded()) {
        NDArray bias = otherWords.bias(manager); // (2B, 1, T)
        ofFirst = ofFirst.add(bias.get(new NDIndex("0:{}", half)).expandDims(3));
        ofSecond = ofSecond.add(bias.get(new NDIndex("{}:", half)).reshape(half, steps, 1, 1));
      }
      return NDArrays.concat(
          new NDList(
              ofFirst.max(new int[] {2}).div(firstLengths), // (B, S, P)
              ofSecond.max(new int[] {1}).div(secondLengths)), // (B, T, P)
          0);
    }

    /**
     * {@code (W_k ∘ a)·(W_k ∘ b)} of every word a with every word b: (B, S, T, P). The squares are
     * multiplied into whichever is smaller: all a ∘ b, or all a under every perspective.
     */
    private static NDArray products(NDArray first, NDArray second, NDArray squares) {
      Shape shape = first.getShape();
      long steps = shape.get(1);
      long count = squares.getShape().get(1);
      if (steps <= count) {
        return first.expandDims(2).mul(second.expandDims(1)).matMul(squares);
      }
      return first
          .expandDims(2)
          .mul(squares.transpose()) // (B, S, P, H)
          .reshape(shape.get(0), steps * count, shape.get(2))
          .matMul(second.transpose(0, 2, 1)) // (B, S·P, T)
          .reshape(shape.get(0), steps, count, steps)
          .transpose(0, 1, 3, 2);
    }
  }
}
