package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tinker.data.PairBatches;
import tinker.data.PairSplit;
import tinker.data.Pairs;
import tinker.data.Quora;
import tinker.data.Sick;
import tinker.data.WikiQa;
import tinker.data.WordVectors;
import tinker.matching.BagBaseline;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.matching.Matching;
import tinker.text.Vocabulary;
import tinker.train.Estimate;
import tinker.train.Fit;
import tinker.train.FitOptions;
import tinker.train.Predictions;
import tinker.train.Ranking;

/**
 * What BiMPM reaches on SICK, WikiQA and Quora: the mean of three seeds on the test part, of the
 * epoch with the lowest loss on the validation part. Each takes many minutes. {@code
 * TINKER_BENCH_EPOCHS} and {@code TINKER_BENCH_SEEDS} make it shorter or longer.
 */
final class MatchingResultBenchmarks {
  private static final BimpmOptions SMALL =
      BimpmOptions.paper().letters(20, 20).hidden(50).perspectives(10);

  /** Sizes, highest rate and epochs, chosen on validation parts. */
  record Setting(BimpmOptions options, double rate, int epochs) {}

  private static final Setting SICK = new Setting(SMALL, 2e-3, 8);

  /** That of notebook 20. */
  private static final Setting ABLATION = new Setting(SMALL, 2e-3, 5);

  private static final Setting WIKIQA = new Setting(SMALL, 2e-3, 4);
  private static final Setting QUORA = new Setting(SMALL.hidden(100).perspectives(20), 1e-3, 4);

  /** Share right of the whole model, once it has been trained for the ablation. */
  private static double whole = Double.NaN;

  private MatchingResultBenchmarks() {}

  static List<Benchmark> all() {
    var all = new ArrayList<>(results());
    all.addAll(List.of(fewerOfQuora(1000, 16), fewerOfQuora(2000, 16), fewerOfQuora(4000, 8)));
    for (Matching matching : Matching.values()) {
      all.add(ablation("without-" + matching, SMALL.without(matching)));
    }
    all.add(ablation("first-only", SMALL.ways(BimpmOptions.Ways.FIRST_ONLY)));
    all.add(ablation("second-only", SMALL.ways(BimpmOptions.Ways.SECOND_ONLY)));
    return all;
  }

  /** What is lost on SICK without a part, beside the whole model, which one run trains once. */
  private static Benchmark ablation(String part, BimpmOptions options) {
    String name = "bimpm/ablation-" + part;
    return Benchmark.slow(
        name,
        "BiMPM on SICK with a part left out, test accuracy, mean of three seeds",
        () -> {
          if (Double.isNaN(whole)) {
            whole = run("bimpm/ablation", ABLATION, Sick.load(), "the goal", 0.80).ours();
          }
          var without = new Setting(options, ABLATION.rate(), ABLATION.epochs());
          return run(name, without, Sick.load(), "everything, same run", whole);
        });
  }

  private static List<Benchmark> results() {
    return List.of(
        Benchmark.slow(
            "bimpm/sick",
            "BiMPM on SICK's entailment task, test accuracy, mean of three seeds",
            () -> run("bimpm/sick", SICK, Sick.load(), "the goal", 0.80)),
        Benchmark.slow(
            "bimpm/wikiqa",
            "BiMPM on WikiQA, MAP over the 243 test questions, mean of three seeds",
            () -> run("bimpm/wikiqa", WIKIQA, fewer(WikiQa.load()), "the goal", 0.65)),
        Benchmark.slow(
            "bimpm/quora",
            "BiMPM on 8,000 of 10,000 pairs of Quora, test accuracy, beside 5 points over a bag of"
                + " words",
            () -> quora("bimpm/quora", QUORA, quora())));
  }

  /**
   * The learning curve: a part of the training pairs, with more epochs, tested on the same pairs.
   */
  private static Benchmark fewerOfQuora(int pairs, int epochs) {
    String name = "bimpm/learning-curve-" + pairs;
    return Benchmark.slow(
        name,
        "the same as bimpm/quora, after training on " + pairs + " pairs",
        () -> {
          PairSplit split = quora();
          Pairs train = split.train().sample(pairs, 7);
          return quora(
              name,
              new Setting(QUORA.options(), QUORA.rate(), epochs),
              new PairSplit(train, split.validation(), split.test()));
        });
  }

  private static PairSplit quora() throws IOException {
    return Quora.load().split(0.8, 0.1, 0.1, 7);
  }

  private static Row quora(String name, Setting setting, PairSplit split) throws IOException {
    var bag = BagBaseline.train(split.train().all(), split.train().labels(), 1e-4, 7);
    double validation = accuracy(bag, split.validation());
    double test = accuracy(bag, split.test());
    System.err.printf(
        Locale.ROOT, "%s: bag of words: validation %.4f, test %.4f%n", name, validation, test);
    return run(name, setting, split, "bag of words + 5 points, same run", test + 0.05);
  }

  private static double accuracy(BagBaseline bag, Pairs pairs) {
    return Predictions.of(bag.probabilities(pairs.all()), pairs.classes()).accuracy().value();
  }

  private static int setting(String name, int usual) {
    String given = System.getenv(name);
    return given == null || given.isBlank() ? usual : Integer.parseInt(given);
  }

  /** Four wrong answers for each right one in training; the others teach little. */
  private static PairSplit fewer(PairSplit split) {
    Pairs right = split.train().where(pair -> pair.label().equals("answer"));
    Pairs wrong = split.train().where(pair -> pair.label().equals("other"));
    var kept = new ArrayList<>(right.all());
    kept.addAll(wrong.sample(4 * right.size(), 7).all());
    Pairs train = Pairs.of("WikiQA train", split.train().labels(), kept);
    return new PairSplit(train, split.validation(), split.test());
  }

  static Row run(String name, Setting setting, PairSplit split, String source, double reference)
      throws IOException {
    int epochs = setting("TINKER_BENCH_EPOCHS", setting.epochs());
    var words = new LinkedHashSet<String>();
    Stream.of(split.train(), split.validation(), split.test())
        .forEach(pairs -> words.addAll(pairs.words()));
    WordVectors vectors = WordVectors.load(words, 7);
    Vocabulary letters = PairBatches.letters(split.train());
    ToDoubleBiFunction<Pairs, Predictions> measure =
        name.endsWith("wikiqa")
            ? (pairs, said) -> Ranking.of(said, pairs.groups(), 1).map().value()
            : (pairs, said) -> said.accuracy().value();
    List<Predictions> said =
        LongStream.range(7, 7 + setting("TINKER_BENCH_SEEDS", 3))
            .mapToObj(seed -> one(name, setting, seed, split, vectors, letters, epochs, measure))
            .toList();
    double[] reached =
        said.stream().mapToDouble(one -> measure.applyAsDouble(split.test(), one)).toArray();
    System.err.printf(
        Locale.ROOT,
        "%s: %d epochs, mean %s, deviation %.4f; all together %.4f%n",
        name,
        epochs,
        Estimate.ofSeeds(reached),
        Estimate.deviation(reached),
        measure.applyAsDouble(split.test(), together(said, split.test())));
    return Row.stated(name, Estimate.ofSeeds(reached).value(), reference, source, "share or MAP");
  }

  /** An ensemble, as the paper has it for SNLI: the mean of the models' probabilities. */
  private static Predictions together(List<Predictions> all, Pairs pairs) {
    double[][] mean = new double[pairs.size()][pairs.labels().size()];
    for (Predictions one : all) {
      for (int i = 0; i < mean.length; i++) {
        for (int c = 0; c < mean[i].length; c++) {
          mean[i][c] += one.probability(i, c) / all.size();
        }
      }
    }
    return Predictions.of(mean, pairs.classes());
  }

  private static Predictions one(
      String name,
      Setting setting,
      long seed,
      PairSplit split,
      WordVectors vectors,
      Vocabulary letters,
      int epochs,
      ToDoubleBiFunction<Pairs, Predictions> measure) {
    BimpmOptions options = setting.options().seed(seed);
    var train = PairBatches.of(split.train(), vectors, letters, 32, 40, 16).shuffled();
    var validation = PairBatches.of(split.validation(), vectors, letters, 64, 40, 16);
    var test = PairBatches.of(split.test(), vectors, letters, 64, 40, 16);
    int labels = split.train().labels().size();
    try (var model = BimpmModel.of(vectors.width(), letters.size(), labels, options)) {
      Fit fit =
          Fit.of(
              model,
              train,
              validation,
              FitOptions.epochs(epochs).oneCycle(setting.rate()).patience(epochs).seed(seed));
      Predictions said = Predictions.of(model, test);
      System.err.printf(
          Locale.ROOT,
          "%s, seed %d: %s; validation %.4f, test %s%n",
          name,
          seed,
          fit,
          measure.applyAsDouble(split.validation(), Predictions.of(model, validation)),
          said);
      return said;
    }
  }
}
