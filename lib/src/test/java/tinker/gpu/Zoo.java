package tinker.gpu;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import tinker.data.Batch;
import tinker.data.PairBatches;
import tinker.data.Pairs;
import tinker.data.TextBatches;
import tinker.data.TokenStreams;
import tinker.data.WordVectors;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
import tinker.matching.Matching;
import tinker.matching.SiameseLstm;
import tinker.model.BagOfWords;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.model.RecurrentClassifier;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.model.TextCnn;
import tinker.model.TextCnnOptions;
import tinker.model.TextGenRnn;
import tinker.model.TextGenRnnOptions;
import tinker.nn.Leaves;
import tinker.nn.OnDevice;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.TrainableClassifier;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Pair;
import tinker.text.Reading;
import tinker.text.Vocabulary;

/** Every model of the library in a small size, with a batch for it. */
record Zoo(String name, Supplier<Trainable> model, Batch batch) {
  static final Corpus TEXT = Corpus.ofText("made up", madeUp(4000, 1));
  static final Vocabulary CHARS = Vocabulary.ofCharacters(TEXT);

  private static String madeUp(int length, long seed) {
    var random = new Random(seed);
    var text = new StringBuilder();
    while (text.length() < length) {
      for (int i = 1 + random.nextInt(6); i > 0; i--) {
        text.append((char) ('a' + (int) (26 * Math.pow(random.nextDouble(), 2))));
      }
      text.append(random.nextInt(9) == 0 ? '\n' : ' ');
    }
    return text.toString();
  }

  static List<Zoo> all() {
    var all = new ArrayList<Zoo>();
    Iterator<Batch> streams = TokenStreams.of(TEXT, CHARS, 6, 20).epoch(1, 0);
    streams.next();
    Batch stream = streams.next(); // goes on from the one before: in training, with its state
    RecurrentOptions size = RecurrentOptions.of(2, 24).embedding(12).seed(3);
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      all.add(new Zoo(kind + " 2x24", () -> RecurrentModel.of(kind, CHARS, size), stream));
      all.add(
          new Zoo(
              kind + " by hand",
              () -> RecurrentModel.of(kind, CHARS, size.computedByHand()),
              stream));
    }
    all.add(
        new Zoo(
            "neural n-gram",
            () -> NeuralNGram.of(CHARS, NeuralNGramOptions.of(4, 8, 24).seed(3)),
            stream));
    all.add(
        new Zoo(
            "textgenrnn",
            () ->
                TextGenRnn.of(
                    CHARS,
                    TextGenRnnOptions.characters().window(10).embedding(12).layers(2, 16).seed(3)),
            stream));

    Labelled texts = texts();
    Reading words = Reading.words(texts, 1);
    List<String> classes = texts.classes();
    Batch rows = TextBatches.of(texts, words, 12).epoch(1, 0).next();
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      all.add(
          new Zoo(
              kind + " classifier",
              () -> RecurrentClassifier.of(kind, words, classes, size),
              rows));
      all.add(
          new Zoo(
              kind + " classifier both ways",
              () -> RecurrentClassifier.bothWays(kind, words, classes, size),
              rows));
    }
    TextCnnOptions cnn = TextCnnOptions.of(10, 8).widths(1, 3, 5).seed(3);
    all.add(new Zoo("CNN", () -> TextCnn.of(words, classes, cnn), rows));
    all.add(new Zoo("CNN without dropout", () -> TextCnn.of(words, classes, cnn.dropout(0)), rows));
    all.add(new Zoo("bag of words", () -> BagOfWords.of(words, classes), rows));

    Pairs pairs = pairs();
    Vocabulary letters = PairBatches.letters(pairs);
    Batch sides = PairBatches.of(pairs, WordVectors.random(16, 1), letters, 8).epoch(1, 0).next();
    BimpmOptions paper =
        BimpmOptions.paper().letters(6, 8).hidden(12).perspectives(5).dropout(0).seed(3);
    for (Matching matching : Matching.values()) {
      all.add(
          new Zoo(
              "BiMPM, " + matching,
              () -> BimpmModel.of(16, letters.size(), 2, paper.matchings(matching)),
              sides));
    }
    all.add(new Zoo("BiMPM", () -> BimpmModel.of(16, letters.size(), 2, paper), sides));
    all.add(
        new Zoo(
            "BiMPM, plain cosine",
            () -> BimpmModel.of(16, letters.size(), 2, paper.perspectives(0)),
            sides));
    all.add(new Zoo("Siamese", () -> SiameseLstm.of(16, letters.size(), 2, paper), sides));
    return all;
  }

  private static Labelled texts() {
    var examples = new ArrayList<Example>();
    String[] lines = madeUp(600, 2).split("\n");
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        examples.add(new Example(lines[i], i % 3 == 0 ? "a" : "b"));
      }
    }
    return Labelled.of("made up", examples);
  }

  private static Pairs pairs() {
    var pairs = new ArrayList<Pair>();
    String[] words = madeUp(900, 3).split("\\s+");
    for (int i = 0; i < 8; i++) {
      String first = String.join(" ", List.of(words).subList(9 * i, 9 * i + 3 + i % 4));
      String second = String.join(" ", List.of(words).subList(9 * i + 4, 9 * i + 6 + i % 3));
      pairs.add(new Pair(String.valueOf(i), first, second, i % 2 == 0 ? "a" : "b", ""));
    }
    return Pairs.of("made up", List.of("a", "b"), pairs);
  }

  /**
   * What the model makes of its batch on {@code device}, in evaluation: the loss, the logits of a
   * classifier, and the gradient of every parameter.
   */
  Map<String, float[]> numbers(Device device) {
    return OnDevice.call(device, () -> numbers(model.get(), device));
  }

  Map<String, float[]> numbers(Trainable made, Device device) {
    var numbers = new LinkedHashMap<String, float[]>();
    try (AutoCloseable closing = (AutoCloseable) made;
        NDManager manager = NDManager.newBaseManager(device);
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDList inputs = batch.inputs(manager);
      var leaves = new Leaves(manager);
      if (made instanceof TrainableClassifier classifier) {
        numbers.put("logits", classifier.logits(leaves, inputs, false).toFloatArray());
      }
      NDArray loss = made.loss(leaves, inputs, batch.labels(manager), new NDList(), false).loss();
      collector.backward(loss);
      numbers.put("loss", loss.toFloatArray());
      List<NDArray> gradients = leaves.gradients(made.block());
      int i = 0;
      for (var parameter : Weights.of(made.block()).entrySet()) {
        if (parameter.getValue().requiresGradient()) {
          numbers.put(parameter.getKey(), gradients.get(i++).toFloatArray());
        }
      }
      return numbers;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The largest difference, and where. */
  static String apart(Map<String, float[]> one, Map<String, float[]> other, double allowed) {
    double most = 0;
    String where = "";
    if (!one.keySet().equals(other.keySet())) {
      return "other names: " + one.keySet() + " and " + other.keySet();
    }
    for (String name : one.keySet()) {
      float[] a = one.get(name);
      float[] b = other.get(name);
      if (a.length != b.length) {
        return name + " has " + a.length + " and " + b.length + " numbers";
      }
      for (int i = 0; i < a.length; i++) {
        double difference = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(a[i]));
        // Written so that no number is never near another.
        if (!(difference <= most)) {
          most = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
          where = name + "[" + i + "]: " + a[i] + " and " + b[i];
        }
      }
    }
    return most <= allowed ? "" : where;
  }

  @Override
  public String toString() {
    return name;
  }
}
