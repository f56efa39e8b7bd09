package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tinker.model.Evaluation;
import tinker.model.RecurrentModel;
import tinker.model.RecurrentOptions;
import tinker.nn.Layer;
import tinker.plot.Line;
import tinker.plot.Plots;
import tinker.text.Corpus;
import tinker.text.Vocabulary;
import tinker.train.History;

class RenderingsTest {
  private static final String EVIL = "<img src=x onerror=alert(1)>";

  private static String html(Object value) {
    String html = Renderings.of(value).html();
    assertThat(html).isNotNull();
    return html == null ? "" : html;
  }

  @Test
  void anArrayShowsShapeTypeDeviceAndACorner() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray wide = manager.arange(400f).reshape(20, 20);
      Rich shown = Renderings.of(wide);
      assertThat(shown.text().lines().findFirst()).contains("(20, 20) float32 on cpu");
      assertThat(shown.text())
          .containsPattern(" 149 +\u2026")
          .doesNotContain(" 160 ")
          .doesNotContain(" 10 ");
      assertThat(shown.html()).contains("(20, 20) float32 on cpu", "149");
      assertThat(Renderings.of(manager.create(new long[] {1, -2})).text())
          .isEqualTo("(2) int64 on cpu\n  1 -2");
      assertThat(Renderings.of(manager.create(3.25f)).text()).contains("()", "3.25");
      assertThat(Renderings.of(manager.create(new boolean[] {true, false})).text())
          .contains("true false");
      assertThat(Renderings.of(manager.zeros(new Shape(0, 3))).text()).contains("no values");
      assertThat(Renderings.of(manager.arange(24).reshape(2, 3, 4)).text())
          .contains("the matrix [0, :, :]", "11")
          .doesNotContain("12");
      assertThat(
              Renderings.of(manager.create(new float[] {Float.NaN, Float.NEGATIVE_INFINITY}))
                  .text())
          .contains("NaN", "-\u221E");
      assertThat(Renderings.of(manager.ones(new Shape(2)).toType(DataType.FLOAT16, true)).text())
          .contains("float16", "1 1");
      wide.close();
      assertThat(Renderings.of(wide).text()).contains("closed");
    }
  }

  @Test
  void showingAnArrayLeavesNothingBehind() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray array = manager.ones(new Shape(30, 30));
      int before = manager.getManagedArrays().size();
      Renderings.of(array);
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void aTableShowsItsFirstRowsAndHowManyThereAre() {
    Table table =
        Table.create(
            "reviews",
            IntColumn.create("id", java.util.stream.IntStream.range(0, 1200).toArray()),
            DoubleColumn.create("rating", new double[1200]),
            StringColumn.create("text", java.util.Collections.nCopies(1200, EVIL)));
    table.doubleColumn("rating").set(0, 4.5);
    table.doubleColumn("rating").setMissing(1);
    String html = html(table);
    assertThat(html)
        .contains("reviews: 1,200 rows, 3 columns; the first 10", "text-align:right", "4.5")
        .contains("&lt;img")
        .doesNotContain("<img")
        .doesNotContain("NaN");
    assertThat(html.split("<tr>", -1)).hasSize(12);
    assertThat(Renderings.of(table).text()).contains("rating").doesNotContain("NaN");
    assertThat(html(Table.create("empty"))).contains("0 rows");
  }

  @Test
  void picturesAndChartsBecomePng() {
    Rich picture = Renderings.of(Plots.lines("t", "x", "y", Line.of("a", 1, 2)));
    assertThat(picture.png()).startsWith(0x89, 'P', 'N', 'G');
    assertThat(picture.width()).isEqualTo(800);
    var chart = new XYChart(300, 200);
    chart.addSeries("a", new double[] {1, 2}, new double[] {1, 4});
    assertThat(Renderings.of(chart).width()).isEqualTo(300);
  }

  @Test
  void aModelIsATableOfItsParameters() {
    var chars = Vocabulary.ofCharacters("abc <>");
    try (var model = RecurrentModel.lstm(chars, RecurrentOptions.of(1, 8).seed(1))) {
      assertThat(html(model)).contains("rnn.weight_ih_l0", "(32, 8)", "all together");
      assertThat(Renderings.of(model).text())
          .contains(String.format(Locale.ROOT, "%,d parameters", model.parameters()));
      assertThat(html(model.block())).contains("rnn.weight_ih_l0");
    }
  }

  @Test
  void textsAreEscapedAndReadable() {
    assertThat(html(Vocabulary.ofCharacters("a<b c"))).contains("&lt;", "\u2423", "id 2");
    var corpus = Corpus.of("some", List.of(EVIL, "two"));
    assertThat(html(corpus)).contains("2 documents", "&lt;img").doesNotContain("<img");
    assertThat(html(corpus.split(0.5, 0.5, 0, 1))).contains("validation", "characters");
    assertThat(html(Show.text("a <b>\n c"))).contains("a &lt;b&gt;\n c");
    assertThat(Show.html("<p>one <b>two</b></p>").text()).isEqualTo("one two");
  }

  @Test
  void evaluationsStandInOneTable() {
    var all =
        List.of(new Evaluation("A", 100, 100, 150, 0, 0), new Evaluation("B", 100, 100, 250, 2, 0));
    assertThat(html(all))
        .contains("1.500", "2.500", "held for impossible")
        .doesNotContain("unknown");
    assertThat(html(all.get(0))).contains("nats a token").doesNotContain("impossible");
  }

  @Test
  void recordsAndHistoriesAreTables() {
    assertThat(html(List.of(new Layer("a", new Shape(2, 3), 6)))).contains("<td", "(2, 3)");
    var history =
        new History(
            "token", List.of(), List.of(), List.of(new History.Epoch(1, 10, 2, 1.5, 3, 1e4)));
    assertThat(html(history)).contains("tokens per second", "10,000", "1.5");
    assertThat(Renderings.of(List.of(1, 2)).html()).isNull();
    assertThat(Renderings.of(List.of()).text()).isEqualTo("[]");
    assertThat(Renderings.of(null).text()).isEqualTo("null");
  }

  @Test
  void numbersHaveAPointWhateverTheCountry() {
    Locale before = Locale.getDefault();
    try (NDManager manager = NDManager.newBaseManager()) {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      NDArray array = manager.create(new float[] {0.25f, 1.5f});
      assertThat(Renderings.of(array).text()).isEqualTo("(2) float32 on cpu\n 0.25 1.50");
      assertThat(html(array)).contains("float32");
      assertThat(Numbers.plain(1234567)).isEqualTo("1,234,567");
      assertThat(Numbers.plain(0.1 + 0.2)).isEqualTo("0.3");
      assertThat(html(List.of(new Evaluation("A", 100, 100, 150, 0, 0)))).contains("1.500");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void theKernelFindsTheExtension() {
    assertThat(ServiceLoader.load(Extension.class))
        .hasAtLeastOneElementOfType(KernelExtension.class);
  }

  @Test
  void theKernelRendersByTheTypeOfTheValue() {
    var renderer = new Renderer();
    KernelExtension.registerAll(renderer);
    try (NDManager manager = NDManager.newBaseManager()) {
      DisplayData array = renderer.render(manager.ones(new Shape(2)));
      assertThat(array.getData(MIMEType.TEXT_HTML)).asString().contains("(2) float32");
      assertThat(array.getData(MIMEType.TEXT_PLAIN)).asString().startsWith("(2) float32");
    }
    DisplayData picture = renderer.render(Plots.lines("t", "x", "y", Line.of("a", 1, 2)));
    assertThat(picture.hasDataForType(MIMEType.IMAGE_PNG)).isTrue();
    assertThat(picture.hasDataForType(MIMEType.TEXT_HTML)).isFalse();
    assertThat(picture.getData(MIMEType.TEXT_PLAIN)).asString().contains("y against x");
    DisplayData text = renderer.render(Map.of("a", 1));
    assertThat(text.hasDataForType(MIMEType.TEXT_HTML)).isFalse();
    DisplayData verdict = renderer.render(Shelf.all().get(0).check((Object) null));
    assertThat(verdict.getData(MIMEType.TEXT_HTML)).asString().contains("Not attempted yet");
  }
}
