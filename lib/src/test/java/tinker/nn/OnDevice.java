package tinker.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.concurrent.Callable;

/** Models on a device of a test's choice, and tests that need a GPU. */
public final class OnDevice {
  private OnDevice() {}

  /** What {@code work} returns; the models that it makes lie on {@code device}. */
  public static <T> T call(Device device, Callable<T> work) {
    Compute.use(device);
    try {
      return work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      Compute.use(null);
    }
  }

  /** The card; a test without one is skipped, and says so. */
  public static Device gpu() {
    assumeTrue(
        Engine.getInstance().getGpuCount() > 0,
        "the engine counts no GPU here; environment/test runs this where environment/lab set one"
            + " up");
    return Device.gpu();
  }
}
