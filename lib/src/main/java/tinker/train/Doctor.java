package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.Trainable;
import tinker.nn.Weights;

/**
 * Names what is wrong with a way of training, by looking at it and not by knowing it: the data
 * first, then the forward pass and the loss, the state, the gradients, the evaluation, and last the
 * rate.
 *
 * <p>The order is part of the diagnosis. Later exams presuppose what earlier ones have found sound:
 * the loss can be recomputed only from outputs that are the same twice, the rate judged only by a
 * loss that is one. An exam after the first finding may therefore name a fault that is only a
 * consequence, and none is made. A second fault shows when the first has been mended.
 *
 * <p>Given a model, its loss and data, it names what is wrong with these; the loop is then {@link
 * Fit}'s. Some faults lie in a loop: how gradients are collected, when a state is handed on, which
 * figure is reported. For a loop of one's own, {@link TrainingSetup} is what it must let an exam
 * ask.
 *
 * <pre>{@code
 * Doctor.examine(model, training, evaluation, FitOptions.epochs(1).oneCycle(5e-3))
 * Doctor.examine(setup)           // the exams in order, up to the first that finds something
 * }</pre>
 */
public final class Doctor {
  /** Tokens that must stand in a row on both sides for a piece of text to count as the same. */
  private static final int WINDOW = 40;

  /** Updates after which a model has begun to learn. */
  static final int UPDATES = 40;

  private static final double EXPLODED = 30;

  private final TrainingSetup setup;
  private final Batch batch;
  private final long[][] inputs;
  private final long[][] labels;
  private final float[][] mask;

  private Doctor(TrainingSetup setup) {
    this.setup = setup;
    setup.reset();
    batch = firstBatches(setup.training(), 1).get(0);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList answers = batch.labels(manager);
      // First, since the labels tell a classifier's data from a language model's.
      labels = rows("labels", answers.get(0));
      inputs = rows("inputs", batch.inputs(manager).get(0));
      mask = answers.size() > 1 ? TrainingSetup.rows(answers.get(1)) : ones(labels);
    }
  }

  /**
   * What was found.
   *
   * @param fault null if nothing was, or something that has no name here
   * @param exams every exam made, in order, with its evidence; the last is the one that found
   *     something, if any did
   */
  public record Report(@Nullable Fault fault, List<Verdict> exams) {
    /**
     * What speaks for or against a diagnosis: the evidence of the exam that would find it.
     *
     * @param guess null for healthy
     */
    public String evidence(@Nullable Fault guess) {
      Verdict last = exams.get(exams.size() - 1);
      if (guess == null || guess == fault || !healthy() && fault == null) {
        return last.check() + ": " + last.evidence();
      }
      String exam = Exam.thatFinds(guess).title;
      return exams.stream()
          .filter(verdict -> verdict.check().equals(exam))
          .findFirst()
          .map(verdict -> verdict.check() + ": " + verdict.evidence())
          .orElse(
              "an exam that comes before \""
                  + exam
                  + "\" found something already, and it has to be mended first");
    }

    /** True if no exam found anything. */
    public boolean healthy() {
      return exams.stream().allMatch(Verdict::passed);
    }

    @Override
    public String toString() {
      Fault found = fault;
      if (healthy()) {
        return "healthy: " + exams.size() + " exams found nothing";
      }
      return found == null
          ? "something that has no name here: " + exams.get(exams.size() - 1).evidence()
          : found.title() + ": " + found.meaning() + ". To mend it, " + found.remedy() + ".";
    }
  }

  /** What one exam found; {@code fault} is null if nothing, or nothing that has a name. */
  private record Finding(@Nullable Fault fault, boolean sound, String evidence) {
    Finding(@Nullable Fault fault, String evidence) {
      this(fault, fault == null, evidence);
    }
  }

  /** The exams in their order, each with the faults it can find. */
  private enum Exam {
    LABELS_FOLLOW(
        "labels follow the inputs",
        Doctor::labelsFollow,
        Fault.TARGETS_NOT_SHIFTED,
        Fault.LABELS_SHUFFLED),
    EVALUATION_IS_NEW(
        "evaluation text is new",
        Doctor::evaluationIsNew,
        Fault.EVALUATED_ON_TRAINING,
        Fault.TEST_IN_TRAINING),
    TWICE("evaluating twice", Doctor::twice, Fault.DROPOUT_IN_EVALUATION),
    ALONE("rows alone and together", Doctor::alone, Fault.EXAMPLES_MIX),
    LOSS_RECOMPUTED(
        "the loss, recomputed",
        Doctor::lossRecomputed,
        Fault.SOFTMAX_BEFORE_LOSS,
        Fault.SOFTMAX_OVER_WRONG_AXIS,
        Fault.PADDING_IN_LOSS,
        Fault.LOSS_MEAN_TWICE),
    WEIGHTS_DIFFER("weights differ", Doctor::weightsDiffer, Fault.WEIGHTS_EQUAL),
    LOSS_AT_START("loss at the start", Doctor::lossAtStart, Fault.WEIGHTS_TOO_LARGE),
    UNITS_ALIVE("units are alive", Doctor::unitsAlive, Fault.DEAD_RELUS),
    OUTPUTS_VARY("outputs depend on the input", Doctor::outputsVary, Fault.WEIGHTS_TOO_SMALL),
    STATE("state between batches", Doctor::state, Fault.STATE_LEAKS, Fault.STATE_CUT),
    GRADIENTS_FRESH("gradients begin at zero", Doctor::gradientsFresh, Fault.GRADIENTS_PILE_UP),
    GRADIENT_LENGTH("length of the gradient", Doctor::gradientLength, Fault.NO_CLIPPING),
    REPORTED("the reported figure", Doctor::reported, Fault.METRIC_SKIPS),
    RATE("learning rate", Doctor::rate, Fault.RATE_TOO_HIGH, Fault.RATE_TOO_LOW);

    private final String title;
    private final Function<Doctor, Finding> look;
    private final Set<Fault> finds;

    Exam(String title, Function<Doctor, Finding> look, Fault... finds) {
      this.title = title;
      this.look = look;
      this.finds = Set.of(finds);
    }

    static Exam thatFinds(Fault fault) {
      return Arrays.stream(values())
          .filter(exam -> exam.finds.contains(fault))
          .findFirst()
          .orElseThrow();
    }
  }

  /**
   * Examines a language model as {@link Fit} would train it. Afterwards the model has the weights
   * that it had before.
   *
   * @param model with its loss, not trained yet; the forward pass of its block gives the outputs
   *     that the loss is computed from, (B, T, V), as {@code RecurrentModel}'s does
   * @param training what it is trained on
   * @param evaluation what it is evaluated on
   * @param options its rate or schedule, clipping and seed; epochs do not matter
   * @throws IllegalArgumentException if the block gives something else, there is no batch, or its
   *     labels are not (B, T)
   * @throws CancellationException if the thread is interrupted (a notebook's stop button)
   */
  public static Report examine(
      Trainable model, Batches training, Batches evaluation, FitOptions options) {
    try (var setup = new FitSetup(model, training, evaluation, options)) {
      return examine(setup);
    }
  }

  /**
   * Makes one exam after another, until one finds something. Afterwards {@code setup} is reset.
   *
   * @throws IllegalArgumentException if there is no batch, or its labels are not (B, T)
   * @throws CancellationException if the thread is interrupted (a notebook's stop button)
   */
  public static Report examine(TrainingSetup setup) {
    var doctor = new Doctor(setup);
    var verdicts = new ArrayList<Verdict>();
    try {
      for (Exam exam : Exam.values()) {
        Interrupts.check("");
        Finding finding = exam.look.apply(doctor);
        verdicts.add(new Verdict(exam.title, finding.sound, finding.evidence));
        if (!finding.sound) {
          return new Report(finding.fault, verdicts);
        }
      }
      return new Report(null, verdicts);
    } catch (CancellationException e) {
      throw new CancellationException(e.getMessage() + "; the weights were put back");
    } finally {
      setup.reset();
    }
  }

  /**
   * Makes every exam, also those behind a finding, and returns what each names: to see which are
   * independent of a fault. What has no name is left out.
   */
  static Map<String, Fault> all(TrainingSetup setup) {
    var doctor = new Doctor(setup);
    var named = new LinkedHashMap<String, Fault>();
    for (Exam exam : Exam.values()) {
      setup.reset();
      Fault fault = exam.look.apply(doctor).fault;
      if (fault != null) {
        named.put(exam.title, fault);
      }
    }
    setup.reset();
    return named;
  }

  // ---- data ------------------------------------------------------------------------------------

  private Finding labelsFollow() {
    int places = 0;
    int next = 0;
    int same = 0;
    for (int row = 0; row < inputs.length; row++) {
      for (int t = 0; t + 1 < inputs[row].length; t++) {
        if (mask[row][t + 1] == 0) {
          continue;
        }
        places++;
        next += labels[row][t] == inputs[row][t + 1] ? 1 : 0;
        same += labels[row][t] == inputs[row][t] ? 1 : 0;
      }
    }
    double follows = (double) next / Math.max(1, places);
    double copies = (double) same / Math.max(1, places);
    String evidence =
        Checks.say(
            "%.0f %% of the labels are the next input, %.0f %% the input itself",
            100 * follows, 100 * copies);
    Fault fault =
        follows > 0.95 ? null : copies > 0.95 ? Fault.TARGETS_NOT_SHIFTED : Fault.LABELS_SHUFFLED;
    return new Finding(fault, evidence);
  }

  private Finding evaluationIsNew() {
    Set<String> trained = new HashSet<>();
    pieces(setup.training()).forEach(piece -> windows(piece, 1).forEach(trained::add));
    int seen = 0;
    int all = 0;
    for (String piece : pieces(setup.evaluation())) {
      for (String window : windows(piece, WINDOW / 2)) {
        all++;
        seen += trained.contains(window) ? 1 : 0;
      }
    }
    double share = (double) seen / Math.max(1, all);
    String evidence =
        Checks.say(
            "of %d pieces of %d tokens in the evaluation data, %.0f %% stand in the training data",
            all, WINDOW, 100 * share);
    return new Finding(
        share > 0.9 ? Fault.EVALUATED_ON_TRAINING : share > 0.03 ? Fault.TEST_IN_TRAINING : null,
        evidence);
  }

  /** The text of every row, put together where a batch goes on from the one before. */
  private static List<String> pieces(Batches batches) {
    var open = new ArrayList<StringBuilder>();
    var done = new ArrayList<String>();
    try (NDManager manager = NDManager.newBaseManager()) {
      batches
          .epoch(1, 0)
          .forEachRemaining(
              batch -> {
                if (!batch.continuesPrevious()) {
                  open.forEach(text -> done.add(text.toString()));
                  open.clear();
                }
                NDList answers = batch.labels(manager);
                long[][] ids = rows("inputs", batch.inputs(manager).get(0));
                float[][] mask =
                    answers.size() > 1 ? TrainingSetup.rows(answers.get(1)) : ones(ids);
                for (int row = 0; row < ids.length; row++) {
                  if (open.size() == row) {
                    open.add(new StringBuilder());
                  }
                  for (int t = 0; t < ids[row].length; t++) {
                    if (mask[row][t] > 0) {
                      open.get(row).append((char) ids[row][t]);
                    }
                  }
                }
              });
    }
    open.forEach(text -> done.add(text.toString()));
    return done;
  }

  private static List<String> windows(String piece, int step) {
    var windows = new ArrayList<String>();
    for (int from = 0; from + WINDOW <= piece.length(); from += step) {
      windows.add(piece.substring(from, from + WINDOW));
    }
    return windows;
  }

  // ---- forward pass and loss -------------------------------------------------------------------

  private Finding twice() {
    double one = loss(batch);
    double two = loss(batch);
    if (Double.isNaN(one) || Double.isNaN(two)) {
      return new Finding(null, false, Checks.NO_NUMBER);
    }
    return new Finding(
        one == two ? null : Fault.DROPOUT_IN_EVALUATION,
        Checks.say("the loss of one batch is %.5f, then %.5f", one, two));
  }

  private Finding alone() {
    int steps = inputs[0].length;
    float[][] together = setup.outputs(batch);
    float[][] alone = setup.outputs(batch.rows(0, 1));
    double most = 0;
    for (int t = 0; t < steps; t++) {
      if (mask[0][t] > 0) {
        for (int k = 0; k < alone[t].length; k++) {
          most = Math.max(most, Math.abs(alone[t][k] - together[t][k]));
        }
      }
    }
    return new Finding(
        most > 1e-3 ? Fault.EXAMPLES_MIX : null,
        Checks.say("the first row's outputs alone and among others differ by at most %.1e", most));
  }

  private Finding lossRecomputed() {
    float[][] outputs = setup.outputs(batch);
    double given = loss(batch);
    boolean distributions =
        Arrays.stream(outputs).allMatch(row -> Math.abs(sum(row) - 1) < 1e-3 && least(row) >= 0);
    if (distributions) {
      return new Finding(
          Fault.SOFTMAX_BEFORE_LOSS,
          "what the loss is given are numbers from 0 to 1 that sum to 1 in every row");
    }
    int rows = labels.length;
    int steps = labels[0].length;
    double total = 0;
    double everywhere = 0;
    double overTime = 0;
    double overRows = 0;
    double count = 0;
    for (int row = 0; row < rows; row++) {
      for (int t = 0; t < steps; t++) {
        int at = row * steps + t;
        int label = (int) labels[row][t];
        double nats = logSum(outputs[at]) - outputs[at][label];
        everywhere += nats;
        if (mask[row][t] > 0) {
          count++;
          total += nats;
          overTime += logSum(column(outputs, row * steps, 1, steps, label)) - outputs[at][label];
          overRows += logSum(column(outputs, t, steps, rows, label)) - outputs[at][label];
        }
      }
    }
    double mean = total / count;
    String evidence =
        Checks.say("the loss is %.4f; from the outputs, in plain loops, %.4f", given, mean);
    Fault fault = null;
    if (!same(given, mean)) {
      boolean padded = count < rows * steps;
      if (padded && same(given, everywhere / (rows * steps))) {
        fault = Fault.PADDING_IN_LOSS;
        evidence += Checks.say("; with the padding counted %.4f", everywhere / (rows * steps));
      } else if (same(given, overTime / count) || same(given, overRows / count)) {
        fault = Fault.SOFTMAX_OVER_WRONG_AXIS;
        evidence += "; normalised over another axis than the classes it comes out the same";
      } else if (same(given, mean / count)
          || same(given, mean / rows)
          || same(given, mean / steps)) {
        fault = Fault.LOSS_MEAN_TWICE;
        evidence += Checks.say(", %.0f times as much", mean / given);
      } else {
        // An honest doctor says what is wrong even where it knows no name for it.
        return new Finding(null, false, evidence + "; no fault known here explains the difference");
      }
    }
    return new Finding(fault, evidence);
  }

  private Finding weightsDiffer() {
    var equal = new ArrayList<String>();
    int matrices = 0;
    for (var entry : Weights.of(setup.model().block()).entrySet()) {
      NDArray array = entry.getValue().getArray();
      if (array.getShape().dimension() < 2 || array.getShape().get(0) < 2) {
        continue;
      }
      matrices++;
      int columns = (int) array.getShape().get(1);
      float[] values = Weights.values(array);
      boolean all = true;
      for (int i = columns; i < values.length && all; i++) {
        all = values[i] == values[i % columns];
      }
      if (all) {
        equal.add(entry.getKey());
      }
    }
    return new Finding(
        equal.isEmpty() ? null : Fault.WEIGHTS_EQUAL,
        equal.isEmpty()
            ? Checks.say("in none of %d matrices are all rows equal", matrices)
            : "all rows are equal in " + String.join(", ", equal));
  }

  private Finding lossAtStart() {
    double loss = loss(batch);
    double guess = Math.log(setup.classes());
    return new Finding(
        loss > 1.3 * guess ? Fault.WEIGHTS_TOO_LARGE : null,
        Checks.say(
            "the loss is %.3f before training; guessing gives ln %d = %.3f",
            loss, setup.classes(), guess));
  }

  private Finding unitsAlive() {
    float[][] activations = setup.activations(batch);
    if (activations.length == 0) {
      return gradientsArrive();
    }
    int units = activations[0].length;
    int dead = 0;
    for (int unit = 0; unit < units; unit++) {
      int at = unit;
      if (Arrays.stream(activations).allMatch(row -> row[at] == 0)) {
        dead++;
      }
    }
    return new Finding(
        dead > units / 2 ? Fault.DEAD_RELUS : null,
        Checks.say("%d of %d units are exactly zero for every input of the batch", dead, units));
  }

  /** Where the hidden layer is not shown: behind units that are silent no gradient arrives. */
  private Finding gradientsArrive() {
    Map<String, float[]> gradients = setup.gradients(batch);
    int without = Checks.without(gradients).size();
    setup.reset();
    return new Finding(
        without > gradients.size() / 2 ? Fault.DEAD_RELUS : null,
        Checks.say("no gradient reaches %d of %d parameters", without, gradients.size()));
  }

  private Finding outputsVary() {
    float[][] outputs = setup.outputs(batch);
    double most = 0;
    for (int k = 0; k < outputs[0].length; k++) {
      double mean = 0;
      double squares = 0;
      for (float[] row : outputs) {
        mean += row[k] / outputs.length;
      }
      for (float[] row : outputs) {
        squares += (row[k] - mean) * (row[k] - mean) / outputs.length;
      }
      most = Math.max(most, Math.sqrt(squares));
    }
    return new Finding(
        most < 1e-3 ? Fault.WEIGHTS_TOO_SMALL : null,
        Checks.say(
            "over the inputs of a batch an output varies by at most %.1e (deviation)", most));
  }

  // ---- state, gradients, evaluation, rate ------------------------------------------------------

  private Finding state() {
    List<Batch> two = firstBatches(setup.training(), 2);
    if (two.size() < 2) {
      return new Finding(null, "there is only one batch");
    }
    boolean goesOn = two.get(1).continuesPrevious();
    // What a state is worth shows only when the model has learned to use it.
    train(1);
    double fresh = loss(two.get(1));
    double carried = carriedLoss(two);
    double seen = setup.losses(two)[1];
    setup.reset();
    double expected = goesOn ? carried : fresh;
    double other = goesOn ? fresh : carried;
    String evidence =
        Checks.say(
            "the second batch %s; after %d updates its loss is %.5f with an empty state, %.5f with"
                + " the state of the first, and the loop sees %.5f",
            goesOn ? "goes on from the first" : "begins anew", UPDATES, fresh, carried, seen);
    // Which of the two the loop agrees with; a model without a state has but one.
    boolean right =
        !(Math.abs(fresh - carried) > 1e-6) || Math.abs(seen - expected) < Math.abs(seen - other);
    return new Finding(right ? null : goesOn ? Fault.STATE_CUT : Fault.STATE_LEAKS, evidence);
  }

  private Finding gradientsFresh() {
    setup.reset();
    double one = norm(setup.gradients(batch));
    double two = norm(setup.gradients(batch));
    setup.reset();
    return new Finding(
        two > 1.2 * one ? Fault.GRADIENTS_PILE_UP : null,
        Checks.say(
            "asked twice at the same weights, the gradient's norm is %.3f, then %.3f", one, two));
  }

  private Finding gradientLength() {
    double most = 0;
    for (Batch one : firstBatches(setup.training(), 4)) {
      most = Math.max(most, norm(setup.gradients(one)));
    }
    setup.reset();
    return new Finding(
        most > EXPLODED ? Fault.NO_CLIPPING : null,
        Checks.say("the longest gradient of the first batches has norm %.2f", most));
  }

  private Finding reported() {
    // Before training all is equally likely, and nothing would be skipped yet.
    train(1);
    double said = setup.reported();
    double all = TrainingStep.evaluate(setup.model(), setup.evaluation().epoch(1, 0));
    setup.reset();
    return new Finding(
        said < all - 0.01 ? Fault.METRIC_SKIPS : null,
        Checks.say(
            "after %d updates %.4f nats are reported; the mean over every position is %.4f",
            UPDATES, said, all));
  }

  private Finding rate() {
    double start = TrainingStep.evaluate(setup.model(), setup.evaluation().epoch(1, 0));
    double usual = after(1);
    String evidence =
        Checks.say(
            "%d updates take the mean loss on the evaluation data from %.3f to %.3f",
            UPDATES, start, usual);
    Fault fault = null;
    boolean falls = usual < 0.85 * start;
    if (!falls) {
      double slower = after(0.01);
      double faster = after(100);
      evidence +=
          Checks.say(
              "; at a hundredth of the rate to %.3f, at a hundred times to %.3f", slower, faster);
      if (slower < usual - 0.1 && !(faster < slower)) {
        fault = Fault.RATE_TOO_HIGH;
      } else if (faster < usual - 0.1) {
        fault = Fault.RATE_TOO_LOW;
      } else {
        evidence += "; neither explains it";
      }
    }
    return new Finding(fault, falls, evidence);
  }

  /**
   * The loss on the evaluation data after some updates at this multiple of the rate; infinite if it
   * is no number. One batch with an empty state would not do: with a wild rate it is hit by chance.
   */
  private double after(double factor) {
    train(factor);
    double loss = TrainingStep.evaluate(setup.model(), setup.evaluation().epoch(1, 0));
    setup.reset();
    return Double.isNaN(loss) ? Double.POSITIVE_INFINITY : loss;
  }

  private void train(double factor) {
    setup.reset();
    Iterator<Batch> epoch = setup.training().epoch(1, 0);
    for (int i = 0; i < UPDATES; i++) {
      Interrupts.check("");
      if (!epoch.hasNext()) {
        epoch = setup.training().epoch(1, i);
      }
      setup.update(epoch.next(), factor);
    }
  }

  // ---- tools -----------------------------------------------------------------------------------

  private double loss(Batch one) {
    return Checks.loss(setup.model(), one);
  }

  /** The loss of the second batch with the state of the first; NaN if there is no state. */
  private double carriedLoss(List<Batch> two) {
    Trainable model = setup.model();
    try (var off = Gradients.off();
        NDManager manager = NDManager.newBaseManager()) {
      var parameters = new Frozen(manager);
      NDList state =
          model
              .loss(
                  parameters,
                  two.get(0).inputs(manager),
                  two.get(0).labels(manager),
                  new NDList(),
                  false)
              .state();
      return TrainingStep.number(
          model
              .loss(
                  parameters, two.get(1).inputs(manager), two.get(1).labels(manager), state, false)
              .loss());
    }
  }

  private static List<Batch> firstBatches(Batches batches, int count) {
    var first = new ArrayList<Batch>();
    Iterator<Batch> epoch = batches.epoch(1, 0);
    while (epoch.hasNext() && first.size() < count) {
      first.add(epoch.next());
    }
    if (first.isEmpty()) {
      throw new IllegalArgumentException("the data has no batch");
    }
    return first;
  }

  private static long[][] rows(String what, NDArray array) {
    Shape shape = array.getShape();
    if (shape.dimension() != 2) {
      throw new IllegalArgumentException(
          what + " of shape " + shape + "; they must be (B, T), one for each token of each row");
    }
    int columns = (int) shape.get(1);
    long[] flat = array.toLongArray();
    long[][] rows = new long[flat.length / columns][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
    }
    return rows;
  }

  private static float[][] ones(long[][] like) {
    float[][] ones = new float[like.length][];
    for (int row = 0; row < ones.length; row++) {
      ones[row] = new float[like[row].length];
      Arrays.fill(ones[row], 1);
    }
    return ones;
  }

  private static float[] column(float[][] rows, int from, int step, int count, int column) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = rows[from + i * step][column];
    }
    return values;
  }

  private static double logSum(float[] values) {
    double top = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      top = Math.max(top, value);
    }
    double sum = 0;
    for (float value : values) {
      sum += Math.exp(value - top);
    }
    return top + Math.log(sum);
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static double least(float[] values) {
    double least = Double.POSITIVE_INFINITY;
    for (float value : values) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static double norm(Map<String, float[]> gradients) {
    double squares = 0;
    for (float[] gradient : gradients.values()) {
      for (float value : gradient) {
        squares += (double) value * value;
      }
    }
    return Math.sqrt(squares);
  }

  private static boolean same(double one, double other) {
    return Math.abs(one - other) <= 2e-5 * Math.max(0.01, Math.abs(other));
  }
}
