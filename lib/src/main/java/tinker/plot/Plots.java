package tinker.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.knowm.xchart.internal.chartpart.Chart;
import tinker.generate.Generator;
import tinker.generate.Sampler;
import tinker.model.LanguageModel;
import tinker.nn.Cell;
import tinker.nn.Trainable;
import tinker.text.Vocabulary;
import tinker.train.History;
import tinker.train.LearningRateFinder;

/**
 * Pictures of data, curves and models. Each method gives a {@link Picture} (or, where it answers to
 * the reader, {@link Html}); as the last expression of a cell it shows itself.
 *
 * <pre>{@code
 * Plots.loss(fit.history())
 * Plots.lines("What a longer memory brings", "order", "nats a character",
 *     Line.of("train", orders, onTrain), Line.of("test", orders, onTest))
 * Plots.distribution("After \"the \"", model.logProbabilities(ids), chars, 20)
 * Plots.heatMap("Forget gates", "what is read", "unit", gates, units, characters,
 *     Palette.SEQUENTIAL)
 * }</pre>
 */
public final class Plots {
  private static final double[] SAMPLED = {0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0};

  private Plots() {}

  /**
   * Loss over the steps of one training run: training (smoothed lightly, since single batches
   * differ) and validation.
   */
  public static Picture loss(History history) {
    var lines = new ArrayList<Line>();
    training("training", history, lines);
    validation("validation", history, lines);
    return Charts.lines("Loss", "step", nats(history.unit()), lines);
  }

  /**
   * Validation loss of several runs in one picture; a run with fewer than two validations shows its
   * training loss. Only losses a token, or only losses an example, can be compared.
   */
  public static Picture loss(Map<String, History> runs) {
    var lines = new ArrayList<Line>();
    runs.forEach(
        (name, history) -> {
          if (history.validations().size() > 1) {
            validation(name, history, lines);
          } else {
            training(name, history, lines);
          }
        });
    Set<String> units = runs.values().stream().map(History::unit).collect(Collectors.toSet());
    String unit = units.size() == 1 ? units.iterator().next() : "prediction";
    return Charts.lines("Loss of " + runs.size() + " runs", "step", nats(unit), lines);
  }

  private static String nats(String unit) {
    return "nats " + ("aeiou".indexOf(unit.charAt(0)) < 0 ? "a " : "an ") + unit;
  }

  private static void training(String name, History history, List<Line> lines) {
    List<History.Step> steps = history.steps();
    if (steps.isEmpty()) {
      return;
    }
    double[] x = steps.stream().mapToDouble(History.Step::step).toArray();
    double[] y = steps.stream().mapToDouble(History.Step::loss).toArray();
    lines.add(Line.of(name, x, smoothed(y, Math.max(1, y.length / 100))));
  }

  private static void validation(String name, History history, List<Line> lines) {
    List<History.Validation> all = history.validations();
    if (!all.isEmpty()) {
      lines.add(
          Line.of(
              name,
              all.stream().mapToDouble(History.Validation::step).toArray(),
              all.stream().mapToDouble(History.Validation::loss).toArray()));
    }
  }

  /** Mean over {@code radius} neighbours on both sides, fewer at the ends. */
  static double[] smoothed(double[] values, int radius) {
    double[] means = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(values.length, i + radius + 1);
      means[i] = Arrays.stream(values, from, to).average().orElse(Double.NaN);
    }
    return means;
  }

  /** Learning rate over the steps of a training run. */
  public static Picture rate(History history) {
    return Charts.lines(
        "Learning rate",
        "step",
        "learning rate",
        List.of(
            Line.of(
                "learning rate",
                history.steps().stream().mapToDouble(History.Step::step).toArray(),
                history.steps().stream().mapToDouble(History.Step::rate).toArray())));
  }

  /**
   * What the learning rate finder saw: the loss at each rate, smoothed too, and the rate that it
   * suggests, if it does. What lies more than twice as high as the first loss is left out.
   */
  public static Picture rates(LearningRateFinder finder) {
    double[] all = finder.losses();
    int shown = 0;
    while (shown < all.length && all[shown] <= 2 * all[0]) {
      shown++;
    }
    double[] losses = Arrays.copyOf(all, shown);
    double[] decades = Arrays.stream(finder.rates()).limit(shown).map(Math::log10).toArray();
    var lines = new ArrayList<Line>();
    lines.add(Line.of("each update", decades, losses));
    lines.add(Line.of("smoothed", decades, Arrays.copyOf(finder.smoothed(), shown)));
    finder
        .suggested()
        .ifPresent(
            rate -> {
              double at = Math.log10(rate);
              double low = Arrays.stream(losses).min().orElseThrow();
              double high = Arrays.stream(losses).max().orElseThrow();
              String name = String.format(Locale.ROOT, "suggested: %.2g", rate);
              lines.add(Line.of(name, new double[] {at, at}, new double[] {low, high}));
            });
    return Charts.lines(
        "Loss while the learning rate rises", "learning rate, power of ten", "loss, nats", lines);
  }

  /**
   * A line chart. With up to 30 points a line, each point is marked.
   *
   * @param xLabel what runs to the right, with its unit
   * @param yLabel what runs upwards, with its unit
   */
  public static Picture lines(String title, String xLabel, String yLabel, Line... lines) {
    return Charts.lines(title, xLabel, yLabel, List.of(lines));
  }

  /** Points without lines between them. */
  public static Picture scatter(String title, String xLabel, String yLabel, Line... clouds) {
    return Charts.scatter(title, xLabel, yLabel, List.of(clouds));
  }

  /**
   * Points drawn as their names, coloured by cloud: a map of characters or words.
   *
   * @param names for each cloud the names of its points, as many as it has
   */
  public static Picture scatter(
      String title, String xLabel, String yLabel, List<List<String>> names, Line... clouds) {
    return Charts.named(title, xLabel, yLabel, names, List.of(clouds));
  }

  /** One bar for each entry, in the order of the map. */
  public static Picture bars(
      String title, String xLabel, String yLabel, Map<String, ? extends Number> values) {
    return Charts.bars(
        title,
        xLabel,
        yLabel,
        List.copyOf(values.keySet()),
        Map.of(yLabel, values.values().stream().mapToDouble(Number::doubleValue).toArray()),
        null);
  }

  /** Bars in groups: for each name one bar of each series. */
  public static Picture bars(
      String title,
      String xLabel,
      String yLabel,
      List<String> names,
      Map<String, double[]> series) {
    return Charts.bars(title, xLabel, yLabel, names, new LinkedHashMap<>(series), null);
  }

  /**
   * The most likely tokens and their probabilities.
   *
   * @param logProbabilities one value a token, in nats
   * @param top how many bars, at least 1
   */
  public static Picture distribution(
      String title, double[] logProbabilities, Vocabulary vocabulary, int top) {
    if (top < 1) {
      throw new IllegalArgumentException("top is " + top + "; it must be at least 1");
    }
    List<Integer> order =
        IntStream.range(0, logProbabilities.length)
            .boxed()
            .sorted((a, b) -> Double.compare(logProbabilities[b], logProbabilities[a]))
            .limit(top)
            .toList();
    return Charts.bars(
        title,
        "next token",
        "probability",
        order.stream().map(vocabulary::show).toList(),
        Map.of(
            "probability",
            order.stream().mapToDouble(i -> Math.exp(logProbabilities[i])).toArray()),
        null);
  }

  /** The most likely tokens that {@code model} sees after {@code text}. */
  public static Picture distribution(LanguageModel model, String text, int top) {
    return distribution(
        model.name() + " after \u201C" + text.replace("\n", "\\n") + "\u201D",
        model.logProbabilities(model.vocabulary().encode(text)),
        model.vocabulary(),
        top);
  }

  /**
   * How often values fall into each of some equally wide intervals.
   *
   * @param intervals how many, at least 1
   */
  public static Picture histogram(String title, String xLabel, double[] values, int intervals) {
    if (intervals < 1) {
      throw new IllegalArgumentException("intervals is " + intervals + "; it must be at least 1");
    }
    double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
    if (finite.length == 0) {
      throw new IllegalArgumentException("\"" + title + "\" has no finite value to count");
    }
    double least = Arrays.stream(finite).min().getAsDouble();
    double most = Arrays.stream(finite).max().getAsDouble();
    double width = most > least ? (most - least) / intervals : 1;
    double[] counts = new double[intervals];
    for (double value : finite) {
      counts[(int) Math.min(intervals - 1, Math.floor((value - least) / width))]++;
    }
    return Charts.bars(
        title,
        xLabel,
        "how many",
        List.of(),
        Map.of("how many", counts),
        new double[] {least, least + width * intervals});
  }

  /**
   * A matrix as coloured cells, from its least to its greatest value; with {@link
   * Palette#DIVERGING}, from -m to m.
   *
   * @param xLabel what the columns are; empty where their names say it
   * @param yLabel what the rows are; empty where their names say it
   * @param values (rows, columns); NaN is grey
   */
  public static Picture heatMap(
      String title,
      String xLabel,
      String yLabel,
      double[][] values,
      List<String> rows,
      List<String> columns,
      Palette palette) {
    double least =
        Arrays.stream(values)
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .min()
            .orElse(0);
    double most =
        Arrays.stream(values)
            .flatMapToDouble(Arrays::stream)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    if (palette == Palette.DIVERGING) {
      most = Math.max(Math.abs(least), Math.abs(most));
      most = most == 0 ? 1 : most;
      least = -most;
    }
    if (least == most) {
      most = least + 1;
    }
    return heatMap(title, xLabel, yLabel, values, rows, columns, palette, least, most);
  }

  /** A matrix as coloured cells, {@code low} in the first colour and {@code high} in the last. */
  public static Picture heatMap(
      String title,
      String xLabel,
      String yLabel,
      double[][] values,
      List<String> rows,
      List<String> columns,
      Palette palette,
      double low,
      double high) {
    return new HeatMap(title, xLabel, yLabel, values, rows, columns, palette, low, high).draw();
  }

  /**
   * What gates or units do while a text is read: characters to the right, units downwards.
   *
   * @param text T tokens' worth of text
   * @param values (T, units), in [0, 1] for gates
   * @param vocabulary how the text is cut into tokens and shown
   */
  public static Picture gates(String title, String text, double[][] values, Vocabulary vocabulary) {
    int[] ids = vocabulary.encode(text);
    if (ids.length != values.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the text has %d tokens, the values have %d rows; there must be one for each",
              ids.length,
              values.length));
    }
    int units = values.length == 0 ? 0 : values[0].length;
    double[][] turned = new double[units][values.length];
    boolean signed = false;
    for (int t = 0; t < values.length; t++) {
      for (int u = 0; u < units; u++) {
        turned[u][t] = values[t][u];
        signed |= values[t][u] < 0;
      }
    }
    List<String> rows = IntStream.range(0, units).mapToObj(u -> "unit " + u).toList();
    List<String> columns = Arrays.stream(ids).mapToObj(vocabulary::show).toList();
    return signed
        ? heatMap(title, "token read", "", turned, rows, columns, Palette.DIVERGING)
        : heatMap(title, "token read", "", turned, rows, columns, Palette.SEQUENTIAL, 0, 1);
  }

  /** Several pictures side by side, {@code columns} in a row, together as wide as a notebook. */
  public static Picture grid(int columns, Picture... pictures) {
    return Grid.of(columns, List.of(pictures));
  }

  /** Boxes and arrows, from what comes in at the top to what comes out at the bottom. */
  public static Picture graph(String title, Node... nodes) {
    return new GraphDrawing(title, List.of(nodes)).draw();
  }

  /**
   * The computational graph of a model: its operations, the shape that each gives and how many
   * parameters it has. B is the batch, T the time.
   */
  public static Picture graph(Trainable model) {
    return ModelGraph.of(model);
  }

  /** One step of a recurrent cell, equation by equation. */
  public static Picture graph(Cell cell) {
    return CellGraph.of(cell);
  }

  /**
   * A slider for the temperature: the bars of the next token follow at once, with the text sampled
   * at the nearest setting beside them. It needs no kernel once it is on the page.
   *
   * @param context the text that the next token follows, as it shall be shown
   * @param logProbabilities of the next token, one value a token of the vocabulary, in nats
   * @param samples text by the temperature it was sampled at; at most 8,000 characters together
   */
  public static Html temperature(
      String context,
      double[] logProbabilities,
      Vocabulary vocabulary,
      Map<Double, String> samples) {
    return new TemperatureSlider(context, logProbabilities, vocabulary, samples).html();
  }

  /**
   * What {@code rule} keeps of the next token's distribution and what it cuts, one panel a context.
   * Each panel has a scale of its own.
   *
   * @param bars how many of the most likely tokens are drawn, at least 1
   * @param contexts texts that the next token follows, at least 1
   */
  public static Picture cut(Sampler rule, LanguageModel model, int bars, String... contexts) {
    return new CutBars(rule, model, bars, List.of(contexts)).draw();
  }

  /** Texts beside each other, under the names they have in the map and in its order. */
  public static Html texts(Map<?, String> texts) {
    return Beside.of(texts);
  }

  /**
   * A text whose tokens are coloured by a number each: blue above 0, red below, the deeper the
   * larger. A terminal shows the numbers of the deep ones.
   *
   * @param title what stands before it, may be empty
   * @param values one a token
   */
  public static Html highlight(String title, List<String> tokens, double... values) {
    return Highlight.of(title, tokens, values);
  }

  /**
   * The slider for what {@code model} writes after {@code prime}; it samples the texts itself.
   *
   * @param characters about how long each sample is, at least 1
   * @param seed the same seed gives the same texts
   */
  public static Html temperature(LanguageModel model, String prime, int characters, long seed) {
    var samples = new TreeMap<Double, String>();
    for (double t : SAMPLED) {
      samples.put(t, Generator.of(model).prime(prime).seed(seed).temperature(t).write(characters));
    }
    double[] next = model.logProbabilities(model.vocabulary().encode(prime));
    return temperature(prime, next, model.vocabulary(), samples);
  }

  /** A chart built with XChart, as a picture that stays sharp on fine screens. */
  public static Picture of(Chart<?, ?> chart) {
    return Charts.picture(chart);
  }
}
