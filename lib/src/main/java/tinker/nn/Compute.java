package tinker.nn;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.Locale;

/** The one place that decides where tensors live and are computed. */
public final class Compute {
  private Compute() {}

  /**
   * The device of this run: the first GPU if the engine can use one, else the CPU. The environment
   * variable {@code TINKER_DEVICE} ({@code cpu} or {@code gpu}) overrules.
   *
   * @throws IllegalArgumentException if {@code TINKER_DEVICE} is neither
   * @throws IllegalStateException if it says {@code gpu} and the engine sees none
   */
  public static Device device() {
    String asked = System.getenv().getOrDefault("TINKER_DEVICE", "").strip();
    int gpus = Engine.getInstance().getGpuCount();
    return switch (asked.toLowerCase(Locale.ROOT)) {
      case "" -> gpus > 0 ? Device.gpu() : Device.cpu();
      case "cpu" -> Device.cpu();
      case "gpu" -> {
        if (gpus == 0) {
          throw new IllegalStateException(
              "TINKER_DEVICE is gpu, but the engine sees no GPU; leave it unset to use the CPU");
        }
        yield Device.gpu();
      }
      default ->
          throw new IllegalArgumentException(
              "TINKER_DEVICE is \"" + asked + "\"; it must be cpu or gpu");
    };
  }
}
