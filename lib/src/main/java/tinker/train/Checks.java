package tinker.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.Leaves;
import tinker.nn.Trainable;
import tinker.nn.Weights;

/**
 * What a careful person makes sure of before believing a model. Each check leaves the model as it
 * was and says in one sentence what it saw.
 *
 * <pre>{@code
 * Batch batch = batches.epoch(1, 0).next();
 * Checks.lossAtStart(model, batch, chars.size());
 * Checks.overfits(model, batch, 1);                 // then 10, then batch.rows()
 * Checks.all(model, batches, chars.size())
 * }</pre>
 *
 * <p>Most of them are Karpathy's ("A recipe for training neural networks", 2019) and Ng's ("Machine
 * learning yearning", 2018).
 *
 * <p>Interrupting the thread (a notebook's stop button) ends those that train with a {@link
 * CancellationException}; the model has the weights that it had before.
 */
public final class Checks {
  private static final double OVERFIT_RATE = 1e-2;
  private static final int OVERFIT_STEPS = 300;

  private static final String AT_START = "loss at the start";
  private static final String REPEATABLE = "evaluation is repeatable";
  private static final String STATE = "state stays out";
  private static final String ROWS = "rows are separate";
  private static final String ARRIVE = "gradients arrive";
  private static final String RIGHT = "gradients are right";
  private static final String INPUT = "the input matters";

  /** It is neither equal to anything nor different, so no other sentence would be true. */
  static final String NO_NUMBER = "the loss of one batch is NaN: a weight or an input is no number";

  private Checks() {}

  /**
   * All checks, in the order in which their failures are best looked into. Of overfitting it asks
   * for one row and for ten: to learn all rows of a batch by heart can take as long as all the
   * other checks together, and a small model may honestly not have the weights for it. Ask for that
   * with {@link #overfits} where both are given.
   *
   * <p>A pass that throws is a verdict too; a check alone throws it on.
   *
   * @param batches the data the model is meant for
   * @param classes number of answers the model chooses from, V, at least 2
   * @throws IllegalArgumentException if classes is below 2 or there is no batch
   */
  public static List<Verdict> all(Trainable model, Batches batches, int classes) {
    Batch batch = first(batches);
    requireClasses(classes);
    int ten = Math.min(10, batch.rows());
    return List.of(
        shapes(model, batch),
        verdict(AT_START, () -> lossAtStart(model, batch, classes)),
        verdict(REPEATABLE, () -> evaluationIsRepeatable(model, batch)),
        verdict(STATE, () -> stateStaysOut(model, batch)),
        verdict(ROWS, () -> rowsAreSeparate(model, batch)),
        verdict(ARRIVE, () -> gradientsArrive(model, batch)),
        verdict(RIGHT, () -> gradientsAreRight(model, batch)),
        verdict(overfitting(1), () -> overfits(model, batch, 1)),
        verdict(overfitting(ten), () -> overfits(model, batch, ten)),
        verdict(INPUT, () -> inputMatters(model, batches, 60)));
  }

  /** A pass that throws is a fault too, and no reason to lose the other verdicts. */
  private static Verdict verdict(String check, Supplier<Verdict> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return new Verdict(check, false, "a pass fails: " + fault(e));
    }
  }

  /** The first line of what a pass threw. A stop and a full memory are no faults of the model. */
  private static String fault(RuntimeException e) {
    if (e instanceof CancellationException || Compute.isOutOfMemory(e)) {
      throw e;
    }
    String said = e.getMessage() == null ? "" : e.getMessage().strip();
    return said.lines().findFirst().orElse(e.getClass().getSimpleName());
  }

  private static void requireClasses(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException("classes is " + classes + "; it must be at least 2");
    }
  }

  private static String overfitting(int rows) {
    return "overfits " + rows + (rows == 1 ? " example" : " examples");
  }

  private static Batch first(Batches batches) {
    Iterator<Batch> epoch = batches.epoch(1, 0);
    if (!epoch.hasNext()) {
      throw new IllegalArgumentException("the data has no batch");
    }
    return epoch.next();
  }

  /**
   * Before training a model knows nothing, so its loss should be that of guessing: ln V, give or
   * take a fifth. A higher one says that its first weights make it sure of something.
   *
   * @param classes number of answers the model chooses from, V, at least 2
   */
  public static Verdict lossAtStart(Trainable model, Batch batch, int classes) {
    requireClasses(classes);
    double loss = loss(model, batch);
    if (Double.isNaN(loss)) {
      return noNumber(AT_START);
    }
    double guess = Math.log(classes);
    return new Verdict(
        AT_START,
        Math.abs(loss - guess) <= 0.2 * guess,
        say(
            "the loss is %.3f; guessing among %d gives ln %d = %.3f",
            loss, classes, classes, guess));
  }

  /**
   * A model with enough weights learns a few examples by heart: within 300 updates the loss on
   * {@code rows} rows falls to a fifth or less. If not, something is cut, twisted or switched off.
   *
   * @param rows how many rows of the batch, at least 1: first 1, then 10, then all
   */
  public static Verdict overfits(Trainable model, Batch batch, int rows) {
    if (rows < 1 || rows > batch.rows()) {
      throw new IllegalArgumentException(
          "rows is " + rows + "; it must be at least 1 and at most " + batch.rows());
    }
    String check = overfitting(rows);
    Batch few = batch.rows(0, rows);
    double before = loss(model, few);
    if (Double.isNaN(before)) {
      return noNumber(check);
    }
    int[] steps = new int[1];
    double after =
        untouched(
            model,
            () -> {
              try (AdamW optimizer = AdamW.of(model.block(), AdamW.Options.adam());
                  var step = new TrainingStep(model, optimizer, 1, 1)) {
                double reached = before;
                while (steps[0] < OVERFIT_STEPS && reached > before / 5) {
                  Interrupts.check("");
                  step.forget();
                  step.run(few, OVERFIT_RATE, 0.9);
                  if (++steps[0] % 20 == 0) {
                    reached = loss(model, few);
                  }
                }
                return reached;
              }
            });
    return new Verdict(
        check,
        after <= before / 5,
        say("the loss went from %.3f to %.3f in %d updates", before, after, steps[0]));
  }

  /**
   * A model that looks at its input learns more with the input than with zeros in its place. The
   * lengths of its rows, which must not be zero, stay.
   *
   * @param steps updates made with each, at least 1
   */
  public static Verdict inputMatters(Trainable model, Batches batches, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + "; it must be at least 1");
    }
    if (Double.isNaN(loss(model, first(batches)))) {
      return noNumber(INPUT);
    }
    double seen = trained(model, batches, steps);
    double unseen = trained(model, new Blind(batches), steps);
    return new Verdict(
        INPUT,
        seen < 0.98 * unseen,
        say(
            "after %d updates the loss is %.3f with the input and %.3f with zeros in its place",
            steps, seen, unseen));
  }

  /** The loss on the first batch after some updates, which are then undone. */
  private static double trained(Trainable model, Batches batches, int steps) {
    FitOptions options = FitOptions.epochs(1).rate(OVERFIT_RATE).record(null);
    return untouched(
        model,
        () -> {
          TrainingStep.repeat(model, batches, options, steps);
          return loss(model, first(batches));
        });
  }

  /**
   * The slopes that backward gives are those of the loss: compared with central differences, for
   * each parameter along its own gradient and along two random directions. Where they differ, the
   * step may have crossed a bend, of a ReLU or a maximum, so smaller ones are tried until the two
   * agree to 1 %, and the best agreement counts; a gradient that is wrong stays wrong with them.
   */
  public static Verdict gradientsAreRight(Trainable model, Batch batch) {
    if (Double.isNaN(loss(model, batch))) {
      return noNumber(RIGHT);
    }
    Map<String, NDArray> parameters = Gradients.trained(model.block());
    Map<String, float[]> gradients = gradients(model, batch);
    var wrong = new ArrayList<String>();
    var random = new Random(1);
    double worst =
        untouched(
            model,
            () -> {
              double most = 0;
              for (Map.Entry<String, NDArray> entry : parameters.entrySet()) {
                float[] gradient = gradients.getOrDefault(entry.getKey(), new float[0]);
                double norm = norm(gradient);
                for (int direction = 0; direction < 3; direction++) {
                  float[] along =
                      direction == 0 ? unit(gradient, norm) : gaussian(gradient.length, random);
                  double expected = dot(gradient, along);
                  // What a difference of losses in 32-bit numbers can resolve at all.
                  double step = direction == 0 ? 0.05 : 0.5;
                  double resolution = 2e-5 / step;
                  double scale = Math.max(Math.abs(expected), norm / Math.sqrt(gradient.length));
                  double error = Double.POSITIVE_INFINITY;
                  for (int finer = 0; finer < 5 && !(error <= 0.01); finer++, step /= 4) {
                    Interrupts.check("");
                    double measured = slope(model, batch, entry.getValue(), along, step);
                    double off = Math.abs(measured - expected) / (scale + 10 * resolution);
                    error = Math.min(error, off);
                  }
                  most = Math.max(most, error);
                  if (!(error <= 0.1) && !wrong.contains(entry.getKey())) {
                    wrong.add(entry.getKey());
                  }
                }
              }
              return most;
            });
    return new Verdict(
        RIGHT,
        wrong.isEmpty(),
        wrong.isEmpty()
            ? say(
                "backward and finite differences agree for all %d parameters; the worst is off by"
                    + " %.1f %%",
                parameters.size(), 100 * worst)
            : say(
                "backward and finite differences disagree, by up to %.0f %%, for %s",
                100 * worst, String.join(", ", wrong)));
  }

  /** Every parameter gets a gradient that is not zero: none is left out of the loss. */
  public static Verdict gradientsArrive(Trainable model, Batch batch) {
    if (Double.isNaN(loss(model, batch))) {
      return noNumber(ARRIVE);
    }
    Map<String, float[]> gradients = gradients(model, batch);
    List<String> without = without(gradients);
    return new Verdict(
        ARRIVE,
        without.isEmpty(),
        without.isEmpty()
            ? say("all %d parameters receive gradients", gradients.size())
            : "no gradient reaches " + String.join(", ", without));
  }

  /** The names of the parameters that no gradient reaches. */
  static List<String> without(Map<String, float[]> gradients) {
    return gradients.entrySet().stream()
        .filter(entry -> !(norm(entry.getValue()) > 0))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The loss is one number, and the state a batch leaves behind can be given to the next one and
   * keeps its shape; the same with a single row.
   */
  public static Verdict shapes(Trainable model, Batch batch) {
    var seen = new ArrayList<String>();
    var faults = new ArrayList<String>();
    for (Batch some : List.of(batch, batch.rows(0, 1))) {
      try (var off = Gradients.off();
          NDManager manager = manager(model)) {
        NDList inputs = some.inputs(manager);
        NDList labels = some.labels(manager);
        var parameters = new Frozen(manager);
        Trainable.Result one = model.loss(parameters, inputs, labels, new NDList(), false);
        seen.add(
            shown(inputs)
                + " and "
                + shown(labels)
                + " give loss "
                + one.loss().getShape()
                + (one.state().isEmpty() ? "" : " and state " + shown(one.state())));
        if (one.loss().getShape().size() != 1 || one.loss().getShape().dimension() > 1) {
          faults.add("the loss must be one number, not " + one.loss().getShape());
          continue;
        }
        if (!one.state().isEmpty()) {
          Trainable.Result two = model.loss(parameters, inputs, labels, one.state(), false);
          if (!shown(two.state()).equals(shown(one.state()))) {
            faults.add(
                "the state changed its shape from "
                    + shown(one.state())
                    + " to "
                    + shown(two.state()));
          }
        }
      } catch (RuntimeException e) {
        faults.add(some.rows() + " rows fail: " + fault(e));
      }
    }
    return new Verdict(
        "shapes", faults.isEmpty(), String.join("; ", faults.isEmpty() ? seen : faults));
  }

  /** What one batch was does not show in the loss of the next when no state is handed over. */
  public static Verdict stateStaysOut(Trainable model, Batch batch) {
    double fresh = loss(model, batch);
    // As many rows, so that a state kept inside fits them, and other ones, so that it changes.
    loss(model, new BlindBatch(batch));
    double after = loss(model, batch);
    if (Double.isNaN(fresh) || Double.isNaN(after)) {
      return noNumber(STATE);
    }
    return new Verdict(
        STATE,
        fresh == after,
        fresh == after
            ? say("the loss is %.6f before and after another batch", fresh)
            : say(
                "the loss is %.6f, and %.6f after another batch: something is remembered that was"
                    + " not handed over",
                fresh, after));
  }

  /** Evaluating twice gives the same loss: dropout is off when the model is not training. */
  public static Verdict evaluationIsRepeatable(Trainable model, Batch batch) {
    Engine.getInstance().setRandomSeed(1);
    double one = loss(model, batch);
    Engine.getInstance().setRandomSeed(2);
    double two = loss(model, batch);
    if (Double.isNaN(one) || Double.isNaN(two)) {
      return noNumber(REPEATABLE);
    }
    return new Verdict(
        REPEATABLE,
        one == two,
        one == two
            ? say("the loss is %.6f twice", one)
            : say("the loss is %.6f, then %.6f: something random is on in evaluation", one, two));
  }

  /** The loss of a batch is the mean of the losses of its rows: no example sees another. */
  public static Verdict rowsAreSeparate(Trainable model, Batch batch) {
    double whole = loss(model, batch);
    double sum = 0;
    int rows = Math.min(batch.rows(), 16);
    Batch some = rows == batch.rows() ? batch : batch.rows(0, rows);
    if (some != batch) {
      whole = loss(model, some);
    }
    if (Double.isNaN(whole)) {
      return noNumber(ROWS);
    }
    for (int row = 0; row < rows; row++) {
      Batch one = some.rows(row, row + 1);
      sum += loss(model, one) * one.predictions();
    }
    double mean = sum / some.predictions();
    boolean same = Math.abs(mean - whole) <= 1e-4 * Math.max(1, Math.abs(whole));
    return new Verdict(
        ROWS,
        same,
        say(
            "%d rows together have the loss %.6f, one by one %.6f%s",
            rows, whole, mean, same ? "" : ": they influence each other"));
  }

  private static Verdict noNumber(String check) {
    return new Verdict(check, false, NO_NUMBER);
  }

  /** Does what it is told to and gives the model its weights back. */
  private static double untouched(Trainable model, java.util.function.DoubleSupplier work) {
    try (var before = new Snapshot(model.block())) {
      try {
        return work.getAsDouble();
      } catch (CancellationException e) {
        throw new CancellationException(e.getMessage() + "; the weights were put back");
      } finally {
        before.putBack();
      }
    }
  }

  private static NDManager manager(Trainable model) {
    return NDManager.newBaseManager(Gradients.device(model.block()));
  }

  /** Loss from an empty state, in evaluation. */
  static double loss(Trainable model, Batch batch) {
    try (var off = Gradients.off();
        NDManager manager = manager(model)) {
      return TrainingStep.number(
          model
              .loss(
                  new Frozen(manager),
                  batch.inputs(manager),
                  batch.labels(manager),
                  new NDList(),
                  false)
              .loss());
    }
  }

  private static Map<String, float[]> gradients(Trainable model, Batch batch) {
    try (NDManager manager = manager(model)) {
      // With a tape, since that is how models are trained.
      Leaves leaves = Leaves.taped(manager, 0);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        leaves.backward(
            model
                .loss(leaves, batch.inputs(manager), batch.labels(manager), new NDList(), false)
                .loss());
      }
      return Gradients.values(model.block(), leaves.gradients(model.block()), 1);
    }
  }

  private static double slope(
      Trainable model, Batch batch, NDArray parameter, float[] along, double step) {
    float[] values = Weights.values(parameter);
    double up = lossAt(model, batch, parameter, values, along, step);
    double down = lossAt(model, batch, parameter, values, along, -step);
    Weights.set(parameter, values);
    return (up - down) / (2 * step);
  }

  private static double lossAt(
      Trainable model, Batch batch, NDArray parameter, float[] from, float[] along, double step) {
    float[] moved = from.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * along[i]);
    }
    Weights.set(parameter, moved);
    return loss(model, batch);
  }

  private static double norm(float[] values) {
    return Math.sqrt(dot(values, values));
  }

  private static double dot(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (double) one[i] * other[i];
    }
    return sum;
  }

  private static float[] unit(float[] values, double norm) {
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (norm > 0 ? values[i] / norm : 0);
    }
    return unit;
  }

  private static float[] gaussian(int length, Random random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return unit(values, norm(values));
  }

  private static String shown(NDList arrays) {
    return arrays.stream()
        .map(NDArray::getShape)
        .map(Shape::toString)
        .collect(Collectors.joining(" "));
  }

  static String say(String format, Object... numbers) {
    return String.format(Locale.ROOT, format, numbers);
  }

  /** The same batches with zeros as input. */
  private record Blind(Batches batches) implements Batches {
    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      Iterator<Batch> seen = batches.epoch(seed, epoch);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return seen.hasNext();
        }

        @Override
        public Batch next() {
          return new BlindBatch(seen.next());
        }
      };
    }

    @Override
    public int size(long seed, int epoch) {
      return batches.size(seed, epoch);
    }
  }

  private record BlindBatch(Batch batch) implements Batch {
    /**
     * Arrays of one axis beside wider ones stay: they say how long rows or words are, and models
     * refuse a length of 0.
     */
    @Override
    public NDList inputs(NDManager manager) {
      NDList seen = batch.inputs(manager);
      boolean wider = seen.stream().anyMatch(array -> array.getShape().dimension() > 1);
      return new NDList(
          seen.stream()
              .map(array -> wider && array.getShape().dimension() < 2 ? array : array.zerosLike())
              .toList());
    }

    @Override
    public NDList labels(NDManager manager) {
      return batch.labels(manager);
    }

    @Override
    public int predictions() {
      return batch.predictions();
    }

    @Override
    public int rows() {
      return batch.rows();
    }

    @Override
    public boolean continuesPrevious() {
      return batch.continuesPrevious();
    }

    @Override
    public Batch rows(int from, int to) {
      return new BlindBatch(batch.rows(from, to));
    }
  }
}
