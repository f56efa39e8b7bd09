package tinker.plot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tinker.matching.BimpmModel;
import tinker.matching.Matching;
import tinker.matching.SiameseLstm;
import tinker.model.BagOfWords;
import tinker.model.Classifier;
import tinker.model.LanguageModel;
import tinker.model.NeuralNGram;
import tinker.model.TextCnn;
import tinker.model.TextGenRnn;
import tinker.nn.Layer;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Tokenized;

/**
 * The computational graph of a model: its operations with the shape each gives and how many
 * parameters it has. The counts and sizes are read from the model's own parameters.
 */
final class ModelGraph {
  private static final Pattern RECURRENT =
      Pattern.compile("(.*)\\.(?:weight|bias)_[ih]h_l(\\d+)(_reverse)?");

  private final Map<String, Layer> parameters = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private ModelGraph(Collection<Layer> layers) {
    layers.forEach(layer -> parameters.put(layer.name(), layer));
  }

  static Picture of(Trainable model) {
    var graph = new ModelGraph(Weights.table(model.block()));
    graph.draw(model);
    String title = model.toString().split(":", 2)[0];
    if (model instanceof LanguageModel language) {
      title = language.name();
    } else if (model instanceof Classifier classifier) {
      title = classifier.name();
    }
    return new GraphDrawing(title, graph.nodes).draw();
  }

  private void draw(Trainable model) {
    if (model instanceof NeuralNGram ngram) {
      neuralNGram(ngram.options().order());
    } else if (model instanceof TextGenRnn) {
      textGenRnn();
    } else if (model instanceof TextCnn cnn) {
      cnn(cnn);
    } else if (model instanceof BagOfWords) {
      add("token ids", "(B, T)");
      learned(
          "words.", "weights of the words", shape("B", "T", size("words.weight", 1)), "token ids");
      learned("bias", "sum, each word once", shape("B", size("bias", 0)), "weights of the words");
      add("logits", shape("B", size("bias", 0)), "sum, each word once");
    } else if (model instanceof BimpmModel bimpm) {
      bimpm(bimpm);
    } else if (model instanceof SiameseLstm) {
      siamese();
    } else if (parameters.containsKey("encoder.weight")
        && parameters.containsKey("decoder.weight")) {
      recurrent(model instanceof Tokenized);
    } else {
      plainly();
    }
  }

  /** A language model gives logits after each token, a classifier after the last. */
  private void recurrent(boolean everywhere) {
    add("token ids", "(B, T)");
    learned("encoder.", "embedding", shape("B", "T", size("encoder.weight", 1)), "token ids");
    String last = layers("rnn", "embedding");
    String out = size("decoder.weight", 1);
    if (!everywhere) {
      add("last states", shape("B", out), last);
      last = "last states";
    }
    String classes = size("decoder.weight", 0);
    String given = everywhere ? shape("B", "T", classes) : shape("B", classes);
    learned("decoder.", "linear", given, last);
    add("logits", given, "linear");
  }

  /** All layers under {@code name}, both directions beside each other; what the last is called. */
  private String layers(String name, String input) {
    var levels = new TreeMap<Integer, TreeSet<String>>();
    for (String parameter : parameters.keySet()) {
      Matcher matcher = RECURRENT.matcher(parameter);
      if (matcher.matches() && matcher.group(1).equals(name)) {
        levels
            .computeIfAbsent(Integer.parseInt(matcher.group(2)), k -> new TreeSet<>())
            .add(matcher.group(3) == null ? "" : "_reverse");
      }
    }
    String last = input;
    for (var level : levels.entrySet()) {
      String suffix = "_l" + level.getKey();
      String hidden = size(name + ".weight_hh" + suffix, 1);
      String layer = levels.size() == 1 ? name : name + " layer " + level.getKey();
      if (level.getValue().size() == 1) {
        last = recurrentLayer(layer, name, suffix, shape("B", "T", hidden), last);
      } else {
        String one =
            recurrentLayer(layer + " forward", name, suffix, shape("B", "T", hidden), last);
        String two =
            recurrentLayer(
                layer + " backward", name, suffix + "_reverse", shape("B", "T", hidden), last);
        String both = Integer.toString(2 * Integer.parseInt(hidden));
        last = add(layer + " side by side", shape("B", "T", both), one, two);
      }
    }
    return last;
  }

  private String recurrentLayer(
      String called, String name, String suffix, String gives, String input) {
    long count =
        parameters.values().stream()
            .filter(p -> p.name().startsWith(name + ".") && p.name().endsWith(suffix))
            .mapToLong(Layer::count)
            .sum();
    nodes.add(Node.of(called, detail(gives, count), input));
    return called;
  }

  private void neuralNGram(int order) {
    String read = Integer.toString(order);
    String embedding = size("embedding.weight", 1);
    add("token ids", shape("B", read));
    learned("embedding.", "embedding", shape("B", read, embedding), "token ids");
    add("side by side", shape("B", size("hidden.weight", 1)), "embedding");
    learned("hidden.", "hidden, tanh", shape("B", size("hidden.weight", 0)), "side by side");
    learned("output.", "output", shape("B", size("output.weight", 0)), "hidden, tanh");
    add("logits", shape("B", size("output.weight", 0)), "output");
  }

  private void textGenRnn() {
    add("token ids", "(B, T)");
    learned("embedding.", "embedding", shape("B", "T", size("embedding.weight", 1)), "token ids");
    var joined = new ArrayList<String>(List.of("embedding"));
    String last = "embedding";
    for (int i = 1; parameters.containsKey("rnn_" + i + ".weight_hh_l0"); i++) {
      last = layers("rnn_" + i, last);
      joined.add(last);
    }
    String all = size("attention.weight", 1);
    add("side by side", shape("B", "T", all), joined.toArray(new String[0]));
    learned("attention.", "attention, softmax", "(B, T, T)", "side by side");
    add("average", shape("B", "T", all), "attention, softmax", "side by side");
    String v = size("output.weight", 0);
    learned("output.", "output", shape("B", "T", v), "average");
    add("logits", shape("B", "T", v), "output");
  }

  private void cnn(TextCnn model) {
    add("token ids", "(B, T)");
    learned("embedding.", "embedding", shape("B", "T", size("embedding.weight", 1)), "token ids");
    var maxima = new ArrayList<String>();
    for (int width : model.options().widths()) {
      String name = "conv" + width;
      String filters = size(name + ".weight", 0);
      String length = width == 1 ? "T" : "T-" + (width - 1);
      String conv = learned(name + ".", name + ", ReLU", shape("B", filters, length), "embedding");
      maxima.add(add("max over time " + width, shape("B", filters), conv));
    }
    String all = size("output.weight", 1);
    add("side by side", shape("B", all), maxima.toArray(new String[0]));
    learned("output.", "output", shape("B", size("output.weight", 0)), "side by side");
    add("logits", shape("B", size("output.weight", 0)), "output");
  }

  /** Words and context, which BiMPM and its baseline share; the number of states of a word. */
  private int words() {
    add("first sentences, second sentences", "words, letters: (2B, T)");
    String word = size("context.weight_ih_l0", 1);
    learned("words.", "words", shape("2B", "T", word), "first sentences, second sentences");
    int states = 2 * Integer.parseInt(size("context.weight_hh_l0", 1));
    learned("context.", "context, both ways", shape("2B", "T", "" + states), "words");
    return states;
  }

  private void bimpm(BimpmModel model) {
    words();
    int perspectives = Math.max(1, model.options().perspectives());
    var matched = new ArrayList<String>();
    for (Matching matching : model.options().matchings()) {
      String prefix = "matching." + matching.toString().replace('-', '_') + "_";
      matched.add(
          learned(
              prefix,
              matching.toString(),
              shape("2B", "T", "" + 2 * perspectives),
              "context, both ways"));
    }
    String all = size("aggregation.weight_ih_l0", 1);
    add("side by side", shape("2B", "T", all), matched.toArray(new String[0]));
    String summary = size("prediction.hidden.weight", 1);
    learned("aggregation.", "aggregation, last states", shape("B", summary), "side by side");
    prediction("aggregation, last states");
  }

  private void siamese() {
    int states = words();
    add("last states p, q", shape("B", "" + states), "context, both ways");
    String compared = size("prediction.hidden.weight", 1);
    add("p, q, |p - q|, p \u2218 q", shape("B", compared), "last states p, q");
    prediction("p, q, |p - q|, p \u2218 q");
  }

  private void prediction(String input) {
    String hidden = size("prediction.hidden.weight", 0);
    String classes = size("prediction.output.weight", 0);
    learned("prediction.hidden.", "hidden", shape("B", hidden), input);
    learned("prediction.output.", "output", shape("B", classes), "hidden");
    add("logits", shape("B", classes), "output");
  }

  /** A model of the reader's own: its blocks in their order, without what they give. */
  private void plainly() {
    var groups = new LinkedHashMap<String, List<Layer>>();
    for (Layer layer : parameters.values()) {
      int dot = layer.name().lastIndexOf('.');
      String group = dot < 0 ? layer.name() : layer.name().substring(0, dot);
      groups.computeIfAbsent(group, k -> new ArrayList<>()).add(layer);
    }
    nodes.add(Node.of("inputs", ""));
    groups.forEach(
        (name, layers) -> {
          String shapes = String.join(" ", layers.stream().map(l -> l.shape().toString()).toList());
          long count = layers.stream().mapToLong(Layer::count).sum();
          nodes.add(
              Node.of(
                  name, detail("weights " + shapes, count), nodes.get(nodes.size() - 1).name()));
        });
    nodes.add(Node.of("logits", "", nodes.get(nodes.size() - 1).name()));
  }

  /** A box without parameters. */
  private String add(String name, String gives, String... inputs) {
    nodes.add(Node.of(name, gives, inputs));
    return name;
  }

  /** A box with the parameters whose names begin with {@code prefix}. */
  private String learned(String prefix, String name, String gives, String... inputs) {
    long count =
        parameters.values().stream()
            .filter(p -> p.name().startsWith(prefix))
            .mapToLong(Layer::count)
            .sum();
    return add(name, detail(gives, count), inputs);
  }

  private static String detail(String gives, long count) {
    // The plain cosine has none.
    return count == 0 ? gives : String.format(Locale.ROOT, "%s: %,d parameters", gives, count);
  }

  private static String shape(String... sizes) {
    return "(" + String.join(", ", sizes) + ")";
  }

  /** One of the sizes of a parameter. */
  private String size(String name, int axis) {
    Layer layer = parameters.get(name);
    if (layer == null) {
      throw new IllegalStateException("no parameter " + name + " among " + parameters.keySet());
    }
    return Long.toString(layer.shape().get(axis));
  }
}
