package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tinker.data.MovieReviews;
import tinker.data.Surnames;
import tinker.data.TextBatches;
import tinker.data.Trec;
import tinker.data.WordVectors;
import tinker.model.NaiveBayes;
import tinker.model.NeuralClassifier;
import tinker.model.RecurrentClassifier;
import tinker.model.RecurrentOptions;
import tinker.model.Scores;
import tinker.model.TextCnn;
import tinker.model.TextCnnOptions;
import tinker.text.Labelled;
import tinker.text.LabelledSplit;
import tinker.text.Reading;
import tinker.train.Fit;
import tinker.train.FitOptions;

/**
 * Accuracy of the text classifiers on test parts, as means over several seeds. Settings were chosen
 * on validation parts. Each seed draws the split, the first weights and the order.
 */
final class ClassifyBenchmarks {
  private static final int SEEDS = 3;

  private ClassifyBenchmarks() {}

  static List<Benchmark> all() {
    return List.of(
        Benchmark.slow(
            "classify/surnames-16",
            "GRU on the bundled surnames, beside naive Bayes on the same splits",
            () -> surnames("classify/surnames-16", Surnames.bundled(), 3, 0.02, 32, 0.3, 20, 32)),
        Benchmark.slow(
            "classify/surnames-18",
            "GRU on 18 nationalities, deduplicated, beside naive Bayes on the same splits",
            () ->
                surnames(
                    "classify/surnames-18",
                    Surnames.nationalities().map(Surnames::plain).distinct(),
                    5,
                    0.1,
                    48,
                    0.2,
                    8,
                    64)),
        Benchmark.slow(
            "classify/trec", "CNN on TREC questions, beside Kim (2014)", ClassifyBenchmarks::trec),
        Benchmark.slow(
            "classify/mr",
            "CNN on MR, the first three of ten folds, beside Kim (2014)",
            ClassifyBenchmarks::mr));
  }

  private static Row surnames(
      String name,
      Labelled data,
      int longest,
      double add,
      int embedding,
      double dropout,
      int epochs,
      int batch) {
    var ours = new ArrayList<Double>();
    var theirs = new ArrayList<Double>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      LabelledSplit split = data.split(0.72, 0.08, 0.2, seed, Surnames::plain);
      Reading letters = Reading.characters(split.train());
      var options = RecurrentOptions.of(1, 128).embedding(embedding).dropout(dropout).seed(seed);
      try (var model = RecurrentClassifier.gru(letters, data.classes(), options)) {
        var fit =
            FitOptions.epochs(epochs)
                .oneCycle(6e-3)
                .weightDecay(epochs > 10 ? 0.1 : 0.01)
                .seed(seed);
        Fit.of(model, TextBatches.of(split.train(), letters, batch), null, fit);
        ours.add(report(model, split.test()));
      }
      NaiveBayes bayes = NaiveBayes.letters(split.train(), longest, add);
      theirs.add(Scores.of(bayes, split.test()).accuracy());
    }
    return Row.measured(name, mean(ours), mean(theirs), "naive Bayes", "accuracy");
  }

  private static Row trec() throws IOException {
    Labelled train = Trec.train();
    Labelled test = Trec.test();
    var ours = new ArrayList<Double>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      LabelledSplit split = train.split(0.9, 0.1, 0, seed);
      var options = TextCnnOptions.of(50, 100).seed(seed);
      ours.add(cnn(new LabelledSplit(split.train(), split.validation(), test), options, 10, 2e-3));
    }
    return Row.stated("classify/trec", mean(ours), 0.912, "Kim 2014, random", "accuracy");
  }

  private static Row mr() throws IOException {
    var ours = new ArrayList<Double>();
    List<LabelledSplit> folds = MovieReviews.load().folds(10, 1);
    for (int fold = 0; fold < SEEDS; fold++) {
      ours.add(cnn(folds.get(fold), TextCnnOptions.of(50, 50).seed(fold), 4, 3e-3));
    }
    return Row.stated("classify/mr", mean(ours), 0.761, "Kim 2014, random", "accuracy");
  }

  private static double cnn(LabelledSplit split, TextCnnOptions options, int epochs, double rate)
      throws IOException {
    Reading words = Reading.words(split.train(), 1);
    Map<String, float[]> vectors = WordVectors.frequent();
    try (var model = TextCnn.of(words, split.train().classes(), options)) {
      model.begin(vectors);
      var fit = FitOptions.epochs(epochs).oneCycle(rate).weightDecay(0.1).seed(options.seed());
      Fit.of(model, TextBatches.of(split.train(), words, 32), null, fit);
      return report(model, split.test());
    }
  }

  /** Accuracy; the rest goes to the terminal, one line a seed. */
  private static double report(NeuralClassifier model, Labelled test) {
    Scores scores = Scores.of(model, test);
    System.err.println(String.format(Locale.ROOT, "  %s", scores));
    return scores.accuracy();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElseThrow();
  }
}
