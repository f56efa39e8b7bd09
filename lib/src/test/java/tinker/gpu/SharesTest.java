package tinker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.data.Batch;
import tinker.nn.Gradients;
import tinker.nn.OnDevice;
import tinker.nn.Replicas;
import tinker.nn.Trainable;

/** A batch that worker threads share, at every model. */
class SharesTest {
  /** All but the CNN with dropout, which draws otherwise for each share. */
  static List<Zoo> models() {
    return Zoo.all().stream().filter(zoo -> !zoo.name().equals("CNN")).toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void giveTheGradientsOfTheWholeBatch(Zoo zoo) {
    OnDevice.call(
        Device.cpu(),
        () -> {
          Trainable model = zoo.model().get();
          try (AutoCloseable closing = (AutoCloseable) model;
              NDManager manager = NDManager.newBaseManager()) {
            Map<String, float[]> whole = gradients(model, zoo.batch(), 1, manager);
            for (int workers : new int[] {2, 3}) {
              Map<String, float[]> shared = gradients(model, zoo.batch(), workers, manager);
              assertThat(Zoo.apart(whole, shared, 1e-6)).isEmpty();
            }
          }
          return true;
        });
  }

  private static Map<String, float[]> gradients(
      Trainable model, Batch batch, int workers, NDManager manager) {
    try (var replicas = new Replicas(workers)) {
      int[] bounds = replicas.bounds(batch.rows());
      var shares = new ArrayList<Replicas.Share>();
      for (int i = 0; i + 1 < bounds.length; i++) {
        Batch part = batch.rows(bounds[i], bounds[i + 1]);
        shares.add(new Replicas.Share(part::inputs, part::labels, part.rows(), part.predictions()));
      }
      Replicas.Pass pass = replicas.pass(model, shares, new NDList(), manager, 1);
      return Gradients.values(model.block(), pass.gradients(), 1);
    }
  }
}
