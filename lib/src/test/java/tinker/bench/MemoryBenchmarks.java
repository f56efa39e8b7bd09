package tinker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tinker.data.Batches;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.Surnames;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.data.WordVectors;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.matching.SiameseLstm;
import tinker.model.BagOfWords;
import tinker.model.NeuralClassifier;
import tinker.model.NeuralModel;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.model.RecurrentClassifier;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.model.TextCnn;
import tinker.model.TextCnnOptions;
import tinker.model.TextGenRnn;
import tinker.model.TextGenRnnOptions;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.text.Corpus;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;
import tinker.train.FitOptions;
import tinker.train.TrainingStep;

/** Memory that training keeps: native memory that is not given back would show here. */
final class MemoryBenchmarks {
  private static final int BEFORE = 100;
  private static final int AFTER = 2_000;
  private static final String BY_HAND = "-by-hand";

  private MemoryBenchmarks() {}

  static List<Benchmark> all() {
    return models().stream().map(MemoryBenchmarks::benchmark).toList();
  }

  /** One of each sort of model that is trained. */
  static List<String> models() {
    var models = new ArrayList<String>();
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      models.addAll(List.of(name, name + BY_HAND));
    }
    models.addAll(
        List.of("ngram", "textgenrnn", "bag", "surnames", "both-ways", "cnn", "siamese", "bimpm"));
    return models;
  }

  private static Benchmark benchmark(String model) {
    String name = "train/memory-" + model;
    return Benchmark.slow(
        name,
        "resident memory after 2,000 training steps, beside that after 100",
        () -> {
          // A heap that is whole from the beginning and a compiler that needs little, so that
          // only what training keeps can grow.
          Map<String, Double> found =
              Child.run(
                  List.of(
                      "-Xms256m",
                      "-Xmx256m",
                      "-XX:+AlwaysPreTouch",
                      "-XX:+UseSerialGC",
                      "-XX:TieredStopAtLevel=1",
                      "-Dai.djl.pytorch.num_threads=1"),
                  Steps.class,
                  model);
          return new Row(
              name,
              found.get("after"),
              found.get("before"),
              "after " + BEFORE + " steps",
              "MB",
              true);
        });
  }

  /** Trains and looks at its memory; run by a Java of its own. */
  static final class Steps {
    private Steps() {}

    public static void main(String[] arguments) throws IOException {
      FitOptions options = FitOptions.epochs(1).rate(1e-3);
      with(
          arguments[0],
          (model, batches) -> {
            TrainingStep.repeat(model, batches, options, BEFORE);
            System.out.println("before " + Child.residentMegabytes("VmRSS"));
            TrainingStep.repeat(model, batches, options, AFTER - BEFORE);
            System.out.println("after " + Child.residentMegabytes("VmRSS"));
          });
    }
  }

  /** What is done with a model and the batches it learns from. */
  interface Use {
    void of(Trainable model, Batches batches) throws IOException;
  }

  /** Hands over a new model, to be closed afterwards. */
  static void with(String model, Use use) throws IOException {
    switch (model) {
      case "siamese", "bimpm" -> pairs(model, use);
      case "bag", "surnames", "both-ways", "cnn" -> surnames(model, use);
      default -> text(model, use);
    }
  }

  private static void text(String name, Use use) throws IOException {
    Corpus corpus = Corpus.ofText("made up", Texts.madeUp(300_000));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    TokenStreams batches = TokenStreams.of(corpus, vocabulary, 50, 50);
    try (NeuralModel model =
        switch (name) {
          case "ngram" -> NeuralNGram.of(vocabulary, NeuralNGramOptions.of(6, 32, 128));
          case "textgenrnn" -> TextGenRnn.of(vocabulary, TextGenRnnOptions.characters());
          default -> recurrent(name, vocabulary);
        }) {
      use.of(model, batches);
    }
  }

  private static NeuralModel recurrent(String name, Vocabulary vocabulary) {
    RecurrentOptions size = RecurrentOptions.of(2, 128);
    String kind = name.replace(BY_HAND, "").toUpperCase(Locale.ROOT);
    return RecurrentModel.of(
        Recurrent.Kind.valueOf(kind),
        vocabulary,
        name.endsWith(BY_HAND) ? size.computedByHand() : size);
  }

  private static void surnames(String name, Use use) throws IOException {
    Labelled data = Surnames.bundled();
    Reading letters = Reading.characters(data);
    List<String> classes = data.classes();
    RecurrentOptions size = RecurrentOptions.of(1, 128);
    try (NeuralClassifier model =
        switch (name) {
          case "bag" -> BagOfWords.of(letters, classes);
          case "cnn" -> TextCnn.of(letters, classes, TextCnnOptions.of(32, 100));
          case "both-ways" ->
              RecurrentClassifier.bothWays(Recurrent.Kind.LSTM, letters, classes, size);
          default -> RecurrentClassifier.gru(letters, classes, size);
        }) {
      use.of(model, TextBatches.of(data, letters, 32));
    }
  }

  private static void pairs(String name, Use use) throws IOException {
    Pairs pairs = Pairs.bundled();
    Vocabulary letters = PairBatches.letters(pairs);
    PairBatches batches = PairBatches.of(pairs, WordVectors.random(50, 1), letters, 32);
    BimpmOptions options = BimpmOptions.paper().hidden(32).letters(10, 16).perspectives(5);
    int classes = pairs.labels().size();
    if (name.equals("siamese")) {
      try (var model = SiameseLstm.of(50, letters.size(), classes, options)) {
        use.of(model, batches);
      }
    } else {
      try (var model = BimpmModel.of(50, letters.size(), classes, options)) {
        use.of(model, batches);
      }
    }
  }
}
