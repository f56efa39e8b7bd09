package tinker.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What commonly keeps a model from learning, or makes it look better than it is. */
public enum Fault {
  TARGETS_NOT_SHIFTED(
      "targets not shifted", "the answer asked for is the input itself", "shift the labels by one"),
  LABELS_SHUFFLED(
      "labels shuffled against inputs",
      "answers belong to other examples",
      "shuffle inputs and labels with one and the same order"),
  EVALUATED_ON_TRAINING(
      "evaluated on training text",
      "the evaluation reads what was trained on",
      "evaluate on documents held out"),
  TEST_IN_TRAINING(
      "test documents in training",
      "some documents stand on both sides of the split",
      "split by document, duplicates on one side"),
  DROPOUT_IN_EVALUATION(
      "dropout on in evaluation",
      "evaluating twice gives two results",
      "pass training = false when evaluating"),
  EXAMPLES_MIX(
      "view where permute was meant",
      "examples of a batch read each other",
      "transpose the axes instead of reshaping"),
  SOFTMAX_BEFORE_LOSS(
      "softmax before a loss that wants logits",
      "the loss takes the softmax of probabilities",
      "hand the logits to the loss"),
  SOFTMAX_OVER_WRONG_AXIS(
      "softmax over the wrong axis",
      "probabilities sum to 1 over something else than the classes",
      "take the softmax over the last axis"),
  PADDING_IN_LOSS(
      "padding counted in the loss",
      "the mean runs over places where there is no text",
      "mask the padding, and divide by what is left"),
  LOSS_MEAN_TWICE(
      "mean of the loss taken twice",
      "the loss is smaller by the size of the batch",
      "divide by the number of predictions once"),
  WEIGHTS_EQUAL(
      "all weights equal",
      "all units compute the same, and learn the same",
      "draw the first weights at random"),
  WEIGHTS_TOO_LARGE(
      "weights too large",
      "the model is sure before it has seen anything",
      "draw the first weights smaller: Xavier or He"),
  WEIGHTS_TOO_SMALL(
      "weights too small",
      "the outputs hardly depend on the input",
      "draw the first weights larger: Xavier or He"),
  DEAD_RELUS(
      "dead ReLUs",
      "most units are zero whatever the input, so no gradient passes",
      "begin with biases of zero, and lower the rate"),
  STATE_LEAKS(
      "state leaks between batches",
      "what one batch left behind shows in one that does not go on from it",
      "begin with an empty state where a text begins"),
  STATE_CUT(
      "state cut where it should flow",
      "batches that go on from each other begin anew",
      "hand the state of a batch to the next"),
  GRADIENTS_PILE_UP(
      "gradients pile up",
      "each update uses the gradients of the earlier ones as well",
      "set the gradients to zero before each backward pass"),
  NO_CLIPPING(
      "no clipping where gradients explode",
      "gradients are a hundred times too long",
      "clip their norm, and look at the recurrent weights"),
  METRIC_SKIPS(
      "a metric that skips what it cannot score",
      "the reported figure leaves out what the model holds for unlikely",
      "score every position"),
  RATE_TOO_HIGH(
      "learning rate far too high",
      "the loss rises or stays up, and falls at a hundredth of the rate",
      "find the rate with LearningRateFinder"),
  RATE_TOO_LOW(
      "learning rate far too low",
      "the loss hardly moves, and falls at a hundred times the rate",
      "find the rate with LearningRateFinder");

  private final String title;
  private final String meaning;
  private final String remedy;

  Fault(String title, String meaning, String remedy) {
    this.title = title;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  /** What one says, such as {@code "gradients pile up"}. */
  public String title() {
    return title;
  }

  /** What is wrong, in one sentence. */
  public String meaning() {
    return meaning;
  }

  /** What to do. */
  public String remedy() {
    return remedy;
  }

  /**
   * The fault of this title.
   *
   * @param title in any case, such as {@code "dead relus"}
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static Fault titled(String title) {
    String wanted = title.strip().toLowerCase(Locale.ROOT);
    for (Fault fault : values()) {
      if (fault.title.toLowerCase(Locale.ROOT).equals(wanted)) {
        return fault;
      }
    }
    throw new IllegalArgumentException(
        "\""
            + title
            + "\" is no diagnosis known here; there are: "
            + Arrays.stream(values()).map(Fault::title).collect(Collectors.joining(", ")));
  }

  @Override
  public String toString() {
    return title;
  }
}
