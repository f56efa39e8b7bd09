package tinker.notebook;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import tinker.nn.Compute;
import tinker.nn.Frozen;
import tinker.nn.Initialiser;
import tinker.nn.Recurrent;
import tinker.nn.Weights;

/**
 * What {@code environment/lab} asks of Java on a machine with a GPU:
 *
 * <pre>
 * GpuSetup fetch FOLDER     brings PyTorch's libraries for CUDA into FOLDER
 * GpuSetup probe            computes on the card and compares with the CPU
 * </pre>
 *
 * <p>Standard output is empty and the exit status 0 if all is well; else it is one sentence that
 * says why the CPU has to do.
 */
final class GpuSetup {
  /** How far an LSTM's outputs may be from the CPU's; TF32 would be off by ten times as much. */
  private static final double TOLERANCE = 1e-4;

  private GpuSetup() {}

  /** A reason to use the CPU, as a sentence. */
  static final class Declined extends Exception {
    private static final long serialVersionUID = 1;

    Declined(String sentence) {
      super(sentence);
    }
  }

  public static void main(String[] arguments) {
    int status;
    try {
      run(arguments, System.err);
      status = 0;
    } catch (Declined e) {
      System.out.println(e.getMessage());
      status = 1;
    } catch (Exception | LinkageError e) {
      System.out.println(explain(e));
      status = 1;
    }
    System.out.flush();
    // A driver in trouble can keep threads of the engine from ending.
    Runtime.getRuntime().halt(status);
  }

  private static void run(String[] arguments, PrintStream told) throws Exception {
    if (arguments.length == 2 && arguments[0].equals("fetch")) {
      Path folder = Path.of(arguments[1]);
      TorchLibraries.of(URI.create("https://publish.djl.ai/pytorch/"), folder, told).fetch();
    } else if (arguments.length == 1 && arguments[0].equals("probe")) {
      probe(told);
    } else {
      throw new IllegalArgumentException("usage: GpuSetup fetch FOLDER, or GpuSetup probe");
    }
  }

  private static void probe(PrintStream told) throws Declined {
    Engine engine = Engine.getInstance();
    if (!engine.hasCapability(StandardCapabilities.CUDA)) {
      throw new Declined("PyTorch was loaded, but says that it cannot use CUDA on this machine");
    }
    if (CudaUtils.getGpuCount() == 0) {
      throw new Declined(runtime());
    }
    if (!Compute.isGpu()) {
      throw new Declined(Compute.said().replaceFirst("^CPU: ", ""));
    }
    double apart = apart(Compute.device());
    if (!(apart < TOLERANCE)) {
      throw new Declined(
          String.format(
              Locale.ROOT,
              "a small LSTM gives other numbers on the card than on the CPU (%.2g apart; %.0e is"
                  + " allowed)",
              apart,
              TOLERANCE));
    }
    told.printf(
        Locale.ROOT,
        "tinker: %s; a small LSTM agrees with the CPU to %.1g%n",
        Compute.said(),
        Math.max(apart, 1e-9));
  }

  /** Why the runtime counts no card. */
  private static String runtime() {
    try {
      int version = CudaUtils.getCudaVersion();
      return String.format(
          Locale.ROOT,
          "the CUDA runtime %d.%d finds no card that it can use; the driver may be too old for it",
          version / 1000,
          version / 10 % 100);
    } catch (IllegalStateException e) {
      return "Java does not find the CUDA runtime (libcudart.so)";
    }
  }

  /** The largest difference between what an LSTM gives on {@code device} and on the CPU. */
  static double apart(Device device) {
    float[] there = lstm(device);
    float[] here = lstm(Device.cpu());
    double most = 0;
    for (int i = 0; i < here.length; i++) {
      most = Math.max(most, Math.abs(here[i] - there[i]));
      if (Float.isNaN(there[i])) {
        return Double.NaN;
      }
    }
    return most;
  }

  private static float[] lstm(Device device) {
    try (NDManager manager = NDManager.newBaseManager(device)) {
      var lstm = new Recurrent(Recurrent.Kind.LSTM, 64, 128, 2, 0);
      var shape = new Shape(8, 16, 64);
      Weights.initialise(
          lstm, manager, 7, (String name) -> Initialiser.uniformByRows(), new Shape(1, 1, 64));
      float[] inputs = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = (float) Math.sin(0.1 * i);
      }
      NDArray read = manager.create(inputs, shape);
      return lstm.forward(new Frozen(manager), new NDList(read), false).get(0).toFloatArray();
    }
  }

  /** What a failure of the engine means for someone who wants to use a GPU. */
  static String explain(Throwable failure) {
    if (Compute.isOutOfMemory(failure)) {
      return "the card is full: the engine found no memory for a small LSTM";
    }
    String all = "";
    for (Throwable t = failure; t != null; t = t.getCause()) {
      all += t.getMessage() + "\n";
    }
    if (all.contains("libcuda.so")) {
      return "the driver's library libcuda.so.1 cannot be loaded";
    }
    if (all.contains("driver version is insufficient") || all.contains("driver is too old")) {
      return "the driver is too old for this build of PyTorch";
    }
    if (all.contains("no kernel image is available")) {
      return "the card is of a kind that this build of PyTorch no longer knows";
    }
    if (all.contains("No space left on device")) {
      return "there is no room left on the disk";
    }
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    String reason =
        first.getMessage() == null ? first.getClass().getSimpleName() : first.getMessage();
    return "the engine for GPUs does not start: "
        + Renderings.shortened(reason.strip().replaceAll("\\s+", " "), 300);
  }
}
