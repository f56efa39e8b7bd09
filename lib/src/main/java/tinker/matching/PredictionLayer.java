package tinker.matching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tinker.nn.Dropout;

/**
 * Two linear layers with a bend between them: what stands for a pair, (B, I), becomes logits (B,
 * K). A softmax makes probabilities of them; the loss does that itself.
 *
 * <p>Parameters: {@code hidden.weight} (W, I), {@code hidden.bias}, {@code output.weight} (K, W),
 * {@code output.bias}.
 */
public final class PredictionLayer extends AbstractBlock {
  private final int inputSize;
  private final BimpmOptions options;
  private final int classes;
  private final Linear hidden;
  private final Linear output;

  /**
   * @param inputSize I, at least 1
   * @param classes K, at least 2
   * @param options of which it takes width, activation and dropout
   */
  public PredictionLayer(int inputSize, int classes, BimpmOptions options) {
    if (inputSize < 1 || classes < 2) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d numbers for %d classes; there must be at least 1 and 2",
              inputSize,
              classes));
    }
    this.inputSize = inputSize;
    this.classes = classes;
    this.options = options;
    hidden = addChildBlock("hidden", Linear.builder().setUnits(options.predictionHidden()).build());
    output = addChildBlock("output", Linear.builder().setUnits(classes).build());
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    hidden.initialize(manager, type, new Shape(1, inputSize));
    output.initialize(manager, type, new Shape(1, options.predictionHidden()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> params) {
    NDArray x = hidden.forward(parameters, new NDList(inputs.get(0)), training).head(); // (B, W)
    x =
        options.activation() == BimpmOptions.Activation.TANH
            ? Activation.tanh(x)
            : Activation.relu(x);
    if (training) {
      x = Dropout.apply(x, options.dropout(), parameters);
    }
    return output.forward(parameters, new NDList(x), training); // (B, K)
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), classes)};
  }
}
