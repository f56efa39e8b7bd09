package tinker.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tinker.text.Vocabulary;

/** Speed of turning text into numbers. */
final class TextBenchmarks {
  private TextBenchmarks() {}

  static List<Benchmark> all() {
    return List.of(
        Benchmark.quick(
            "text/encode-reviews",
            "characters of the bundled reviews to ids, beside a Python dictionary",
            TextBenchmarks::encode));
  }

  private static Row encode() throws IOException, InterruptedException {
    String text = resource("/tinker/data/reviews.csv");
    Vocabulary vocabulary = Vocabulary.ofCharacters(text);
    double seconds = Timing.median(5, 11, () -> vocabulary.encode(text));
    double ours = text.codePointCount(0, text.length()) / seconds;
    String name = "text/encode-reviews";
    Optional<Map<String, Double>> peer = Peer.run("encode.py");
    return peer.isPresent()
        ? Row.measured(name, ours, peer.get().get("rate"), "Python dict", "characters/s")
        : Row.stated(name, ours, 20e6, "Python 3.11 dict on two cores", "characters/s");
  }

  private static String resource(String path) {
    try (InputStream in =
        Objects.requireNonNull(TextBenchmarks.class.getResourceAsStream(path), path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
