package tinker.nn;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides where tensors live and are computed: on the first GPU if there is one
 * that can be used, else on the CPU.
 *
 * <pre>{@code
 * Compute.device()      // gpu(0)
 * Compute.said()        // GPU: NVIDIA L4, driver 570.86.15, 23,034 MB; 22.1 GB free
 * }</pre>
 *
 * <p>The environment variable {@code TINKER_DEVICE} ({@code cpu} or {@code gpu}) says which is
 * wanted. A GPU that is wanted or there, and cannot be used, is never passed over in silence:
 * {@link #said} tells why, and the import cell of every notebook shows it.
 */
public final class Compute {
  /** Below this a card is full: the engine's own needs take about as much. */
  static final long LEAST_FREE_BYTES = 600L << 20;

  /** How PyTorch, CUDA and its libraries say that there is no memory left. */
  private static final List<String> OUT_OF_MEMORY =
      List.of(
          "out of memory",
          "CUBLAS_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_ALLOC_FAILED",
          "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED",
          "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
          "DefaultCPUAllocator: can't allocate memory",
          "DefaultCPUAllocator: not enough memory");

  private static @Nullable Choice chosen;

  private Compute() {}

  /**
   * What was decided.
   *
   * @param said {@code CPU}, or {@code CPU: } and why, or {@code GPU: } and which
   */
  record Choice(Device device, String said) {}

  /**
   * The device of this run, chosen at the first call.
   *
   * @throws IllegalArgumentException if {@code TINKER_DEVICE} is neither {@code cpu} nor {@code
   *     gpu}
   */
  public static Device device() {
    return choice().device();
  }

  /** True if {@link #device} is a GPU. */
  public static boolean isGpu() {
    return device().isGpu();
  }

  /**
   * The decision in words: {@code CPU}; or {@code CPU: } and why it is not the GPU, or {@code GPU:
   * } and which.
   */
  public static String said() {
    return choice().said();
  }

  private static synchronized Choice choice() {
    Choice made = chosen;
    if (made == null) {
      Engine engine = Engine.getInstance();
      made = choose(Machine.here(engine, System.getenv()));
      if (!made.device().isGpu()) {
        keepToTheCpu(engine);
      }
      chosen = made;
    }
    return made;
  }

  /** True if a failure of the engine, or what caused it, is that the device has no memory left. */
  public static boolean isOutOfMemory(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String message = t.getMessage() == null ? "" : t.getMessage();
      if (OUT_OF_MEMORY.stream().anyMatch(message::contains)) {
        return true;
      }
    }
    return false;
  }

  /** Gives memory that the engine keeps for later use back to the card; nothing on the CPU. */
  public static void release() {
    if (Engine.getInstance().getGpuCount() > 0) {
      JniUtils.emptyCudaCache();
    }
  }

  /** What to do on a machine of which these facts are known. */
  static Choice choose(Machine machine) {
    if (machine.asked().equals("cpu")) {
      return cpu("");
    }
    if (machine.gpus() > 0) {
      String name = machine.card().isEmpty() ? "the first card" : machine.card();
      if (machine.freeBytes() < LEAST_FREE_BYTES) {
        return cpu(
            String.format(
                Locale.ROOT,
                "the card is full: of %s only %,d MB are free, and %,d are needed; end what else"
                    + " uses it (nvidia-smi lists it) and restart the kernel",
                name,
                machine.freeBytes() >> 20,
                LEAST_FREE_BYTES >> 20));
      }
      double free = machine.freeBytes() / 1e9;
      return new Choice(
          Device.gpu(), String.format(Locale.ROOT, "GPU: %s; %.1f GB free", name, free));
    }
    if (!machine.fault().isEmpty()) {
      return cpu(machine.fault());
    }
    if (!machine.card().isEmpty()) {
      return cpu(
          "the engine finds no GPU, although there is "
              + machine.card()
              + "; start the notebooks with environment/lab, which sets it up");
    }
    if (machine.asked().equals("gpu")) {
      return cpu("TINKER_DEVICE asks for a GPU, and neither the engine nor a driver knows of one");
    }
    return cpu("");
  }

  private static Choice cpu(String why) {
    return new Choice(Device.cpu(), why.isEmpty() ? "CPU" : "CPU: " + why);
  }

  /**
   * Makes the CPU the engine's own default as well, where it counts a GPU that is not to be used:
   * it has no setting for that, and arrays made without naming a device would lie apart from the
   * models.
   */
  private static void keepToTheCpu(Engine engine) {
    if (engine.getGpuCount() == 0) {
      return;
    }
    try {
      Field field = Engine.class.getDeclaredField("defaultDevice");
      field.setAccessible(true);
      field.set(engine, Device.cpu());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this engine cannot be kept off the GPU; set CUDA_VISIBLE_DEVICES to nothing instead", e);
    }
  }

  /** Models made from now on lie on {@code device}; null for what the machine speaks for. */
  static synchronized void use(@Nullable Device device) {
    chosen = device == null ? null : new Choice(device, device.isGpu() ? "GPU: asked" : "CPU");
  }
}
