package tinker.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prints measured numbers, one line each: {@code name | ours | reference | ratio | unit}. Arguments
 * are names or beginnings of names; without any, the quick ones run. {@code --list} tells what
 * there is. {@code environment/bench} starts it.
 */
public final class Bench {
  private Bench() {}

  /** Every benchmark, in the order in which they are listed and run. */
  static List<Benchmark> all() {
    return Stream.of(
            TextBenchmarks.all(),
            NGramBenchmarks.all(),
            TrainBenchmarks.all(),
            MatchingBenchmarks.all(),
            MatchingResultBenchmarks.all(),
            MemoryBenchmarks.all(),
            SampleBenchmarks.all(),
            LossBenchmarks.all(),
            ClassifyBenchmarks.all(),
            GpuBenchmarks.all())
        .flatMap(List::stream)
        .toList();
  }

  /** Runs what is named; the exit status is 1 if one failed and 2 if a name is not known. */
  public static void main(String[] arguments) {
    List<String> names = Arrays.stream(arguments).filter(a -> !a.equals("--list")).toList();
    List<Benchmark> chosen = new ArrayList<>();
    if (names.isEmpty()) {
      boolean list = arguments.length > 0;
      all().stream().filter(b -> list || b.quick()).forEach(chosen::add);
    }
    for (String name : names) {
      List<Benchmark> found = all().stream().filter(b -> b.name().equals(name)).toList();
      if (found.isEmpty()) {
        found = all().stream().filter(b -> b.name().startsWith(name)).toList();
      }
      if (found.isEmpty()) {
        System.err.println("No benchmark is called \"" + name + "\"; --list shows all.");
        System.exit(2);
      }
      chosen.addAll(found);
    }
    if (names.size() < arguments.length) {
      chosen.forEach(
          b -> System.out.println(b.name() + " | " + (b.quick() ? "" : "long: ") + b.what()));
      return;
    }
    System.exit(run(chosen) ? 0 : 1);
  }

  private static boolean run(List<Benchmark> chosen) {
    boolean good = true;
    System.out.println("name | ours | reference | ratio (above 1: ours is better) | unit");
    for (Benchmark benchmark : chosen) {
      try {
        System.out.println(benchmark.run());
      } catch (Benchmark.Skipped e) {
        System.out.println(benchmark.name() + " | skipped: " + e.getMessage());
      } catch (Exception | Error e) {
        good = false;
        System.out.println(benchmark.name() + " | failed: " + e);
        e.printStackTrace();
      }
    }
    return good;
  }
}
