package tinker.train;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.AdamW;
import tinker.nn.Frozen;
import tinker.nn.GradientNorm;
import tinker.nn.Gradients;
import tinker.nn.Replicas;
import tinker.nn.Schedule;
import tinker.nn.Trainable;

/** The library's own loop around a model, so that {@link Doctor} can look at it. */
final class FitSetup implements TrainingSetup, AutoCloseable {
  private final Trainable model;
  private final Batches training;
  private final Batches evaluation;
  private final FitOptions options;
  private final Snapshot first;
  private AdamW optimizer;
  private TrainingStep step;
  private int updates;

  FitSetup(Trainable model, Batches training, Batches evaluation, FitOptions options) {
    this.model = model;
    this.training = training;
    this.evaluation = evaluation;
    this.options = options;
    first = new Snapshot(model.block());
    // A constructor that fails gives its caller nothing to close.
    try {
      optimizer = Fit.optimizer(model, options);
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
    try {
      step = newStep();
    } catch (RuntimeException e) {
      optimizer.close();
      first.close();
      throw e;
    }
  }

  private TrainingStep newStep() {
    return new TrainingStep(model, optimizer, options.clipNorm(), options.seed());
  }

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
    return outputs(training.epoch(1, 0).next().rows(0, 1))[0].length;
  }

  @Override
  public float[][] outputs(Batch batch) {
    try (var off = Gradients.off();
        NDManager scope = scope()) {
      NDList inputs = batch.inputs(scope);
      Shape read = inputs.get(0).getShape();
      NDArray outputs;
      try {
        outputs = model.block().forward(new Frozen(scope), inputs, false).get(0);
      } catch (EngineException e) {
        throw new IllegalArgumentException(
            "the block cannot read a batch " + read + " by itself; it must give (B, T, V) for it",
            e);
      }
      Shape given = outputs.getShape();
      if (given.dimension() != 3 || !given.slice(0, 2).equals(read)) {
        throw new IllegalArgumentException(
            "the block gives " + given + " for a batch " + read + "; it must give (B, T, V)");
      }
      return TrainingSetup.rows(outputs);
    }
  }

  /** None: which layer of a block is the hidden one, a loop cannot know. */
  @Override
  public float[][] activations(Batch batch) {
    return new float[0][];
  }

  @Override
  public Map<String, float[]> gradients(Batch batch) {
    var all = new Replicas.Share(batch::inputs, batch::labels, batch.rows(), batch.predictions());
    try (NDManager scope = scope();
        var alone = new Replicas(1)) {
      // On a GPU dropout draws from the engine.
      Engine.getInstance().setRandomSeed((int) options.seed());
      Replicas.Pass pass = alone.pass(model, List.of(all), new NDList(), scope, options.seed());
      double scale = GradientNorm.scale(pass.gradientNorm(), options.clipNorm());
      return Gradients.values(model.block(), pass.gradients(), scale);
    }
  }

  @Override
  public double update(Batch batch, double rateFactor) {
    double progress = Math.min(1, (double) updates++ / Doctor.UPDATES);
    Schedule schedule = options.schedule();
    return step.run(batch, rateFactor * schedule.rate(progress), schedule.momentum(progress));
  }

  @Override
  public double[] losses(List<Batch> batches) {
    DoubleStream.Builder losses = DoubleStream.builder();
    TrainingStep.evaluate(model, batches.iterator(), (batch, loss) -> losses.add(loss));
    return losses.build().toArray();
  }

  @Override
  public double reported() {
    return TrainingStep.evaluate(model, evaluation.epoch(1, 0));
  }

  @Override
  public void reset() {
    undo();
    optimizer = Fit.optimizer(model, options);
    step = newStep();
    updates = 0;
  }

  private void undo() {
    step.close();
    optimizer.close();
    first.putBack();
  }

  private NDManager scope() {
    return NDManager.newBaseManager(Gradients.device(model.block()));
  }

  /** The model is as it was before. */
  @Override
  public void close() {
    undo();
    first.close();
  }
}
