package tinker.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.ObjDoubleConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.Compute;
import tinker.nn.EngineArray;
import tinker.nn.Frozen;
import tinker.nn.GradientNorm;
import tinker.nn.Gradients;
import tinker.nn.Interrupts;
import tinker.nn.Replicas;
import tinker.nn.Trainable;

/**
 * One update after another: forward, backward, clip, update. {@link Fit} is the loop around it.
 *
 * <p>What a step allocates is freed at its end, except the state that the next batch goes on from.
 */
public final class TrainingStep implements AutoCloseable {
  private static final int READ_EVERY = 20;

  private final Trainable trainable;
  private final AdamW optimizer;
  private final double clipNorm;
  private final long seed;
  private final NDManager manager;
  private @Nullable Replicas replicas;
  private int workers;
  private NDManager carrier;
  private NDList carried = new NDList();
  private double gradientNorm = Double.NaN;
  private String culprit = "";
  private final NDManager answers;
  private final NDList unread = new NDList();
  private boolean updating;
  private @Nullable NDArray limit;

  /**
   * @param trainable the model, initialised
   * @param optimizer makes the updates; it stays the caller's
   * @param clipNorm longest gradient let through, above 0; infinity switches clipping off
   * @param seed of dropout
   */
  TrainingStep(Trainable trainable, AdamW optimizer, double clipNorm, long seed) {
    this.trainable = trainable;
    this.optimizer = optimizer;
    this.clipNorm = clipNorm;
    this.seed = seed;
    manager = NDManager.newBaseManager(Gradients.device(trainable.block()));
    manager.setName("training");
    carrier = manager.newSubManager();
    answers = manager.newSubManager();
  }

  /**
   * After how many steps their losses are read: after each on the CPU; on a GPU, which works on
   * while the program goes on until a number is asked for, after twenty.
   */
  static int readEvery(Trainable trainable) {
    return Gradients.device(trainable.block()).isGpu() ? READ_EVERY : 1;
  }

  /**
   * The loss of {@code batch}, and an update if that loss and its gradient are numbers. Otherwise
   * the weights stay as they are.
   *
   * @param rate learning rate
   * @param momentum Adam's beta1
   * @return mean loss of the batch before the update, in nats
   */
  double run(Batch batch, double rate, double momentum) {
    return run(batch, rate, momentum, () -> {});
  }

  /**
   * The same.
   *
   * @param beforeUpdate is run when the weights have given a loss and a gradient that are numbers,
   *     and before they are changed
   */
  double run(Batch batch, double rate, double momentum, Runnable beforeUpdate) {
    if (!batch.continuesPrevious()) {
      forget();
    }
    long drawn = drawn();
    boolean updated = false;
    NDManager next = manager.newSubManager();
    try (NDManager step = manager.newSubManager()) {
      Replicas.Pass pass = replicas(batch).pass(trainable, shares(batch), carried, step, drawn);
      double loss = pass.loss();
      List<NDArray> gradients = pass.gradients();
      gradientNorm = pass.gradientNorm();
      boolean finite = Double.isFinite(loss) && Double.isFinite(gradientNorm);
      culprit = Double.isFinite(loss) && !finite ? withoutNumber(gradients) : "";
      if (finite) {
        beforeUpdate.run();
        double scale = GradientNorm.scale(gradientNorm, clipNorm);
        update(() -> optimizer.step(gradients, rate, momentum, scale), pass.state(), next);
        updated = true;
      }
      return loss;
    } catch (RuntimeException e) {
      throw lacking(e, batch);
    } finally {
      if (!updated) {
        next.close();
      }
    }
  }

  /**
   * The parameter whose gradient was no number in the last {@link #run}, though its loss was one;
   * "" if there was none.
   */
  String culprit() {
    return culprit;
  }

  /** The parameter nearest to the loss: the way back begins there, and spoils all before it. */
  private String withoutNumber(List<NDArray> gradients) {
    String nearest = "";
    for (var gradient : Gradients.values(trainable.block(), gradients, 1).entrySet()) {
      for (float value : gradient.getValue()) {
        if (!Float.isFinite(value)) {
          nearest = gradient.getKey();
          break;
        }
      }
    }
    return nearest;
  }

  private RuntimeException lacking(RuntimeException e, Batch batch) {
    return lacking(e, device(), () -> "; " + StepMemory.of(trainable.block(), batch).sentence());
  }

  /** The failure itself; where memory ran out, one that says so and what would need less. */
  private static RuntimeException lacking(
      RuntimeException e, Device device, Supplier<String> needed) {
    return Compute.isOutOfMemory(e)
        ? new IllegalStateException(
            "out of memory on the " + (device.isGpu() ? "GPU" : "CPU") + needed.get(), e)
        : e;
  }

  private void update(Runnable optimize, NDList left, NDManager next) {
    try (var off = Gradients.off()) {
      NDList state = new NDList();
      for (NDArray array : left) {
        NDArray detached = array.stopGradient();
        detached.attach(next);
        state.add(detached);
      }
      updating = true;
      optimize.run();
      updating = false;
      carrier.close();
      carrier = next;
      carried = state;
    }
  }

  /**
   * An update without waiting for its loss, which {@link #read} gives later. Where the loss or the
   * gradient is no number, the weights are none afterwards.
   */
  void queue(Batch batch, double rate, double momentum) {
    if (!batch.continuesPrevious()) {
      forget();
    }
    boolean updated = false;
    NDManager next = manager.newSubManager();
    try (NDManager step = manager.newSubManager()) {
      Replicas.Unread pass = pass(batch, step);
      try (var off = Gradients.off()) {
        NDArray norm = GradientNorm.unread(pass.gradients());
        NDArray answer = NDArrays.stack(new NDList(pass.loss(), norm)); // (2)
        // Above what a float holds there is nothing to clip to.
        if (clipNorm < Float.MAX_VALUE) {
          GradientNorm.clip(pass.gradients(), norm, limit());
        }
        NDArray gradients = pass.gradients().get(0);
        update(() -> optimizer.step(gradients, rate, momentum, 1), pass.state(), next);
        updated = true;
        answer.attach(answers);
        unread.add(answer);
      }
    } catch (RuntimeException e) {
      throw lacking(e, batch);
    } finally {
      if (!updated) {
        next.close();
      }
    }
  }

  /**
   * Loss, state and all gradients in one array (N), in {@code step}. What the layers gave on the
   * way is freed, since the update takes memory of its own.
   */
  private Replicas.Unread pass(Batch batch, NDManager step) {
    var share = new Replicas.Share(batch::inputs, batch::labels, batch.rows(), batch.predictions());
    try (NDManager passed = step.newSubManager()) {
      Replicas.Unread pass = Replicas.passUnread(trainable, share, carried, passed, drawn());
      try (var off = Gradients.off()) {
        NDArray loss = pass.loss().stopGradient();
        loss.attach(step);
        pass.state().attach(step);
        NDArray gradients = EngineArray.joined(pass.gradients(), step);
        return new Replicas.Unread(loss, List.of(gradients), pass.state());
      }
    }
  }

  /**
   * The seed of this step's dropout, given to the engine as well. It follows from the fit's seed
   * and the step alone, so that resuming needs no random state of the engine.
   */
  private long drawn() {
    long drawn = mix(seed, optimizer.updates());
    Engine.getInstance().setRandomSeed((int) drawn);
    return drawn;
  }

  private NDArray limit() {
    NDArray known = limit;
    if (known == null) {
      known = manager.create((float) clipNorm);
      limit = known;
    }
    return known;
  }

  /**
   * What a step that was queued gave.
   *
   * @param loss mean of the batch before the update, in nats
   * @param gradientNorm before clipping
   */
  record Answer(double loss, double gradientNorm) {}

  /** What the steps since the last call of this gave, in their order; read all at once. */
  List<Answer> read() {
    var read = new ArrayList<Answer>();
    if (!unread.isEmpty()) {
      try (var off = Gradients.off();
          NDManager scope = answers.newSubManager()) {
        NDArray all = NDArrays.stack(unread); // (N, 2)
        all.attach(scope);
        float[] numbers = all.toFloatArray();
        for (int i = 0; i < numbers.length; i += 2) {
          read.add(new Answer(numbers[i], numbers[i + 1]));
        }
      }
      unread.close();
      unread.clear();
      gradientNorm = read.get(read.size() - 1).gradientNorm();
    }
    return read;
  }

  /** True if an update broke off: some weights are changed and others are not. */
  boolean torn() {
    return updating;
  }

  /** As many workers as the size of the model and of its first batch calls for, or as was said. */
  private Replicas replicas(Batch batch) {
    Replicas known = replicas;
    if (known == null) {
      if (workers == 0 || device().isGpu()) {
        workers = Replicas.workersFor(trainable.block(), batch.rows());
      }
      known = new Replicas(workers);
      replicas = known;
    }
    return known;
  }

  /** How many workers share out a batch; 0 as long as none has passed. */
  int workers() {
    return workers;
  }

  /**
   * To be said before the first step: the number of workers of the run that this one goes on with,
   * since it decides in which order gradients are summed, whatever cores there are here. On a GPU
   * it is always one.
   *
   * @param count 0 leaves the choice to the size of the model
   */
  void workers(int count) {
    workers = count;
  }

  private List<Replicas.Share> shares(Batch batch) {
    int[] bounds = replicas(batch).bounds(batch.rows());
    var shares = new ArrayList<Replicas.Share>();
    for (int i = 0; i + 1 < bounds.length; i++) {
      Batch part = bounds.length == 2 ? batch : batch.rows(bounds[i], bounds[i + 1]);
      shares.add(new Replicas.Share(part::inputs, part::labels, part.rows(), part.predictions()));
    }
    return shares;
  }

  /**
   * Makes {@code steps} updates, going through {@code batches} as often as needed; this is what a
   * benchmark times.
   *
   * @return the loss of the last batch
   * @throws CancellationException if the thread is interrupted before the last step, whose flag is
   *     cleared; the model keeps what it learned
   */
  public static double repeat(Trainable trainable, Batches batches, FitOptions options, int steps) {
    try (AdamW optimizer = Fit.optimizer(trainable, options);
        var step = new TrainingStep(trainable, optimizer, options.clipNorm(), options.seed())) {
      int readEvery = readEvery(trainable);
      double loss = Double.NaN;
      Iterator<Batch> epoch = batches.epoch(options.seed(), 0);
      int number = 0;
      for (int i = 0; i < steps; i++) {
        Interrupts.check(" after " + i + " of " + steps + " steps");
        if (!epoch.hasNext()) {
          epoch = batches.epoch(options.seed(), ++number);
        }
        double progress = (double) i / steps;
        double rate = options.schedule().rate(progress);
        double momentum = options.schedule().momentum(progress);
        if (readEvery == 1) {
          loss = step.run(epoch.next(), rate, momentum);
        } else {
          step.queue(epoch.next(), rate, momentum);
          if (i % readEvery == readEvery - 1 || i == steps - 1) {
            List<Answer> answers = step.read();
            loss = answers.get(answers.size() - 1).loss();
          }
        }
      }
      return loss;
    }
  }

  /**
   * Mean loss over all predictions of an epoch, without updates and without dropout, in nats.
   *
   * @throws CancellationException if the thread is interrupted, whose flag is cleared
   */
  static double evaluate(Trainable trainable, Iterator<Batch> batches) {
    double[] totals = new double[2];
    evaluate(
        trainable,
        batches,
        (batch, loss) -> {
          totals[0] += loss * batch.predictions();
          totals[1] += batch.predictions();
        });
    return totals[0] / totals[1];
  }

  /**
   * Hands on the loss of each batch, in nats, without updates and without dropout; a batch that
   * goes on from the one before begins with its state.
   *
   * @throws CancellationException if the thread is interrupted, whose flag is cleared
   */
  static void evaluate(
      Trainable trainable, Iterator<Batch> batches, ObjDoubleConsumer<Batch> each) {
    try (var off = Gradients.off();
        NDManager manager = NDManager.newBaseManager(Gradients.device(trainable.block()))) {
      var parameters = new Frozen(manager);
      NDManager carrier = manager.newSubManager();
      NDList carried = new NDList();
      int read = 0;
      while (batches.hasNext()) {
        Batch batch = batches.next();
        NDManager next = manager.newSubManager();
        try (NDManager step = manager.newSubManager()) {
          Trainable.Result result =
              trainable.loss(
                  parameters,
                  batch.inputs(step),
                  batch.labels(step),
                  batch.continuesPrevious() ? carried : new NDList(),
                  false);
          each.accept(batch, number(result.loss()));
          result.state().attach(next);
          carried = result.state();
          carrier.close();
          carrier = next;
        } catch (RuntimeException e) {
          throw lacking(
              e,
              manager.getDevice(),
              () ->
                  " in an evaluation with batches of "
                      + batch.rows()
                      + " rows; smaller ones would need less");
        }
        read++;
        // After the last one as well: what follows would find the flag and stop for it.
        Interrupts.check(" after batch " + read + " of an evaluation");
      }
    }
  }

  /** The value of an array that holds one number, of whatever type. */
  static double number(NDArray scalar) {
    return scalar.toArray()[0].doubleValue();
  }

  /** Norm of the gradients of the last step, before clipping. */
  double gradientNorm() {
    return gradientNorm;
  }

  /** Where the model's weights lie. */
  Device device() {
    return manager.getDevice();
  }

  /** The state the next batch goes on from; the arrays belong to this object. */
  NDList carried() {
    return carried;
  }

  /** Goes on from a state that {@link #carried} gave once. */
  void carry(NDList state) {
    forget();
    for (NDArray array : state) {
      NDArray copy = array.duplicate();
      copy.attach(carrier);
      carried.add(copy);
    }
  }

  /** The next batch begins anew. */
  void forget() {
    carrier.close();
    carrier = manager.newSubManager();
    carried = new NDList();
  }

  /** A well mixed number that follows from both (SplitMix64, Steele, Lea and Flood 2014). */
  static long mix(long seed, long step) {
    long z = seed + 0x9E3779B97F4A7C15L * (step + 1);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void close() {
    if (replicas != null) {
      replicas.close();
    }
    manager.close();
  }
}
