package tinker.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Several rules, one after the other. */
record Chain(List<Sampler> samplers) implements Sampler {
  static Chain of(Sampler first, Sampler second) {
    var all = new ArrayList<Sampler>();
    for (Sampler sampler : List.of(first, second)) {
      if (sampler instanceof Chain chain) {
        all.addAll(chain.samplers);
      } else {
        all.add(sampler);
      }
    }
    return new Chain(List.copyOf(all));
  }

  @Override
  public double[] adjust(double[] logProbabilities, int... written) {
    LogProbabilities.largest(logProbabilities);
    double[] adjusted = logProbabilities.clone();
    for (Sampler sampler : samplers) {
      adjusted = sampler.adjust(adjusted, written);
    }
    return adjusted;
  }

  @Override
  public String toString() {
    return samplers.stream().map(Sampler::toString).collect(Collectors.joining(", then "));
  }
}
