package tinker.nn;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import java.util.Locale;
import java.util.Map;

/**
 * What is known of a machine when the device is chosen.
 *
 * @param asked what {@code TINKER_DEVICE} says: {@code cpu}, {@code gpu} or nothing
 * @param gpus how many GPUs the engine can use
 * @param card name, driver and memory of the first card, as {@code environment/lab} found them;
 *     empty if it found none
 * @param fault why {@code environment/lab} set up the CPU although there is a card; empty if it did
 *     not
 * @param freeBytes free memory of the first card
 */
record Machine(String asked, int gpus, String card, String fault, long freeBytes) {
  /** The variables in which {@code environment/lab} hands on what it found. */
  static final String CARD = "TINKER_CARD";

  static final String FAULT = "TINKER_CARD_FAULT";

  Machine {
    asked = asked.strip().toLowerCase(Locale.ROOT);
    if (!asked.isEmpty() && !asked.equals("cpu") && !asked.equals("gpu")) {
      throw new IllegalArgumentException(
          "TINKER_DEVICE is \"" + asked + "\"; it must be cpu or gpu");
    }
    card = card.strip();
    fault = fault.strip();
  }

  /** The machine at hand. Nothing is asked of a card that is not wanted. */
  static Machine here(Engine engine, Map<String, String> environment) {
    String asked = environment.getOrDefault("TINKER_DEVICE", "");
    int gpus = engine.getGpuCount();
    boolean wanted = gpus > 0 && !asked.strip().equalsIgnoreCase("cpu");
    return new Machine(
        asked,
        gpus,
        environment.getOrDefault(CARD, ""),
        environment.getOrDefault(FAULT, ""),
        wanted ? free() : 0);
  }

  private static long free() {
    try {
      var memory = CudaUtils.getGpuMemory(Device.gpu());
      return memory.getMax() - memory.getUsed();
    } catch (EngineException e) {
      // The runtime needs memory itself before it can say how much there is.
      return 0;
    }
  }
}
