package tinker.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;
import tinker.data.TokenStreams;
import tinker.matching.BimpmModel;
import tinker.matching.BimpmOptions;
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
import tinker.nn.Cell;
import tinker.nn.Initialiser;
import tinker.nn.Recurrent;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.text.Corpus;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;
import tinker.text.Vocabulary;
import tinker.train.FitOptions;
import tinker.train.History;
import tinker.train.LearningRateFinder;

/** Every picture is drawn and kept under target/pictures, where a person can look at it. */
class PlotsTest {
  private static final Path KEPT = Path.of("target", "pictures");
  private static final String TEXT =
      "the band plays \u201Cslow\u201D songs,\nand the singer waits. the band";

  private static Picture keep(String name, Picture picture) throws IOException {
    Files.createDirectories(KEPT);
    picture.save(KEPT.resolve(name + ".png"));
    return picture;
  }

  private static Set<Integer> colours(BufferedImage image) {
    var colours = new HashSet<Integer>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colours.add(image.getRGB(x, y) & 0xFFFFFF);
      }
    }
    return colours;
  }

  private static History history(int steps, double floor, long seed) {
    var random = new Random(seed);
    var points = new ArrayList<History.Step>();
    var validations = new ArrayList<History.Validation>();
    for (int i = 1; i <= steps; i++) {
      double loss = floor + 2.8 * Math.exp(-i / 120.0) + 0.08 * random.nextGaussian();
      points.add(new History.Step(i, loss, 3e-3 * Math.sin(Math.PI * i / steps), 1));
      if (i % 100 == 0) {
        validations.add(
            new History.Validation(i, i / 100, floor + 0.15 + 2.7 * Math.exp(-i / 120.0)));
      }
    }
    return new History("token", points, validations, List.of());
  }

  @Test
  void lossHasOneColourForEachLine() throws IOException {
    Picture picture = keep("loss", Plots.loss(history(800, 1.4, 1)));
    assertThat(picture.width()).isEqualTo(800);
    assertThat(picture.image().getWidth()).isEqualTo(1600);
    assertThat(colours(picture.image()))
        .contains(Ink.SERIES[0].getRGB() & 0xFFFFFF, Ink.SERIES[1].getRGB() & 0xFFFFFF);
    assertThat(picture.description()).contains("training", "validation", "step", "nats");
  }

  @Test
  void aLossIsNatsOfWhatThePredictionIsMadeFor() {
    History tokens = history(200, 1.4, 1);
    History examples =
        new History("example", tokens.steps(), tokens.validations(), tokens.epochs());
    assertThat(Plots.loss(tokens).description()).contains("nats a token against");
    assertThat(Plots.loss(examples).description()).contains("nats an example against");
    assertThat(Plots.loss(Map.of("one", examples, "two", examples)).description())
        .contains("nats an example against");
    assertThat(Plots.loss(Map.of("one", tokens, "two", examples)).description())
        .contains("nats a prediction against");
  }

  @Test
  void severalRunsLieOverEachOther() throws IOException {
    var runs = new LinkedHashMap<String, History>();
    runs.put("RNN 1x128", history(800, 1.7, 1));
    runs.put("GRU 1x128", history(800, 1.5, 2));
    runs.put("LSTM 2x128", history(800, 1.4, 3));
    Picture picture = keep("runs", Plots.loss(runs));
    assertThat(picture.description()).contains("RNN 1x128", "GRU 1x128", "LSTM 2x128");
    keep("rate", Plots.rate(history(800, 1.4, 1)));
  }

  @Test
  void linesWithFewPointsAndAGap() throws IOException {
    int[] orders = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    Picture picture =
        keep(
            "lines",
            Plots.lines(
                "What a longer memory brings",
                "order (characters of history)",
                "nats a character",
                Line.of("train", orders, new double[] {3, 2.3, 1.8, 1.4, 1.1, .9, .7, .5, .4}),
                Line.of(
                    "test",
                    orders,
                    new double[] {3.1, 2.35, 1.9, 1.6, 1.5, 1.48, 1.47, Double.NaN, 1.55})));
    assertThat(colours(picture.image()).size()).isGreaterThan(20);
  }

  @Test
  void scatterAndHistogram() throws IOException {
    var random = new Random(3);
    double[] x = random.doubles(200, 0, 10).toArray();
    double[] y = Arrays.stream(x).map(v -> v / 2 + random.nextGaussian()).toArray();
    keep("scatter", Plots.scatter("Length and loss", "length", "loss in nats", Line.of("a", x, y)));
    double[] lengths =
        IntStream.range(0, 500).mapToDouble(i -> 60 + 25 * random.nextGaussian()).toArray();
    Picture histogram =
        keep("histogram", Plots.histogram("How long reviews are", "words", lengths, 20));
    assertThat(histogram.description()).contains("20 bars");
  }

  @Test
  void pointsAreDrawnAsTheirNames() throws IOException {
    var corners = Line.of("corners", new double[] {0, 1}, new double[] {0, 1});
    Picture wide =
        keep("names", Plots.scatter("t", "x", "y", List.of(List.of("WWW", "WWW")), corners));
    Picture thin = Plots.scatter("t", "x", "y", List.of(List.of(".", ".")), corners);
    Picture one = Plots.scatter("t", "x", "y", List.of(List.of("WWW", ".")), corners);
    assertThat(ink(wide) - ink(one)).isPositive();
    assertThat(ink(one) - ink(thin)).isCloseTo(ink(wide) - ink(one), withinPercentage(5));
    assertThatThrownBy(() -> Plots.scatter("t", "x", "y", List.of(List.of("a")), corners))
        .hasMessageContaining("cloud 0 has 2 points and 1 names");
    assertThatThrownBy(() -> Plots.scatter("t", "x", "y", List.of(), corners))
        .hasMessageContaining("cloud 0 has 2 points and 0 names");
  }

  /** How dark a picture is: a sum over its pixels, 0 where it is white. */
  private static long ink(Picture picture) {
    BufferedImage image = picture.image();
    long sum = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        sum += 255 - (image.getRGB(x, y) >> 8 & 0xFF);
      }
    }
    return sum;
  }

  @Test
  void barsAndGroupsOfBars() throws IOException {
    var counts = new LinkedHashMap<String, Integer>();
    counts.put("positive", 700);
    counts.put("negative", 420);
    counts.put("neither", 80);
    keep("bars", Plots.bars("Reviews", "rating", "how many", counts));
    var groups = new LinkedHashMap<String, double[]>();
    groups.put("train", new double[] {1.2, 1.0, 0.9});
    groups.put("test", new double[] {1.6, 1.5, 1.45});
    keep(
        "groups",
        Plots.bars(
            "Loss by model", "model", "nats a character", List.of("RNN", "GRU", "LSTM"), groups));
    assertThatThrownBy(
            () -> Plots.bars("x", "a", "b", List.of("one"), Map.of("s", new double[] {1, 2})))
        .hasMessageContaining("2 values for 1 bars");
  }

  private static final Vocabulary CHARS =
      Vocabulary.ofCharacters("abcdefghijklmnopqrstuvwxyz .,\n\u201C\u201D'!?ABC");

  private static double[] logProbabilities() {
    double[] logits = new Random(5).doubles(CHARS.size()).map(v -> 9 * v * v * v).toArray();
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(v -> v - Math.log(sum)).toArray();
  }

  @Test
  void distributionNamesWhiteSpace() throws IOException {
    keep(
        "distribution",
        Plots.distribution("After \u201Cthe \u201D", logProbabilities(), CHARS, 25));
  }

  @Test
  void heatMapsInBothPalettes() throws IOException {
    double[][] gates = new double[60][48];
    int[] ids = CHARS.encode(TEXT);
    for (int t = 0; t < ids.length; t++) {
      for (int u = 0; u < 48; u++) {
        gates[t == 60 ? 59 : t][u] = 1 / (1 + Math.exp(-3 * Math.sin(t / (2.0 + u) + u)));
      }
    }
    Picture picture =
        keep("gates", Plots.gates("Forget gates", TEXT, Arrays.copyOf(gates, ids.length), CHARS));
    assertThat(picture.description())
        .contains("48 rows by " + ids.length + " columns (token read)");
    double[][] small = {{-1.2, 0.3, 2.1}, {0.01, Double.NaN, -0.5}};
    keep(
        "heat-small",
        Plots.heatMap(
            "Weights",
            "gate",
            "what it reads",
            small,
            List.of("input", "a rather long row name"),
            List.of("i", "f", "candidate"),
            Palette.DIVERGING));
    assertThatThrownBy(
            () ->
                Plots.heatMap(
                    "x", "", "", small, List.of("a"), List.of("i", "f", "c"), Palette.DIVERGING))
        .hasMessage("\"x\" has 1 labels for 2 rows; it must have as many");
  }

  @Test
  void zeroIsWhiteWhereAllIsZero() {
    BufferedImage image =
        Plots.heatMap(
                "Zeros", "", "", new double[1][1], List.of("r"), List.of("c"), Palette.DIVERGING)
            .image();
    int width = image.getWidth();
    long dark =
        IntStream.range(0, width * image.getHeight())
            .filter(i -> (image.getRGB(i % width, i / width) & 0xFFFFFF) == 0x053061)
            .count();
    assertThat(dark).as("only the end of the scale").isLessThan(500);
  }

  private static Picture titled(String xLabel, String yLabel, int words, int read) {
    double[][] values = new double[words][read];
    for (int row = 0; row < words; row++) {
      Arrays.setAll(values[row], column -> 0.3);
    }
    List<String> names = List.of("a", "small", "farmer", "follows", "the", "boys");
    return Plots.heatMap(
        "Cosines",
        xLabel,
        yLabel,
        values,
        names.subList(0, words),
        names.subList(0, read),
        Palette.SEQUENTIAL,
        0,
        1);
  }

  @Test
  void titlesOfAHeatMapsAxesAreWrittenWholeAndOverNothingElse() throws IOException {
    String x = "words of the second sentence";
    String y = "words of the first sentence";
    for (int[] size : new int[][] {{6, 6}, {1, 1}, {1, 6}, {6, 1}}) {
      Picture none = titled("", "", size[0], size[1]);
      Picture across = titled(x, "", size[0], size[1]);
      Picture down = titled("", y, size[0], size[1]);
      Picture both = titled(x, y, size[0], size[1]);
      keep("heat-titled-" + size[0] + "-" + size[1], both);
      // What stands over something else, or beyond the edge, is missing from the ink.
      long word = ink(titled("words", "", size[0], size[1])) - ink(none);
      assertThat(ink(across) - ink(none)).isGreaterThan(3 * word);
      assertThat(ink(down) - ink(none)).isGreaterThan(3 * word);
      assertThat(ink(both) - ink(down)).isCloseTo(ink(across) - ink(none), withinPercentage(1));
      assertThat(both.description())
          .contains(size[0] + " rows (" + y + ") by " + size[1] + " columns (" + x + ") of values");
    }
  }

  @Test
  void titlesOfAHeatMapsAxesStayInANarrowPlace() throws IOException {
    Picture words = titled("words of the second sentence", "words of the first sentence", 6, 6);
    Picture grid = keep("heat-titled-grid", Plots.grid(3, words, words, words, words));
    assertThat(grid.width()).isEqualTo(960);
    String endless = "a title that is far longer than a page is wide, ".repeat(5);
    assertThat(keep("heat-endless", titled(endless, endless, 6, 6)).width())
        .isLessThanOrEqualTo(800);
  }

  @Test
  void namedColumnAmongBlankOnesIsWritten() throws IOException {
    double[][] narrow = new double[4][120];
    narrow[0][0] = 1;
    List<String> rows = List.of("a", "b", "c", "d");
    for (int named : new int[] {9, 10, 11}) {
      var labels = new ArrayList<>(Collections.nCopies(120, " "));
      byte[] blank =
          Plots.heatMap("Steps", "", "", narrow, rows, List.copyOf(labels), Palette.SEQUENTIAL)
              .png();
      labels.set(named, "10");
      Picture picture = Plots.heatMap("Steps", "", "", narrow, rows, labels, Palette.SEQUENTIAL);
      assertThat(keep("heat-narrow", picture).png()).isNotEqualTo(blank);
    }
  }

  @Test
  void divergingPaletteIsWhiteInTheMiddle() {
    assertThat(Palette.DIVERGING.at(0.5).getRGB() & 0xFFFFFF).isEqualTo(0xFFFFFF);
    assertThat(Palette.DIVERGING.at(-3)).isEqualTo(Palette.DIVERGING.at(0));
    assertThat(Palette.SEQUENTIAL.at(1).getRGB() & 0xFFFFFF).isEqualTo(0x081D58);
  }

  @Test
  void graphOfTheLstmCell() throws IOException {
    Picture picture =
        keep(
            "graph",
            Plots.graph(
                "One step of the LSTM cell",
                Node.of("x", "(B, I)"),
                Node.of("h", "(B, H)"),
                Node.of("c", "(B, H)"),
                Node.of("forget gate f", "\u03C3, (B, H)", "x", "h"),
                Node.of("input gate i", "\u03C3, (B, H)", "x", "h"),
                Node.of("candidate g", "tanh, (B, H)", "x", "h"),
                Node.of("output gate o", "\u03C3, (B, H)", "x", "h"),
                Node.of("f \u2299 c", "", "forget gate f", "c"),
                Node.of("i \u2299 g", "", "input gate i", "candidate g"),
                Node.of("new c", "(B, H)", "f \u2299 c", "i \u2299 g"),
                Node.of("new h", "o \u2299 tanh(c), (B, H)", "new c", "output gate o")));
    assertThat(picture.description()).contains("11 boxes", "new c from f");
    assertThatThrownBy(() -> Plots.graph("g", Node.of("a", "", "b"), Node.of("b", "", "a")))
        .hasMessageContaining("goes in a circle");
    assertThatThrownBy(() -> Plots.graph("g", Node.of("a", "", "z")))
        .hasMessageContaining("\"z\", which is no box");
  }

  private static final Reading READING =
      Reading.words(
          Labelled.of("two", List.of(new Example("a b", "x"), new Example("c d", "y"))), 1);

  /** The parameters that the boxes of a graph name, added up. */
  private static long parametersIn(Picture graph) {
    return Pattern.compile("([0-9,]+) parameters")
        .matcher(graph.description())
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1).replace(",", "")))
        .sum();
  }

  @Test
  void everyModelsGraphHoldsAllItsParametersAndTheShapesItGives() throws IOException {
    Vocabulary letters = Vocabulary.ofCharacters("abc"); // five tokens
    List<String> classes = List.of("x", "y");
    var small = RecurrentOptions.of(2, 4).embedding(3);
    var size = TextGenRnnOptions.characters().embedding(3).layers(2, 4);
    var pairs = BimpmOptions.paper().letters(3, 4).hidden(6).perspectives(5);
    try (var gru = RecurrentModel.gru(letters, small);
        var ngram = NeuralNGram.of(letters, NeuralNGramOptions.of(4, 3, 6));
        var textgenrnn = TextGenRnn.of(letters, size);
        var both = RecurrentClassifier.bothWays(Recurrent.Kind.LSTM, READING, classes, small);
        var cnn = TextCnn.of(READING, classes, TextCnnOptions.of(3, 7).widths(1, 2));
        var bag = BagOfWords.of(READING, classes);
        var bimpm = BimpmModel.of(8, 9, 3, pairs);
        var siamese = SiameseLstm.of(8, 9, 3, pairs)) {
      for (Trainable model : List.of(gru, ngram, textgenrnn, both, cnn, bag, bimpm, siamese)) {
        String name = model.getClass().getSimpleName();
        assertThat(parametersIn(keep("graph " + name, Plots.graph(model))))
            .as(name)
            .isEqualTo(Weights.count(model.block()));
      }
      assertThat(Plots.graph(gru).description())
          .contains("rnn layer 1 from rnn layer 0 (B, T, 4): 120 parameters; linear from rnn")
          .contains("embedding from token ids (B, T, 3): 15 parameters");
      assertThat(Plots.graph(ngram).description())
          .contains("side by side from embedding (B, 12); hidden, tanh from side by side (B, 6)");
      assertThat(Plots.graph(textgenrnn).description())
          .contains("side by side from embedding, rnn_1, rnn_2 (B, T, 11)")
          .contains(
              "average from attention, softmax, side by side (B, T, 11); output from average");
      assertThat(Plots.graph(both).description())
          .contains("rnn layer 1 backward from rnn layer 0 side by side (B, T, 4)")
          .contains("last states from rnn layer 1 side by side (B, 8); linear from last states");
      assertThat(Plots.graph(cnn).description())
          .contains("conv2, ReLU from embedding (B, 7, T-1)")
          .contains("side by side from max over time 1, max over time 2 (B, 14)");
      assertThat(Plots.graph(bimpm).description())
          .contains("max-attentive from context, both ways (2B, T, 10): 60 parameters")
          .contains("aggregation, last states from side by side (B, 24)");
      assertThat(Plots.graph(siamese).description()).contains("(B, 48)");
    }
  }

  @Test
  void theGraphOfACellHasItsEquations() throws IOException {
    for (Recurrent.Kind kind : Recurrent.Kind.values()) {
      var layer = new Recurrent(kind, 3, 4, 1, 0);
      try (var manager = NDManager.newBaseManager()) {
        Weights.initialise(
            layer, manager, 1, name -> Initialiser.constant(0.1), new Shape(1, 1, 3));
        Picture picture = keep("cell " + kind, Plots.graph(Cell.of(layer, 0)));
        assertThat(parametersIn(picture)).as(kind.toString()).isEqualTo(Weights.count(layer));
        assertThat(picture.description()).contains("x (B, 3)", "h (B, 4)", "new h");
      }
    }
  }

  @Test
  void theFinderIsDrawnWithItsSuggestion() throws IOException {
    Vocabulary letters = Vocabulary.ofCharacters("abcd");
    Corpus corpus = Corpus.ofText("abcd", "abcd".repeat(200));
    try (var model = RecurrentModel.rnn(letters, RecurrentOptions.of(1, 8).seed(1))) {
      var batches = TokenStreams.of(corpus, letters, 4, 8);
      var finder = LearningRateFinder.of(model, batches, FitOptions.epochs(1), 1e-5, 1, 40);
      String suggested = String.format(Locale.ROOT, "suggested: %.2g", finder.suggestion());
      assertThat(keep("rates", Plots.rates(finder)).description())
          .contains("each update", "smoothed", suggested);
    }
  }

  @Test
  void gridDrawsNarrowPicturesAnew() throws IOException {
    Picture picture =
        keep(
            "grid",
            Plots.grid(
                2,
                Plots.loss(history(300, 1.4, 1)),
                Plots.rate(history(300, 1.4, 1)),
                Plots.distribution("After \u201Cthe \u201D", logProbabilities(), CHARS, 12)));
    assertThat(picture.width()).isEqualTo(960);
  }

  @Test
  void numbersHaveAPointWhateverTheCountry() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(Ink.number(1.5)).isEqualTo("1.5");
      assertThat(Ink.number(12345)).isEqualTo("12,345");
      assertThat(Ink.number(1967)).isEqualTo("1967");
      assertThat(Ink.tick(1980, new double[] {1960, 1980, 2000})).isEqualTo("1980");
      assertThat(Ink.tick(5000, new double[] {0, 5000, 10000})).isEqualTo("5,000");
      assertThat(Ink.number(0.25)).isEqualTo("0.25");
      assertThat(Ink.number(0.000031)).isEqualTo("3.1e-05");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aChartOfOnesOwnIsDrawnTwiceAsFine() {
    var chart = new XYChart(300, 200);
    chart.addSeries("a", new double[] {1, 2}, new double[] {1, 4});
    Picture picture = Plots.of(chart);
    assertThat(picture.width()).isEqualTo(300);
    assertThat(picture.image().getWidth()).isEqualTo(600);
  }

  @Test
  void savingReplacesTheWholeFileOrNothing(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.png");
    Files.writeString(file, "before");
    Picture picture = Plots.lines("t", "x", "y", Line.of("a", 1, 2, 3));
    picture.save(file);
    assertThat(Files.readAllBytes(file)).startsWith(0x89, 'P', 'N', 'G');
    assertThat(folder).isDirectoryNotContaining(p -> !p.equals(file));
    assertThatThrownBy(() -> picture.save(folder.resolve("none").resolve("b.png")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aLineWithoutPointsIsRefused() {
    assertThatThrownBy(() -> Line.of("empty")).hasMessageContaining("no points");
    assertThatThrownBy(() -> Line.of("a", new int[] {1}, new double[] {1, 2}))
        .hasMessage("\"a\" has 1 x values and 2 y values; it must have as many of both");
  }

  @Test
  void highlightedTokensAreColouredByTheirValues() {
    Html html = Plots.highlight("why:", List.of("a", "<b>", "c"), 0.5, -1, 0);
    assertThat(html.html())
        .contains("rgba(67,147,195,0.38)\">a<")
        .contains("rgba(214,96,77,0.75)\">&lt;b&gt;<")
        .contains("0.00)\">c<");
    assertThat(html.text()).isEqualTo("why: a[0.50] <b>[-1.0] c");
    assertThat(Plots.highlight("", List.of("a"), 0).text()).isEqualTo("a");
    assertThat(Plots.highlight("", List.of("a", "b"), Double.NaN, 1).html())
        .contains("0.75)\">b<")
        .doesNotContain(",NaN)");
    assertThat(Plots.highlight("", List.of("a", "b"), Double.NEGATIVE_INFINITY, 1).html())
        .contains("rgba(214,96,77,0.75)\">a<", "rgba(67,147,195,0.75)\">b<");
    assertThatThrownBy(() -> Plots.highlight("", List.of("a"), 1, 2))
        .hasMessage("there are 1 tokens and 2 values; there must be one for each");
  }

  @Test
  void ticksOfTheSmallestNumbersLieInside() {
    double[] ticks = XyDrawing.ticks(0, 5e-20, 5);
    assertThat(ticks).hasSizeGreaterThan(2);
    assertThat(Arrays.stream(ticks).max().orElseThrow()).isCloseTo(5e-20, within(1e-21));
  }

  @Test
  void orderThreeAndAHalfIsNoTick() {
    double[] ticks = {3, 3.5, 4, 4.5, 5};

    assertThat(XyDrawing.whole(new double[] {3, 4, 5}, ticks)).containsExactly(3, 4, 5);
    assertThat(XyDrawing.whole(new double[] {3, 4.2, 5}, ticks)).isEqualTo(ticks);
    assertThat(XyDrawing.whole(new double[] {1, 1}, new double[] {0.5, 1, 1.5}))
        .containsExactly(0.5, 1, 1.5);
  }

  @Test
  void wideNumbersMoveTheDrawingAndNotIntoTheTitleOfTheAxis() {
    double[] narrow = {0, 0.5, 1};
    double[] wide = {0, 2_000_000, 4_000_000};

    assertThat(Ink.left(narrow)).isEqualTo(70);
    // The title's letters end at 22; the numbers end 8 before the drawing begins.
    assertThat(Ink.left(wide) - 8 - Ink.measured(Ink.font(13), "4,000,000")).isGreaterThan(22);
  }
}
