package tinker.notebook;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.Frozen;
import tinker.nn.GradientNorm;
import tinker.nn.Gradients;
import tinker.nn.Leaves;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.plot.Line;
import tinker.plot.Picture;
import tinker.plot.Plots;
import tinker.train.Doctor;
import tinker.train.Fault;
import tinker.train.TrainingSetup;

/**
 * A way of training that is broken by one fault, or by none. The learner sees what one sees of a
 * training: {@link #curve}, {@link #numbers} and {@link #sample}; then says what is wrong with
 * {@link #diagnose}.
 */
public final class Patient implements TrainingSetup, AutoCloseable {
  private static final double RATE = 1e-2;
  private static final int CURVE = 120;

  private final String name;
  private final Case about;
  private final Batches training;
  private final Batches evaluation;
  private WardModel model;
  private AdamW optimizer;
  private NDManager carrier;
  private NDList state = new NDList();
  private long updates;
  private final Map<String, float[]> piled = new LinkedHashMap<>();
  private @Nullable List<double[]> history;
  private String written = "";

  /** What makes a patient: the fault, the build of the model, and whether its rows are padded. */
  record Case(@Nullable Fault fault, WardModel.Build build, boolean padded, int rows, int steps) {
    static Case of(@Nullable Fault fault, Recurrent.Kind kind, long seed) {
      boolean padded = fault == Fault.PADDING_IN_LOSS || fault == Fault.STATE_LEAKS;
      double dropout = fault == Fault.DROPOUT_IN_EVALUATION ? 0.3 : 0.1;
      return new Case(fault, new WardModel.Build(kind, 24, dropout, seed), padded, 12, 24);
    }

    /** The same, sound. */
    Case healthy() {
      return new Case(null, build, padded, rows, steps);
    }
  }

  Patient(String name, Case about) {
    this.name = name;
    this.about = about;
    List<String> train = WardText.sentences(200, 1);
    List<String> held =
        is(Fault.EVALUATED_ON_TRAINING)
            ? train.subList(0, 40)
            : new ArrayList<>(WardText.sentences(40, 2));
    if (is(Fault.TEST_IN_TRAINING)) {
      for (int i = 0; i < held.size(); i += 3) {
        held.set(i, train.get(7 * i / 3));
      }
    }
    Batches read = batches(train);
    training =
        is(Fault.TARGETS_NOT_SHIFTED)
            ? WardText.notShifted(read)
            : is(Fault.LABELS_SHUFFLED) ? WardText.shuffled(read, 3) : read;
    Batches kept = batches(held);
    evaluation = is(Fault.TARGETS_NOT_SHIFTED) ? WardText.notShifted(kept) : kept;
    model = new WardModel(about.build(), about.fault());
    optimizer = AdamW.of(model.block(), AdamW.Options.adam());
    carrier = NDManager.newBaseManager();
  }

  private Batches batches(List<String> sentences) {
    return about.padded()
        ? WardText.padded(sentences, about.rows())
        : WardText.streams(sentences, about.rows(), about.steps());
  }

  private boolean is(Fault fault) {
    return about.fault() == fault;
  }

  // ---- what the learner sees -------------------------------------------------------------------

  /** The loss while it is trained, and the figure it reports for its evaluation data. */
  public Picture curve() {
    List<double[]> seen = history();
    double[] at = seen.stream().mapToDouble(row -> row[0]).toArray();
    return Plots.lines(
        name,
        "update",
        "nats a character",
        Line.of("training", at, seen.stream().mapToDouble(row -> row[1]).toArray()),
        Line.of("reported evaluation", at, seen.stream().mapToDouble(row -> row[2]).toArray()));
  }

  /** A few numbers that one would look at. */
  public Map<String, String> numbers() {
    List<double[]> seen = history();
    double[] last = seen.get(seen.size() - 1);
    var numbers = new LinkedHashMap<String, String>();
    numbers.put("ln V", number(Math.log(classes())));
    numbers.put("loss before training", number(seen.get(0)[1]));
    numbers.put("training loss after " + CURVE + " updates", number(last[1]));
    numbers.put("reported evaluation then", number(last[2]));
    return numbers;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** What it writes after its training, beginning with {@code "the "}. */
  public String sample() {
    history();
    return written;
  }

  private String write() {
    var text = new StringBuilder("the ");
    var random = new SplittableRandom(7);
    while (text.length() < 80) {
      float[] scores = lastOutputs(text.substring(Math.max(0, text.length() - 24)));
      double top = Double.NEGATIVE_INFINITY;
      int best = 1;
      for (int k = 1; k < scores.length; k++) {
        // Gumbel's way of drawing from a softmax: the highest score plus noise.
        double noisy = scores[k] - Math.log(-Math.log(random.nextDouble(1e-12, 1)));
        if (noisy > top) {
          top = noisy;
          best = k;
        }
      }
      text.append(WardText.decode(best));
    }
    return text.toString();
  }

  private float[] lastOutputs(String text) {
    try (var off = Gradients.off();
        NDManager manager = NDManager.newBaseManager()) {
      long[] ids = text.chars().mapToLong(letter -> WardText.encode((char) letter)).toArray();
      NDArray input = manager.create(ids).expandDims(0); // (1, T)
      NDArray outputs = model.forward(new Frozen(manager), new NDList(input), new NDList()).get(0);
      return outputs.get(0).get(ids.length - 1).toFloatArray(); // (V)
    }
  }

  private List<double[]> history() {
    List<double[]> seen = history;
    if (seen == null) {
      seen = train();
      written = write();
      reset();
      history = seen;
    }
    return seen;
  }

  /** Rows of update, training loss and reported evaluation. */
  private List<double[]> train() {
    reset();
    var seen = new ArrayList<double[]>();
    Iterator<Batch> epoch = training.epoch(1, 0);
    for (int i = 0; i < CURVE; i++) {
      if (!epoch.hasNext()) {
        epoch = training.epoch(1, i);
      }
      double reported = i % 20 == 0 ? reported() : Double.NaN;
      double loss = update(epoch.next(), 1);
      if (i % 20 == 0) {
        seen.add(new double[] {i, loss, reported});
      } else if (i == CURVE - 1) {
        seen.add(new double[] {CURVE, loss, reported()});
      }
    }
    return seen;
  }

  /**
   * Compares a diagnosis with what the doctor finds.
   *
   * @param diagnosis a {@link Fault#title}, or {@code "healthy"}; null or blank for none yet
   * @return right or not, with the evidence that speaks for or against it; if there is no such
   *     diagnosis, a sentence that lists all
   */
  public Verdict diagnose(@Nullable String diagnosis) {
    if (diagnosis == null || diagnosis.isBlank()) {
      return new Verdict(
          Verdict.State.NOT_ATTEMPTED,
          List.of("No diagnosis yet", "Put one in place of null, such as \"dead ReLUs\"."));
    }
    Fault guess;
    try {
      guess = diagnosis.strip().equalsIgnoreCase("healthy") ? null : Fault.titled(diagnosis);
    } catch (IllegalArgumentException e) {
      // A slip of the pen must not stop the cells below.
      return new Verdict(
          Verdict.State.WRONG, List.of("No such diagnosis", String.valueOf(e.getMessage())));
    }
    Doctor.Report report = Doctor.examine(this);
    String evidence = report.evidence(guess);
    if (guess == null ? report.healthy() : guess == report.fault()) {
      return new Verdict(
          Verdict.State.RIGHT,
          List.of(
              "Right",
              evidence,
              guess == null ? "Nothing to mend." : "What to do: " + guess.remedy() + "."));
    }
    return new Verdict(
        Verdict.State.WRONG, List.of("Not yet", "Against \"" + diagnosis + "\": " + evidence));
  }

  // ---- what the doctor sees --------------------------------------------------------------------

  @Override
  public Trainable model() {
    return model;
  }

  @Override
  public Batches training() {
    return training;
  }

  @Override
  public Batches evaluation() {
    return evaluation;
  }

  @Override
  public int classes() {
    return WardText.classes();
  }

  @Override
  public float[][] outputs(Batch batch) {
    return forward(batch, 0);
  }

  @Override
  public float[][] activations(Batch batch) {
    return forward(batch, 1);
  }

  private float[][] forward(Batch batch, int which) {
    try (var off = Gradients.off();
        NDManager manager = NDManager.newBaseManager()) {
      return TrainingSetup.rows(
          model.forward(new Frozen(manager), batch.inputs(manager), new NDList()).get(which));
    }
  }

  @Override
  public Map<String, float[]> gradients(Batch batch) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Pass pass = backward(batch, manager);
      return Gradients.values(model.block(), pass.gradients, pass.scale);
    }
  }

  private record Pass(double loss, List<NDArray> gradients, double scale, NDList state) {}

  private Pass backward(Batch batch, NDManager manager) {
    NDList begin = goesOn(batch) ? state : new NDList();
    var leaves = new Leaves(manager, about.build().seed() * 31 + updates);
    Trainable.Result result;
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      result = model.loss(leaves, batch.inputs(manager), batch.labels(manager), begin, true);
      collector.backward(result.loss());
    }
    List<NDArray> gradients = leaves.gradients(model.block());
    try (var off = Gradients.off()) {
      if (is(Fault.GRADIENTS_PILE_UP)) {
        pile(gradients, manager);
      }
      double norm = GradientNorm.of(gradients);
      // Gradients that pile up would be hidden by clipping.
      boolean clipped = !is(Fault.NO_CLIPPING) && !is(Fault.GRADIENTS_PILE_UP);
      double scale = clipped ? GradientNorm.scale(norm, 5) : 1;
      return new Pass(result.loss().toArray()[0].doubleValue(), gradients, scale, result.state());
    }
  }

  private void pile(List<NDArray> gradients, NDManager manager) {
    int i = 0;
    for (String parameter : Gradients.trained(model.block()).keySet()) {
      NDArray gradient = gradients.get(i);
      float[] earlier = piled.get(parameter);
      if (earlier != null) {
        gradients.set(i, gradient.add(manager.create(earlier, gradient.getShape())));
      }
      piled.put(parameter, gradients.get(i).toFloatArray());
      i++;
    }
  }

  /** Whether the loop hands the last state on to this batch. */
  private boolean goesOn(Batch batch) {
    if (is(Fault.STATE_CUT)) {
      return false;
    }
    return batch.continuesPrevious() || is(Fault.STATE_LEAKS);
  }

  @Override
  public double update(Batch batch, double rateFactor) {
    double rate =
        RATE * rateFactor * (is(Fault.RATE_TOO_HIGH) ? 100 : is(Fault.RATE_TOO_LOW) ? 1e-3 : 1);
    try (NDManager manager = NDManager.newBaseManager()) {
      Pass pass = backward(batch, manager);
      try (var off = Gradients.off()) {
        optimizer.step(pass.gradients, rate, 0.9, pass.scale);
      }
      keep(pass.state);
      updates++;
      return pass.loss;
    }
  }

  private void keep(NDList next) {
    NDManager fresh = NDManager.newBaseManager();
    next.forEach(array -> array.attach(fresh));
    carrier.close();
    carrier = fresh;
    state = next;
  }

  @Override
  public double[] losses(List<Batch> batches) {
    double[] losses = new double[batches.size()];
    for (int i = 0; i < losses.length; i++) {
      Batch batch = batches.get(i);
      try (var off = Gradients.off();
          NDManager manager = NDManager.newBaseManager()) {
        Trainable.Result result =
            model.loss(
                new Frozen(manager),
                batch.inputs(manager),
                batch.labels(manager),
                goesOn(batch) ? state : new NDList(),
                false);
        losses[i] = result.loss().toArray()[0].doubleValue();
        keep(result.state());
      }
    }
    return losses;
  }

  @Override
  public double reported() {
    double total = 0;
    double count = 0;
    NDList before = new NDList();
    NDManager holder = NDManager.newBaseManager();
    try (var off = Gradients.off()) {
      for (Iterator<Batch> rest = evaluation.epoch(1, 0); rest.hasNext(); ) {
        Batch batch = rest.next();
        NDManager next = NDManager.newBaseManager();
        try (NDManager manager = NDManager.newBaseManager()) {
          NDList begin = batch.continuesPrevious() ? before : new NDList();
          if (is(Fault.METRIC_SKIPS)) {
            double[] scored = scored(batch, begin, manager);
            total += scored[0];
            count += scored[1];
          }
          Trainable.Result result =
              model.loss(
                  new Frozen(manager), batch.inputs(manager), batch.labels(manager), begin, false);
          if (!is(Fault.METRIC_SKIPS)) {
            total += result.loss().toArray()[0].doubleValue() * batch.predictions();
            count += batch.predictions();
          }
          before = result.state();
          before.forEach(array -> array.attach(next));
        }
        holder.close();
        holder = next;
      }
      return total / Math.max(1, count);
    } finally {
      holder.close();
    }
  }

  /** Nats and number of the places whose answer the model holds for at least 2 % likely. */
  private double[] scored(Batch batch, NDList begin, NDManager manager) {
    NDArray outputs = model.forward(new Frozen(manager), batch.inputs(manager), begin).get(0);
    NDList labels = batch.labels(manager);
    float[] logs =
        outputs.logSoftmax(-1).gather(labels.get(0).expandDims(2), 2).squeeze(2).toFloatArray();
    float[] mask = labels.get(1).toFloatArray();
    double[] scored = new double[2];
    for (int i = 0; i < logs.length; i++) {
      if (mask[i] > 0 && logs[i] > Math.log(0.02)) {
        scored[0] -= logs[i];
        scored[1]++;
      }
    }
    return scored;
  }

  @Override
  public void reset() {
    optimizer.close();
    model.close();
    model = new WardModel(about.build(), about.fault());
    optimizer = AdamW.of(model.block(), AdamW.Options.adam());
    keep(new NDList());
    piled.clear();
    updates = 0;
  }

  /** The fault that this patient was given, null for a healthy one: the answer, for the end. */
  public @Nullable Fault fault() {
    return about.fault();
  }

  /** Frees the model. */
  @Override
  public void close() {
    optimizer.close();
    model.close();
    carrier.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
