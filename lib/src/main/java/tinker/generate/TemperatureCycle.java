package tinker.generate;

import java.util.List;

/**
 * Another temperature for each token, in turn, as textgenrnn has it: {@code (1.0, 0.5, 0.2, 0.2)}
 * lets one token in four be bold and the others follow it safely. Which one is in force is decided
 * by the number of tokens that stand before, the prime included.
 *
 * @param values at least one, each as {@link Temperature} takes it
 */
public record TemperatureCycle(List<Double> values) implements Sampler {
  /**
   * @throws IllegalArgumentException if there is none, or one is out of range
   */
  public TemperatureCycle {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a temperature cycle needs at least 1 temperature, not 0");
    }
    values.forEach(Temperature::new);
  }

  /** The same from numbers: {@code TemperatureCycle.of(1.0, 0.5, 0.2, 0.2)}. */
  public static TemperatureCycle of(double... values) {
    return new TemperatureCycle(java.util.Arrays.stream(values).boxed().toList());
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    double now = values.get(written.length % values.size());
    return new Temperature(now).adjust(logProbabilities, written);
  }
}
