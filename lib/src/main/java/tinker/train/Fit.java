package tinker.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.data.PairBatches;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.nn.AdamW;
import tinker.nn.ArchiveException;
import tinker.nn.Compute;
import tinker.nn.Gradients;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Tokenized;
import tinker.text.Vocabulary;

/**
 * A training run: one loop for every model.
 *
 * <pre>{@code
 * var fit = Fit.of(model, split, FitOptions.epochs(8).oneCycle(3e-3));
 * fit.history().epochs()      // losses, seconds, tokens a second
 * fit.stopped()               // why it ended
 *
 * var writer = Fit.file(path, TextGenRnn::characters, FitOptions.epochs(5));   // from a file
 *
 * Fit.of(model, split, FitOptions.epochs(80).checkpoint(file));
 * Fit.resume(model, split, file);                                // after a crash: the same run
 * }</pre>
 *
 * <p>The model is trained in place. Interrupting the thread (a notebook's stop button) ends the run
 * after the batch at hand; the model keeps what it has learned, and the method returns as usual. A
 * validation that is broken off in this way is not written down; a resumed run begins with it. When
 * the loss is no longer a number, the run ends with the last good weights: once in a hundred steps
 * weights that gave a finite loss are copied, and {@link #stopped} says of which step the copy is.
 * When the device has no memory left, it ends as if interrupted, and says what would need less.
 */
public final class Fit {
  private final FitOptions options;
  private final History history;
  private final Stopped stopped;

  private Fit(FitOptions options, History history, Stopped stopped) {
    this.options = options;
    this.history = history;
    this.stopped = stopped;
  }

  /**
   * Trains a language model on the training part of {@code split}, in an order of documents drawn
   * anew for each epoch, and measures it on the validation part, which may be empty.
   *
   * @throws IllegalArgumentException if the training part is too short for the options
   */
  public static <M extends Trainable & Tokenized> Fit of(M model, Split split, FitOptions options) {
    return run(model, Data.of(model, split, options), options);
  }

  /**
   * Trains a new model on a file of texts, one on each line, and holds a tenth of them back to
   * measure it on.
   *
   * @param file UTF-8; blank lines are passed over
   * @param model makes a model for the texts that it shall learn from
   * @return the model, trained
   * @throws IOException if the file cannot be read or is not UTF-8
   * @throws IllegalArgumentException if it is too short for the options
   */
  public static <M extends Trainable & Tokenized> M file(
      Path file, Function<Corpus, M> model, FitOptions options) throws IOException {
    Split split = Corpus.readLines(file).split(0.9, 0.1, 0, options.seed());
    M made = model.apply(split.train());
    try {
      of(made, split, options);
      return made;
    } catch (RuntimeException e) {
      // The caller never gets it, and so cannot close it.
      if (made instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception again) {
          e.addSuppressed(again);
        }
      }
      throw e;
    }
  }

  /**
   * Trains on batches.
   *
   * @param trainable what is trained, in place
   * @param train what it learns from
   * @param validation what its progress is measured on; null or empty for none
   * @throws IllegalArgumentException if there is no batch, or the options ask for random lengths
   *     and these batches are cut otherwise
   */
  public static Fit of(
      Trainable trainable, Batches train, @Nullable Batches validation, FitOptions options) {
    return run(trainable, new Data(train, validation, known(train, options)), options);
  }

  /**
   * Goes on with a run from its checkpoint. With one thread, the weights and the history at the end
   * are those of a run that never stopped, in every bit. A run that had come to its end is given
   * back as it was. Each batch is shared out among as many workers as before, whatever cores there
   * are here, and the run is recorded where it was to be.
   *
   * @param model of the same sizes and vocabulary as the one that was trained; its weights are
   *     replaced by those of the file. {@code NeuralModel.load(file)} makes one.
   * @param split the same data
   * @param file what {@link FitOptions#checkpoint} named; the run goes on writing to it
   * @throws tinker.nn.ArchiveException if there is no checkpoint, it is damaged, or it is of
   *     another model or other data; then nothing is changed
   * @throws IOException if it cannot be read
   */
  public static <M extends Trainable & Tokenized> Fit resume(M model, Split split, Path file)
      throws IOException {
    Checkpoint checkpoint = Checkpoint.read(file);
    // Before the texts are cut: that fails with other words for texts that are too short.
    checkpoint.checkWeights(model);
    String checksum = split.train().checksum();
    if (!checksum.equals(checkpoint.position().data())) {
      throw new ArchiveException(
          String.format(
              Locale.ROOT,
              "%s was written while training on other data: the checksum of the texts is %s there,"
                  + " %s here",
              file,
              checkpoint.position().data(),
              checksum));
    }
    return resume(model, Data.of(model, split, checkpoint.options()), checkpoint, file);
  }

  /**
   * Goes on with a run on batches. See {@link #resume(Trainable, Split, Path)}. That they are the
   * same is told by {@link Batches#checksum}; only if the run was begun on batches without one is
   * nothing but the number compared.
   */
  public static Fit resume(
      Trainable trainable, Batches train, @Nullable Batches validation, Path file)
      throws IOException {
    Checkpoint checkpoint = Checkpoint.read(file);
    checkpoint.checkWeights(trainable);
    return resume(trainable, new Data(train, validation, train.checksum()), checkpoint, file);
  }

  /** The same with a checkpoint whose weights are known to fit. */
  private static Fit resume(Trainable trainable, Data data, Checkpoint checkpoint, Path file)
      throws IOException {
    Checkpoint.Position position = checkpoint.position();
    int batches = data.train.size(checkpoint.options().seed(), 0);
    boolean other = position.data() != null && !position.data().equals(data.checksum);
    if (other || position.batches() != batches) {
      throw new ArchiveException(
          String.format(
              Locale.ROOT,
              "%s was written while training on other data: %,d batches with the checksum %s there,"
                  + " %,d with %s here",
              file,
              position.batches(),
              position.data(),
              batches,
              data.checksum));
    }
    FitOptions options = checkpoint.options().checkpoint(file);
    Stopped stopped = position.stopped();
    if (stopped != null
        && stopped.reason() != Stopped.Reason.INTERRUPTED
        && stopped.reason() != Stopped.Reason.OUT_OF_MEMORY) {
      checkpoint.putWeights(trainable);
      return new Fit(options, checkpoint.history(), stopped);
    }
    try (var loop = new Loop(trainable, data, options, TrainingStep.readEvery(trainable))) {
      loop.goOn(checkpoint, file);
      return run(loop);
    }
  }

  /** Computed only where it is written down: it means going through all the data. */
  private static @Nullable String known(Batches train, FitOptions options) {
    return options.checkpoint() == null && options.record() == null ? null : train.checksum();
  }

  private static Fit run(Trainable trainable, Data data, FitOptions options) {
    try (var loop = new Loop(trainable, data, options, TrainingStep.readEvery(trainable))) {
      return run(loop);
    }
  }

  /**
   * The same with losses read after {@code readEvery} steps, as on a GPU, and with each batch
   * shared out among {@code workers}, as on a machine with as many cores; 0 for those of this one.
   */
  static Fit of(
      Trainable trainable,
      Batches train,
      @Nullable Batches validation,
      FitOptions options,
      int readEvery,
      int workers) {
    var data = new Data(train, validation, known(train, options));
    try (var loop = new Loop(trainable, data, options, readEvery)) {
      loop.step.workers(workers);
      return run(loop);
    }
  }

  private static Fit run(Loop loop) {
    Stopped stopped = loop.run();
    var fit = new Fit(loop.options, loop.history(), stopped);
    Path record = loop.options.record();
    if (record != null) {
      fit.append(record, loop);
    }
    return fit;
  }

  /** A record that cannot be written is no reason to lose what was learned. */
  private void append(Path record, Loop loop) {
    double seconds = (System.nanoTime() - loop.began) / 1e9;
    try {
      Runs.append(record, Runs.Run.of(this, loop.trainable, loop.checksum, seconds));
    } catch (IOException e) {
      LoggerFactory.getLogger(Fit.class)
          .warn("the run could not be written to {}: {}", record, e.getMessage());
    }
  }

  /** What a run learns from and is measured on. */
  private record Data(Batches train, @Nullable Batches validation, @Nullable String checksum) {
    Data {
      List<String> learned = train.classes();
      List<String> measured = validation == null ? List.of() : validation.classes();
      if (!learned.isEmpty() && !measured.isEmpty() && !measured.equals(learned)) {
        throw new IllegalArgumentException(
            "training numbers the classes "
                + learned
                + ", validation "
                + measured
                + "; both must have the same ones in the same order");
      }
    }

    static <M extends Trainable & Tokenized> Data of(M model, Split split, FitOptions options) {
      Vocabulary vocabulary = model.vocabulary();
      TokenStreams train =
          TokenStreams.of(split.train(), vocabulary, options.batchSize(), options.bptt())
              .shuffled();
      return new Data(
          options.randomLengths() ? train.randomLengths() : train,
          validation(split.validation(), vocabulary, options),
          split.train().checksum());
    }

    /** As many rows as for training, or as few as a short text allows. */
    private static @Nullable Batches validation(
        Corpus corpus, Vocabulary vocabulary, FitOptions options) {
      int predictions = corpus.tokens(vocabulary).length - 1;
      if (corpus.characters() == 0 || predictions < 1) {
        return null;
      }
      int rows = Math.max(1, Math.min(options.batchSize(), predictions / options.bptt()));
      return TokenStreams.of(
          corpus, vocabulary, rows, Math.min(options.bptt(), predictions / rows));
    }
  }

  /** What a model is called: the beginning of what it says of itself. */
  static String name(Trainable trainable) {
    String text = trainable.toString();
    return text.contains("@") ? trainable.getClass().getSimpleName() : text.split("[:\\n]", 2)[0];
  }

  static AdamW optimizer(Trainable trainable, FitOptions options) {
    return AdamW.of(
        trainable.block(),
        new AdamW.Options(0.9, options.beta2(), 1e-8, options.weightDecay(), true));
  }

  /** What the run was asked to do. */
  public FitOptions options() {
    return options;
  }

  /** What happened: losses, rates, times. */
  public History history() {
    return history;
  }

  /** Why the run ended. */
  public Stopped stopped() {
    return stopped;
  }

  @Override
  public String toString() {
    String last =
        history.epochs().isEmpty() ? "" : "; " + history.epochs().get(history.epochs().size() - 1);
    return stopped.sentence() + last;
  }

  /** The run while it lasts. */
  private static final class Loop implements AutoCloseable {
    private static final int POINTS = 1000;

    /** Steps after which weights that have proved good are copied; a copy takes less than one. */
    private static final int GOOD_EVERY = 100;

    private static final long PROGRESS_NANOS = 200_000_000;

    private final Trainable trainable;
    private final Batches train;
    private final @Nullable Batches validation;
    private final @Nullable String checksum;
    private final FitOptions options;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final AdamW optimizer;
    private final TrainingStep step;
    private final Snapshot good;
    private final @Nullable Snapshot best;
    private final Progress progress = Progress.create();
    private final int pointEvery;
    private final int readEvery;

    /** What the lengths of the steps vary about; 0 if they do not. */
    private final int usualLength;

    /** Steps that were made, and whose losses are not read yet. */
    private final List<Made> made = new ArrayList<>();

    private @Nullable Batch current;

    /** The step after which {@link #good} was taken. */
    private long goodStep;

    /** True from the beginning of a validation until it is written down. */
    private boolean validating;

    private final List<History.Step> steps = new ArrayList<>();
    private final List<History.Validation> validations = new ArrayList<>();
    private final List<History.Epoch> epochs = new ArrayList<>();

    private int epoch;
    private int batchInEpoch;
    private double pointLoss;
    private int pointSteps;
    private double epochLoss;
    private long epochPredictions;
    private double bestLoss = Double.POSITIVE_INFINITY;
    private int bestEpoch;
    private int withoutImprovement;

    private final long began = System.nanoTime();
    private double fractionAtStart;
    private long lastShown;
    private long epochBegan;
    private double epochSeconds;
    private double epochValidating;
    private long tokensSinceShown;
    private double tokensPerSecond;
    private double lastLoss = Double.NaN;
    private double lastRate;
    private @Nullable IOException unwritten;

    /**
     * A step that was made.
     *
     * @param number of the update, from 1
     */
    private record Made(long number, int predictions, double rate) {}

    Loop(Trainable trainable, Data data, FitOptions options, int readEvery) {
      this.trainable = trainable;
      this.readEvery = readEvery;
      this.train = data.train;
      this.validation = data.validation;
      this.checksum = data.checksum;
      this.options = options;
      this.usualLength = usualLength(train, options);
      int perEpoch = train.size(options.seed(), 0);
      if (perEpoch < 1) {
        throw new IllegalArgumentException("the training data has no batch");
      }
      pointEvery = (int) Math.max(1, (long) perEpoch * options.epochs() / POINTS);
      optimizer = open(() -> optimizer(trainable, options));
      step = open(() -> new TrainingStep(trainable, optimizer, options.clipNorm(), options.seed()));
      good = open(() -> new Snapshot(trainable.block()));
      best = options.patience() > 0 ? open(() -> new Snapshot(trainable.block())) : null;
    }

    /**
     * What the lengths vary about; 0 if they do not, or if nothing is known of them because the
     * batches are not of this library. Then every step has the rate of the schedule.
     *
     * @throws IllegalArgumentException if they shall vary and are known not to be drawn
     */
    private static int usualLength(Batches train, FitOptions options) {
      if (train instanceof TokenStreams streams && streams.hasRandomLengths()) {
        return streams.length();
      }
      boolean known =
          train instanceof TokenStreams
              || train instanceof TextBatches
              || train instanceof PairBatches;
      if (known && options.randomLengths()) {
        throw new IllegalArgumentException(
            "randomLengths is on, but these batches have lengths of their own; use"
                + " TokenStreams.randomLengths()");
      }
      return 0;
    }

    /**
     * Takes up where a checkpoint stopped, whose weights are known to fit. The model is changed
     * last.
     *
     * @throws ArchiveException if its moments or its state do not fit
     */
    void goOn(Checkpoint from, Path file) throws IOException {
      try (NDManager scope = NDManager.newBaseManager(step.device())) {
        optimizer.restore(from.moments(), from.updates());
        step.carry(from.state(scope));
      } catch (IllegalArgumentException | NullPointerException e) {
        throw new ArchiveException(file + " does not fit the model: " + e.getMessage(), e);
      }
      if (best != null && from.hasBest()) {
        from.putBest(trainable.block());
        best.take();
      }
      from.putWeights(trainable);
      takeGood();
      Checkpoint.Position position = from.position();
      step.workers(position.workers());
      epoch = position.epoch();
      batchInEpoch = position.batchInEpoch();
      pointLoss = position.pointLoss();
      pointSteps = position.pointSteps();
      epochLoss = position.epochLoss();
      epochPredictions = position.epochPredictions();
      bestLoss = position.bestLoss();
      bestEpoch = position.bestEpoch();
      withoutImprovement = position.withoutImprovement();
      epochSeconds = position.epochSeconds();
      epochValidating = position.epochValidating();
      steps.addAll(position.history().steps());
      validations.addAll(position.history().validations());
      epochs.addAll(position.history().epochs());
    }

    private void save(@Nullable Stopped stopped) {
      Path file = options.checkpoint();
      if (file == null) {
        return;
      }
      var position =
          new Checkpoint.Position(
              options,
              checksum,
              train.size(options.seed(), 0),
              step.workers(),
              epoch,
              batchInEpoch,
              optimizer.updates(),
              pointLoss,
              pointSteps,
              epochLoss,
              epochPredictions,
              bestLoss,
              bestEpoch,
              withoutImprovement,
              epochSeconds,
              epochValidating,
              history(),
              stopped);
      try {
        Checkpoint.write(file, trainable, position, optimizer.moments(), step.carried(), best);
        unwritten = null;
      } catch (IOException e) {
        // A full disk is no reason to lose a run: it goes on, tries again after the next epoch, and
        // says at the end what is missing.
        unwritten = e;
      }
    }

    History history() {
      return new History(trainable.unit(), steps, validations, epochs);
    }

    Stopped run() {
      progress.start("Training " + name(trainable));
      fractionAtStart = fraction();
      lastShown = began;
      Stopped stopped = null;
      try {
        try {
          stopped = epochs();
        } catch (RuntimeException e) {
          if (!Compute.isOutOfMemory(e)) {
            throw e;
          }
          stopped = outOfMemory();
        }
        // After a loss that is not a number the file of the last good epoch stays as it is, and so
        // it does after an update that broke off.
        if (stopped.reason() != Stopped.Reason.NOT_A_NUMBER && !step.torn()) {
          save(stopped);
        }
        IOException failure = unwritten;
        if (failure != null) {
          stopped =
              new Stopped(
                  stopped.reason(),
                  stopped.sentence()
                      + "; the checkpoint could not be written: "
                      + failure.getMessage());
        }
      } finally {
        progress.finish(
            stopped == null ? "failed at step " + optimizer.updates() : stopped.sentence(),
            metrics());
      }
      return stopped;
    }

    private Stopped epochs() {
      Stopped stopped = null;
      while (stopped == null && epoch < options.epochs()) {
        stopped = epoch();
      }
      if (stopped == null) {
        stopped =
            new Stopped(
                Stopped.Reason.FINISHED,
                String.format(
                    Locale.ROOT,
                    "finished %d %s in %s%s",
                    options.epochs(),
                    options.epochs() == 1 ? "epoch" : "epochs",
                    Progress.readable(Duration.ofNanos(System.nanoTime() - began)),
                    bestSentence()));
      }
      boolean whole =
          stopped.reason() == Stopped.Reason.FINISHED || stopped.reason() == Stopped.Reason.EARLY;
      if (best != null && whole && bestEpoch > 0) {
        best.putBack();
      }
      return stopped;
    }

    private String bestSentence() {
      return bestEpoch == 0
          ? ""
          : String.format(
              Locale.ROOT, "; the best validation was %.4f in epoch %d", bestLoss, bestEpoch);
    }

    /**
     * Goes on with the epoch at hand; null if it came to its end and nothing speaks for stopping.
     */
    private @Nullable Stopped epoch() {
      epochBegan = System.nanoTime();
      Iterator<Batch> batches = train.epoch(options.seed(), epoch);
      int size = train.size(options.seed(), epoch);
      for (int skipped = 0; skipped < batchInEpoch && batches.hasNext(); skipped++) {
        batches.next();
      }
      boolean owed = owed(!batches.hasNext());
      while (owed || batches.hasNext()) {
        if (Thread.interrupted()) {
          return interrupted(size, owed);
        }
        Stopped stopped = owed ? null : one(batches.next(), size);
        owed = false;
        if (stopped == null) {
          stopped = afterStep(!batches.hasNext(), size);
        }
        if (stopped != null) {
          return stopped;
        }
      }
      return null;
    }

    /**
     * Whether a run that goes on broke off between a step and what was due after it: in a
     * validation, or before it.
     *
     * @param last true if that was the last step of its epoch, which is still open
     */
    private boolean owed(boolean last) {
      if (batchInEpoch == 0) {
        return false;
      }
      long validated = validations.isEmpty() ? 0 : validations.get(validations.size() - 1).step();
      return last || (validationIsDue() && validated != optimizer.updates());
    }

    private boolean validationIsDue() {
      return options.validateEvery() > 0 && optimizer.updates() % options.validateEvery() == 0;
    }

    /** The validation and the end of the epoch where they are due; what to stop for after them. */
    private @Nullable Stopped afterStep(boolean last, int size) {
      if (!last && !validationIsDue()) {
        return null;
      }
      Stopped wrong = settle(size);
      if (wrong != null) {
        return wrong;
      }
      double validated;
      try {
        validated = validate();
      } catch (CancellationException e) {
        return interrupted(size, true);
      }
      Stopped early = early();
      if (last) {
        closeEpoch(validated);
        if (early == null && epoch < options.epochs()) {
          save(null);
        }
      }
      return early;
    }

    /** What to stop for if the validations have not improved for long enough. */
    private @Nullable Stopped early() {
      if (options.patience() == 0 || withoutImprovement < options.patience()) {
        return null;
      }
      return new Stopped(
          Stopped.Reason.EARLY,
          String.format(
              Locale.ROOT,
              "stopped early in epoch %d after %d validations without improvement%s",
              epoch + 1,
              withoutImprovement,
              bestEpoch == 0
                  ? "; none was a finite number, so the last weights stay"
                  : bestSentence() + ", whose weights were put back"));
    }

    /**
     * After the flag was found, and cleared.
     *
     * @param inValidation true if the validation after the last step is still to be made
     */
    private Stopped interrupted(int size, boolean inValidation) {
      Stopped wrong = settle(size);
      epochSeconds += (System.nanoTime() - epochBegan) / 1e9;
      if (wrong != null) {
        return wrong;
      }
      return new Stopped(
          Stopped.Reason.INTERRUPTED,
          String.format(
              Locale.ROOT,
              "interrupted in epoch %d of %d, %s batch %d of %d; the model keeps what it"
                  + " learned in %,d steps",
              epoch + 1,
              options.epochs(),
              inValidation ? "in the validation after" : "before",
              inValidation ? batchInEpoch : batchInEpoch + 1,
              size,
              optimizer.updates()));
    }

    private @Nullable Stopped one(Batch batch, int size) {
      double done = (epoch + (double) batchInEpoch / size) / options.epochs();
      double rate = options.schedule().rate(done);
      if (usualLength > 0) {
        // A step over fewer tokens is worth less (fastai scales the rate in the same way).
        rate *= (double) batch.predictions() / batch.rows() / usualLength;
      }
      double momentum = options.schedule().momentum(done);
      boolean due = optimizer.updates() % GOOD_EVERY == 0;
      current = batch;
      if (readEvery > 1 && !due) {
        step.queue(batch, rate, momentum);
        made.add(new Made(optimizer.updates(), batch.predictions(), rate));
        batchInEpoch++;
        return made.size() < readEvery ? null : settle(size);
      }
      Stopped wrong = settle(size);
      if (wrong != null) {
        return wrong;
      }
      double loss = step.run(batch, rate, momentum, due ? this::takeGood : () -> {});
      var one = new Made(optimizer.updates(), batch.predictions(), rate);
      if (!Double.isFinite(loss) || !Double.isFinite(step.gradientNorm())) {
        return notANumber(optimizer.updates() + 1, loss, rate);
      }
      batchInEpoch++;
      book(one, loss, step.gradientNorm());
      show(size, loss, rate);
      return null;
    }

    private void takeGood() {
      good.take();
      goodStep = optimizer.updates();
    }

    /** Returns how a sentence says it. */
    private String putBackGood() {
      good.putBack();
      return "the last good weights were put back, those "
          + (goodStep == 0
              ? "from before the first step"
              : String.format(Locale.ROOT, "of step %,d", goodStep));
    }

    /** Reads the losses that are still to be read; what to stop for if one is no number. */
    private @Nullable Stopped settle(int size) {
      List<TrainingStep.Answer> answers = step.read();
      var settled = List.copyOf(made);
      made.clear();
      for (int i = 0; i < answers.size(); i++) {
        Made one = settled.get(i);
        TrainingStep.Answer answer = answers.get(i);
        if (!Double.isFinite(answer.loss()) || !Double.isFinite(answer.gradientNorm())) {
          return notANumber(one.number(), answer.loss(), one.rate());
        }
        book(one, answer.loss(), answer.gradientNorm());
        if (i == answers.size() - 1) {
          show(size, answer.loss(), one.rate());
        }
      }
      return null;
    }

    /** Writes down what a step gave. */
    private void book(Made one, double loss, double gradientNorm) {
      epochLoss += loss * one.predictions();
      epochPredictions += one.predictions();
      pointLoss += loss;
      pointSteps++;
      if (pointSteps == pointEvery) {
        steps.add(new History.Step(one.number(), pointLoss / pointSteps, one.rate(), gradientNorm));
        pointLoss = 0;
        pointSteps = 0;
      }
      tokensSinceShown += one.predictions();
    }

    /** After a step, or a validation, for which the device had no memory left. */
    private Stopped outOfMemory() {
      epochSeconds += (System.nanoTime() - epochBegan) / 1e9;
      Compute.release();
      String kept;
      if (step.torn()) {
        kept =
            String.format(
                Locale.ROOT,
                "an update broke off at step %,d, so %s",
                optimizer.updates(),
                putBackGood());
      } else {
        Stopped wrong = settle(train.size(options.seed(), epoch));
        if (wrong != null) {
          return wrong;
        }
        kept =
            String.format(
                Locale.ROOT, "the model keeps what it learned in %,d steps", optimizer.updates());
      }
      return new Stopped(
          Stopped.Reason.OUT_OF_MEMORY,
          String.format(
              Locale.ROOT,
              "out of memory on %s in epoch %d of %d, %s; %s",
              step.device().isGpu() ? "the GPU" : "the CPU",
              epoch + 1,
              options.epochs(),
              whatWasTooLarge(),
              kept));
    }

    /** Where it was that there was no memory left, and what would need less. */
    private String whatWasTooLarge() {
      if (validating) {
        return String.format(
            Locale.ROOT,
            "in the validation after step %,d; smaller batches of the validation data would need"
                + " less",
            optimizer.updates());
      }
      Batch batch = current;
      String needs = batch == null ? "" : "; " + StepMemory.of(trainable.block(), batch).sentence();
      return String.format(
          Locale.ROOT, "at step %,d%s", optimizer.updates() + (step.torn() ? 0 : 1), needs);
    }

    private Stopped notANumber(long number, double loss, double rate) {
      String steep = step.culprit();
      String culprit = steep.isEmpty() ? Diagnosis.of(trainable.block()) : "that of " + steep;
      String putBack = putBackGood();
      String what =
          Double.isFinite(loss)
              ? "the gradient is no longer a number"
              : "the loss is " + (Double.isNaN(loss) ? "not a number" : "infinite");
      return new Stopped(
          Stopped.Reason.NOT_A_NUMBER,
          String.format(
              Locale.ROOT,
              "stopped at step %d (epoch %d): %s, %s; %s. The learning rate was %.3g: try a tenth"
                  + " of it",
              number,
              epoch + 1,
              what,
              culprit,
              putBack,
              rate));
    }

    /**
     * The loss on the validation data, which is written down; NaN if there is none.
     *
     * @throws CancellationException if the thread was interrupted meanwhile; then nothing is
     *     written down
     */
    private double validate() {
      Batches held = validation;
      if (held == null) {
        return Double.NaN;
      }
      long start = System.nanoTime();
      validating = true;
      try {
        Iterator<Batch> batches = held.epoch(options.seed(), 0);
        double loss = Double.NaN;
        if (batches.hasNext()) {
          loss = TrainingStep.evaluate(trainable, batches);
          validated(loss);
        }
        validating = false;
        return loss;
      } finally {
        epochValidating += (System.nanoTime() - start) / 1e9;
      }
    }

    private void validated(double loss) {
      validations.add(new History.Validation(optimizer.updates(), epoch + 1, loss));
      // Written so that a NaN is never an improvement, and a number after it is.
      if (loss < bestLoss) {
        bestLoss = loss;
        bestEpoch = epoch + 1;
        withoutImprovement = 0;
        if (best != null) {
          best.take();
        }
      } else {
        withoutImprovement++;
      }
    }

    private void closeEpoch(double validated) {
      double all = epochSeconds + (System.nanoTime() - epochBegan) / 1e9;
      double training = all - epochValidating;
      epochs.add(
          new History.Epoch(
              epoch + 1,
              optimizer.updates(),
              epochLoss / epochPredictions,
              validated,
              all,
              epochPredictions / training));
      epoch++;
      batchInEpoch = 0;
      epochLoss = 0;
      epochPredictions = 0;
      epochSeconds = 0;
      epochValidating = 0;
    }

    private double fraction() {
      int size = epoch < options.epochs() ? train.size(options.seed(), epoch) : 1;
      return (epoch + (double) batchInEpoch / size) / options.epochs();
    }

    private void show(int size, double loss, double rate) {
      lastLoss = loss;
      lastRate = rate;
      long now = System.nanoTime();
      long since = now - lastShown;
      if (since < PROGRESS_NANOS) {
        return;
      }
      double speed = tokensSinceShown * 1e9 / since;
      tokensPerSecond = tokensPerSecond == 0 ? speed : 0.8 * tokensPerSecond + 0.2 * speed;
      tokensSinceShown = 0;
      lastShown = now;
      double fraction = (epoch + (double) batchInEpoch / size) / options.epochs();
      double seconds = (now - began) / 1e9;
      double left = seconds / (fraction - fractionAtStart) * (1 - fraction);
      progress.step(
          Math.min(1, fraction),
          "epoch " + (epoch + 1) + " of " + options.epochs(),
          metrics(),
          Duration.ofMillis((long) (1000 * left)));
    }

    /** What is known now, to stand beside the progress; nothing before the first step. */
    private Map<String, String> metrics() {
      Map<String, String> metrics = new LinkedHashMap<>();
      if (Double.isNaN(lastLoss)) {
        return metrics;
      }
      metrics.put("loss", String.format(Locale.ROOT, "%.3f", lastLoss));
      if (!validations.isEmpty()) {
        metrics.put(
            "validation",
            String.format(Locale.ROOT, "%.3f", validations.get(validations.size() - 1).loss()));
      }
      metrics.put("rate", String.format(Locale.ROOT, "%.2g", lastRate));
      if (tokensPerSecond > 0) {
        metrics.put(trainable.unit() + "s/s", String.format(Locale.ROOT, "%,.0f", tokensPerSecond));
      }
      return metrics;
    }

    /** Something that is closed with this; what was opened before is closed if it cannot be had. */
    private <T extends AutoCloseable> T open(Supplier<T> maker) {
      try {
        T made = maker.get();
        opened.add(made);
        return made;
      } catch (RuntimeException e) {
        close();
        if (Compute.isOutOfMemory(e)) {
          Compute.release();
          Batch first = train.epoch(options.seed(), 0).next();
          throw new IllegalStateException(
              "there is no memory left to begin with: "
                  + StepMemory.of(trainable.block(), first).sentence(),
              e);
        }
        throw e;
      }
    }

    @Override
    public void close() {
      Collections.reverse(opened);
      for (AutoCloseable one : opened) {
        try {
          one.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
      opened.clear();
    }
  }

  /** Finds the parameter that went wrong. */
  private static final class Diagnosis {
    private Diagnosis() {}

    static String of(Block block) {
      String largest = "";
      double most = -1;
      for (Map.Entry<String, NDArray> entry : Gradients.trained(block).entrySet()) {
        double size = 0;
        long wrong = 0;
        for (float value : Weights.values(entry.getValue())) {
          size = Math.max(size, Math.abs(value));
          wrong += Float.isFinite(value) ? 0 : 1;
        }
        if (wrong > 0) {
          return String.format(
              Locale.ROOT, "parameter %s has %,d values that are none", entry.getKey(), wrong);
        }
        if (size > most) {
          most = size;
          largest = entry.getKey();
        }
      }
      return String.format(
          Locale.ROOT,
          "all parameters are still numbers, the largest is in %s with %.3g",
          largest,
          most);
    }
  }
}
