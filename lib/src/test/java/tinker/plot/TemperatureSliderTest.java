package tinker.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;
import tinker.text.Vocabulary;

class TemperatureSliderTest {
  private static final Vocabulary CHARS =
      Vocabulary.ofCharacters(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 <>&\"'.,\n");

  private static double[] logProbabilities() {
    double[] logits = new Random(5).doubles(CHARS.size()).map(v -> 6 * v).toArray();
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(v -> v - Math.log(sum)).toArray();
  }

  private static Map<Double, String> samples() {
    var samples = new TreeMap<Double, String>();
    var random = new Random(1);
    for (double t : new double[] {0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1, 1.2, 1.5, 2}) {
      var text = new StringBuilder("</script><b>");
      for (int i = 0; i < 250; i++) {
        text.append((char) (' ' + random.nextInt(95)));
      }
      samples.put(t, text.toString());
    }
    return samples;
  }

  private static Html slider() {
    return Plots.temperature("the <", logProbabilities(), CHARS, samples());
  }

  @Test
  void itIsSmallAndSelfContained() throws java.io.IOException {
    String html = slider().html();
    java.nio.file.Files.createDirectories(java.nio.file.Path.of("target", "pictures"));
    java.nio.file.Files.writeString(
        java.nio.file.Path.of("target", "pictures", "slider.html"), html);
    assertThat(html.getBytes(java.nio.charset.StandardCharsets.UTF_8).length).isLessThan(20_000);
    assertThat(html).doesNotContain("http").doesNotContain("require(").doesNotContain("<iframe");
    assertThat(html).contains("var(--jp-");
    assertThat(html).as("arrow keys move it").contains("range.dataset.lmSuppressShortcuts");
  }

  @Test
  void idsAreUniqueEvenWhenItIsShownTwice() {
    String page = slider().html() + slider().html();
    var ids = new ArrayList<String>();
    Jsoup.parseBodyFragment(page).select("[id]").forEach(e -> ids.add(e.id()));
    assertThat(ids).hasSize(2);
    assertThat(new HashSet<>(ids)).hasSize(2);
    assertThat(page).doesNotContain("@ID@").doesNotContain("@DATA@").doesNotContain("@STILL@");
  }

  @Test
  void withoutScriptsThereIsAPictureWithADescriptionAndText() {
    var page = Jsoup.parseBodyFragment(slider().html());
    page.select("script").remove();
    assertThat(page.select("img").attr("src")).startsWith("data:image/png;base64,iVBOR");
    assertThat(page.select("img").attr("alt")).contains("the <", "temperature 0.4", "%");
    assertThat(page.select("p")).hasSize(3);
    assertThat(page.select("b")).as("samples are escaped").isEmpty();
  }

  @Test
  void theDataCannotEndTheScriptAndIsWhatWasGiven() {
    var page = Jsoup.parseBodyFragment(slider().html());
    assertThat(page.select("script")).hasSize(1);
    String script = page.select("script").get(0).data();
    int from = script.indexOf('{', script.indexOf("const data ="));
    int to = script.indexOf(", root = document");
    var data = JsonParser.parseString(script.substring(from, to)).getAsJsonObject();
    double[] sorted = logProbabilities();
    Arrays.sort(sorted);
    var logs = data.getAsJsonArray("logs");
    assertThat(logs).hasSize(sorted.length);
    for (int i = 0; i < sorted.length; i++) {
      assertThat(logs.get(i).getAsDouble() / 1000)
          .isCloseTo(sorted[sorted.length - 1 - i], org.assertj.core.data.Offset.offset(6e-4));
    }
    assertThat(data.getAsJsonArray("samples")).hasSize(10);
    assertThat(data.getAsJsonArray("samples").get(0).getAsJsonArray().get(1).getAsString())
        .isEqualTo(samples().get(0.1));
  }

  @Test
  void badInputIsNamed() {
    double[] logs = logProbabilities();
    assertThatThrownBy(() -> Plots.temperature("x", new double[3], CHARS, Map.of()))
        .hasMessageContaining("3 log-probabilities for");
    double[] nan = logs.clone();
    nan[1] = Double.NaN;
    assertThatThrownBy(() -> Plots.temperature("x", nan, CHARS, Map.of()))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> Plots.temperature("x", logs, CHARS, Map.of(0.0, "a")))
        .hasMessageContaining("temperature 0.0");
    assertThatThrownBy(() -> Plots.temperature("x", logs, CHARS, Map.of(1.0, "a".repeat(9000))))
        .hasMessageContaining("at most 8000");
    assertThat(Plots.temperature("x", logs, CHARS, Map.of()).html()).contains("<img");
  }
}
