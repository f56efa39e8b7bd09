package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import org.jspecify.annotations.Nullable;
import tinker.nn.Bidirectional;
import tinker.nn.Recurrent;

/**
 * The five layers on each other. It reads the seven arrays of a batch of pairs and returns what
 * every layer gave: words (2B, T, W + E), context (2B, T, 2H), matched (2B, T, 2MP), summary (B,
 * 4A), logits (B, K). Both sentences of all pairs pass through the shared layers as one batch.
 */
final class BimpmBlock extends AbstractBlock {
  final WordLayer words;
  final Bidirectional context;
  final MatchingLayer matching;
  final Bidirectional aggregation;
  final PredictionLayer prediction;
  private final BimpmOptions options;

  BimpmBlock(int vectorSize, int alphabet, int classes, BimpmOptions options) {
    this.options = options;
    words = addChildBlock("words", new WordLayer(vectorSize, alphabet, options));
    context =
        addChildBlock(
            "context",
            new Bidirectional(Recurrent.Kind.LSTM, words.width(), options.hidden(), 1, 0));
    matching =
        addChildBlock(
            "matching",
            new MatchingLayer(options.hidden(), options.perspectives(), options.matchings()));
    aggregation =
        addChildBlock(
            "aggregation",
            new Bidirectional(Recurrent.Kind.LSTM, options.matched(), options.aggregation(), 1, 0));
    prediction =
        addChildBlock("prediction", new PredictionLayer(options.summary(), classes, options));
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    words.initialize(manager, type, new Shape(1, 1));
    context.initialize(manager, type, new Shape(1, 1, words.width()));
    matching.initialize(manager, type, new Shape(2, 1, 2L * options.hidden()), new Shape(2));
    aggregation.initialize(manager, type, new Shape(1, 1, options.matched()));
    prediction.initialize(manager, type, new Shape(1, options.summary()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    if (inputs.size() != 7) {
      throw new IllegalArgumentException(
          inputs.size()
              + " arrays; there must be 7: vectors, letters, letter counts, first sentences, their"
              + " lengths, second sentences, their lengths");
    }
    NDArray ids = together(inputs.get(3), inputs.get(5)); // (2B, T)
    NDArray lengths = NDArrays.concat(new NDList(inputs.get(4), inputs.get(6)), 0); // (2B)
    Sentences sentences = Sentences.of(lengths, ids.getShape().get(0), ids.getShape().get(1));

    var spelled = new NDList(inputs.get(0), inputs.get(1), inputs.get(2), ids);
    NDArray word = words.forward(parameters, spelled, training).head(); // (2B, T, W + E)
    word = options.dropPairs(word, parameters, training);
    NDArray states = read(context, word, sentences, parameters, training).get(0); // (2B, T, 2H)
    states = options.dropPairs(states, parameters, training);
    NDArray matched =
        matching.forward(parameters, new NDList(states, lengths), training).head(); // (2B, T, 2MP)
    matched = options.drop(matched, parameters, training);
    NDArray summary = summary(matched, sentences, parameters, training); // (B, 4A)
    summary = options.drop(summary, parameters, training);
    NDArray logits = prediction.forward(parameters, new NDList(summary), training).head(); // (B, K)
    return new NDList(word, states, matched, summary, logits);
  }

  /** First and second sentences under each other, padded to the same length. */
  static NDArray together(NDArray first, NDArray second) {
    long longest = Math.max(first.getShape().get(1), second.getShape().get(1));
    return NDArrays.concat(new NDList(widened(first, longest), widened(second, longest)), 0);
  }

  private static NDArray widened(NDArray ids, long steps) {
    long missing = steps - ids.getShape().get(1);
    if (missing == 0) {
      return ids;
    }
    NDArray none =
        ids.getManager().zeros(new Shape(ids.getShape().get(0), missing), DataType.INT64);
    return NDArrays.concat(new NDList(ids, none), 1);
  }

  /**
   * What a layer that reads in both directions makes of the rows; of a row without words, zeros.
   */
  static NDList read(
      Bidirectional layer,
      NDArray rows,
      Sentences sentences,
      ParameterStore parameters,
      boolean training) {
    NDManager manager = rows.getManager();
    NDList out =
        layer.forward(
            parameters, new NDList(rows, sentences.atLeastOne(manager)), training); // (2B, T, 2H)
    if (!sentences.anyEmpty()) {
      return out;
    }
    NDArray notEmpty = sentences.notEmpty(manager); // (2B, 1, 1)
    return new NDList(
        out.get(0).mul(notEmpty), out.get(1).mul(notEmpty.reshape(1, sentences.rows(), 1)));
  }

  /**
   * The last states of the aggregation layer beside each other: first sentence forward and
   * backward, then the second's.
   */
  private NDArray summary(
      NDArray matched, Sentences sentences, ParameterStore parameters, boolean training) {
    long half = sentences.rows() / 2;
    if (options.ways() == BimpmOptions.Ways.BOTH) {
      NDArray ends =
          read(aggregation, matched, sentences, parameters, training).get(1); // (2, 2B, A)
      return ends.reshape(2, 2, half, options.aggregation()) // direction, sentence, pair
          .transpose(2, 1, 0, 3)
          .reshape(half, options.summary());
    }
    boolean first = options.ways() == BimpmOptions.Ways.FIRST_ONLY;
    NDArray one = matched.get(new NDIndex(first ? "0:{}" : "{}:", half)); // (B, T, 2MP)
    Sentences its = first ? sentences.firstHalf() : sentences.secondHalf();
    NDArray ends = read(aggregation, one, its, parameters, training).get(1); // (2, B, A)
    return ends.transpose(1, 0, 2).reshape(half, options.summary());
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long pairs = inputShapes[3].get(0);
    long steps = Math.max(inputShapes[3].get(1), inputShapes[5].get(1));
    return new Shape[] {
      new Shape(2 * pairs, steps, words.width()),
      new Shape(2 * pairs, steps, 2L * options.hidden()),
      new Shape(2 * pairs, steps, options.matched()),
      new Shape(pairs, options.summary()),
      prediction.getOutputShapes(new Shape[] {new Shape(pairs, options.summary())})[0]
    };
  }
}
