package tinker.nn;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Forward and backward passes of one batch on several threads: each worker passes through its share
 * of the rows with gradients of its own ({@link Leaves}), and the gradients are then summed in the
 * order of the workers. The weights are shared, so a worker costs no memory but that of its share.
 *
 * <p>The sum is that of the whole batch up to rounding, and the same on every run with the same
 * number of workers.
 *
 * <pre>{@code
 * var shares = List.of(
 *     new Replicas.Share(m -> first.inputs(m), m -> first.labels(m), 25, 25 * 50),
 *     new Replicas.Share(m -> second.inputs(m), m -> second.labels(m), 25, 25 * 50));
 * Replicas.Pass pass = replicas.pass(model, shares, carried, step, seed);
 * optimizer.step(pass.gradients(), rate, momentum, scale);
 * }</pre>
 *
 * <p>Two threads that each work on half of a batch finish middle-sized layers faster than two that
 * share each operation; {@link #workersFor} says when. While several workers run, the engine uses
 * one thread for each operation.
 */
public final class Replicas implements AutoCloseable {
  /** Above this, an operation is large enough that threads within it should do as well. */
  private static final long LARGE = 30_000_000;

  /** Below this many rows for each, products with the weights read more weights than rows. */
  private static final int ROWS_EACH = 8;

  private final int workers;

  /**
   * Threads that no training uses now, the last used first; they end after two seconds. The
   * system's memory allocator keeps what a thread freed for that thread first, so a new one would
   * take memory for its share anew.
   */
  private static final Deque<ExecutorService> IDLE = new ConcurrentLinkedDeque<>();

  /** One for each worker but the first, whose share is the caller's; each keeps its share. */
  private final List<ExecutorService> threads = new ArrayList<>();

  /**
   * @param workers how many threads pass at once, at least 1; 1 is the plain pass on the caller's
   *     thread, with the engine's own threads within operations
   */
  public Replicas(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("workers is " + workers + "; it must be at least 1");
    }
    this.workers = workers;
    for (int i = 1; i < workers; i++) {
      ExecutorService idle = IDLE.pollFirst();
      threads.add(idle != null ? idle : thread());
    }
  }

  private static ExecutorService thread() {
    var thread =
        new ThreadPoolExecutor(
            1,
            1,
            2,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var made = new Thread(task, "tinker-replica");
              made.setDaemon(true);
              return made;
            });
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /**
   * How many workers are fastest on this machine, by size: one for each core for models of up to
   * thirty million weights (measured up to four), as long as each has rows enough; else one. On a
   * GPU always one.
   *
   * @param block the model, initialised
   * @param rows of a batch
   */
  public static int workersFor(Block block, int rows) {
    boolean gpu =
        Weights.of(block).values().stream().anyMatch(p -> p.getArray().getDevice().isGpu());
    int cores = Runtime.getRuntime().availableProcessors();
    if (gpu || Weights.count(block) > LARGE) {
      return 1;
    }
    return Math.max(1, Math.min(cores, rows / ROWS_EACH));
  }

  public int workers() {
    return workers;
  }

  /**
   * The rows of each worker: as equal as can be, in order.
   *
   * @param rows of the batch, at least 1
   * @return {@code n + 1} bounds for {@code n} shares, n at most {@link #workers}; share i has the
   *     rows [bound i, bound i + 1)
   */
  public int[] bounds(int rows) {
    int shares = Math.min(workers, rows);
    int[] bounds = new int[shares + 1];
    for (int i = 0; i <= shares; i++) {
      bounds[i] = (int) ((long) rows * i / shares);
    }
    return bounds;
  }

  /**
   * What one worker does of a batch.
   *
   * @param inputs makes the inputs in a manager
   * @param labels makes the labels in a manager
   * @param rows how many rows of the batch it is, at least 1
   * @param predictions how many predictions its loss is the mean of: its weight, at least 0
   */
  public record Share(
      Function<NDManager, NDList> inputs,
      Function<NDManager, NDList> labels,
      int rows,
      int predictions) {}

  /**
   * What came of a batch. All arrays lie in the manager given, or below it.
   *
   * @param loss mean over all predictions, in nats
   * @param gradients one for each trained parameter, in the order of {@link Gradients#trained}
   * @param gradientNorm of all gradients taken as one vector
   * @param state what the batch leaves for the next one, the rows of all shares together
   */
  public record Pass(double loss, List<NDArray> gradients, double gradientNorm, NDList state) {}

  /**
   * Forward, backward and the sum of the gradients.
   *
   * @param shares at most {@link #workers}, at least 1
   * @param state what the batch begins with, or empty; as {@link Pass#state} gives it
   * @param manager owns everything that is made
   * @param seed of dropout
   * @throws RuntimeException what a worker threw, after all have ended
   */
  public Pass pass(
      Trainable trainable, List<Share> shares, NDList state, NDManager manager, long seed) {
    if (shares.isEmpty() || shares.size() > workers) {
      throw new IllegalArgumentException(
          shares.size() + " shares for " + workers + " workers; there must be 1 to " + workers);
    }
    long predictions = shares.stream().mapToLong(Share::predictions).sum();
    var tasks = new ArrayList<Callable<Part>>();
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      int row = 0;
      for (int i = 0; i < shares.size(); i++) {
        Share share = shares.get(i);
        double weight = predictions == 0 ? 0 : (double) share.predictions / predictions;
        NDManager own = manager.newSubManager();
        // Not SplittableRandom's own step: a worker would draw what another draws a call later.
        Leaves leaves = Leaves.taped(own, seed + 0xD1342543DE82EF95L * i);
        NDList begin = shares.size() == 1 ? state : rows(state, row, row + share.rows, own);
        row += share.rows;
        tasks.add(() -> part(trainable, share, begin, weight, own, leaves));
      }
      return tasks.size() == 1 ? sum(List.of(call(tasks.get(0)))) : together(tasks);
    }
  }

  /**
   * What came of a batch, not read yet: a GPU works on while the program goes on. All arrays lie in
   * the manager given.
   *
   * @param loss scalar
   * @param gradients as in {@link Pass}
   * @param state as in {@link Pass}
   */
  public record Unread(NDArray loss, List<NDArray> gradients, NDList state) {}

  /**
   * Forward and backward of a whole batch on this thread, without reading what came of it. The
   * numbers are those of {@link #pass} with one share.
   *
   * @param share the whole batch
   */
  public static Unread passUnread(
      Trainable trainable, Share share, NDList state, NDManager manager, long seed) {
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      return forwardAndBack(trainable, share, state, 1, manager, Leaves.taped(manager, seed));
    }
  }

  private static Unread forwardAndBack(
      Trainable trainable,
      Share share,
      NDList state,
      double weight,
      NDManager manager,
      Leaves leaves) {
    Trainable.Result result =
        trainable.loss(
            leaves, share.inputs.apply(manager), share.labels.apply(manager), state, true);
    // Weighted, so that the sum over the shares is the mean over the batch.
    leaves.backward(
        weight == 1 ? result.loss() : result.loss().mul(manager.full(new Shape(), (float) weight)));
    return new Unread(result.loss(), leaves.gradients(trainable.block()), result.state());
  }

  /** What one worker hands back. */
  private record Part(double loss, double weight, List<NDArray> gradients, NDList state) {}

  private static Part part(
      Trainable trainable,
      Share share,
      NDList state,
      double weight,
      NDManager manager,
      Leaves leaves) {
    Unread made = forwardAndBack(trainable, share, state, weight, manager, leaves);
    return new Part(made.loss().toArray()[0].doubleValue(), weight, made.gradients(), made.state());
  }

  private static Pass sum(List<Part> parts) {
    try (var off = Gradients.off()) {
      List<NDArray> gradients = parts.get(0).gradients;
      double loss = parts.get(0).weight * parts.get(0).loss;
      for (Part part : parts.subList(1, parts.size())) {
        loss += part.weight * part.loss;
        for (int i = 0; i < gradients.size(); i++) {
          gradients.get(i).addi(part.gradients.get(i));
        }
      }
      double norm = GradientNorm.of(gradients);
      return new Pass(loss, gradients, norm, join(parts.stream().map(Part::state).toList()));
    }
  }

  private static NDList rows(NDList state, int from, int to, NDManager manager) {
    var part = new NDList();
    for (NDArray array : state) {
      part.add(array.get(manager, new NDIndex(":, {}:{}", from, to)));
    }
    return part;
  }

  private static NDList join(List<NDList> states) {
    NDList first = states.get(0);
    if (states.size() == 1) {
      return first;
    }
    var joined = new NDList();
    for (int i = 0; i < first.size(); i++) {
      int at = i;
      joined.add(NDArrays.concat(new NDList(states.stream().map(s -> s.get(at)).toList()), 1));
    }
    return joined;
  }

  private Pass together(List<Callable<Part>> tasks) {
    // For the sum as well: threads that the engine had for an operation go on turning for some
    // milliseconds afterwards, in case there is another, and take the cores from the workers.
    int before = JniUtils.getNumThreads();
    JniUtils.setNumThreads(1);
    try {
      var futures = new ArrayList<Future<Part>>();
      for (int i = 1; i < tasks.size(); i++) {
        Callable<Part> task = tasks.get(i);
        futures.add(
            threads
                .get(i - 1)
                .submit(
                    () -> {
                      // Both are kept for each thread by the engine.
                      JniUtils.setNumThreads(1);
                      JniUtils.setGradMode(true);
                      return task.call();
                    }));
      }
      var parts = new ArrayList<Part>();
      var failures = new ArrayList<Throwable>();
      // Each is waited for, whatever became of the others: they use memory that the caller frees.
      take(() -> call(tasks.get(0)), parts, failures);
      for (Future<Part> future : futures) {
        take(() -> join(future), parts, failures);
      }
      if (failures.isEmpty()) {
        return sum(parts);
      }
      if (failures.get(0) instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failures.get(0);
    } finally {
      JniUtils.setNumThreads(before);
    }
  }

  private static void take(Supplier<Part> worker, List<Part> parts, List<Throwable> failures) {
    try {
      parts.add(worker.get());
    } catch (RuntimeException | Error e) {
      failures.add(e);
    }
  }

  /** Waits to the end even if interrupted. */
  private static Part join(Future<Part> future) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw e.getCause() instanceof RuntimeException cause
              ? cause
              : new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Part call(Callable<Part> task) {
    try {
      return task.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Gives the threads to whoever trains next. */
  @Override
  public void close() {
    for (int i = threads.size() - 1; i >= 0; i--) {
      IDLE.addFirst(threads.get(i));
    }
    threads.clear();
  }
}
