package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tinker.text.Example;
import tinker.text.Labelled;

class LabelledLoadersTest {
  @TempDir Path folder;

  private static void needsMirror() {
    assumeTrue(System.getenv("TINKER_MIRROR") != null, "TINKER_MIRROR is not set");
  }

  private Path file(String text) throws IOException {
    Path file = folder.resolve("x.csv");
    Files.writeString(file, text);
    return file;
  }

  @Test
  void bundledSurnames() {
    Labelled names = Surnames.bundled();
    assertThat(names.size()).isEqualTo(2828);
    assertThat(names.classes()).hasSize(16).contains("Dutch", "Korean");
    assertThat(names.counts()).containsEntry("Korean", 80).containsEntry("German", 240);
    assertThat(names.ambiguous())
        .hasSize(37)
        .containsEntry("Campos", List.of("Spanish", "Portuguese"));
    assertThat(names.distinct().size()).isEqualTo(2828);
  }

  @Test
  void surnamesOfEighteenNationalities() throws IOException {
    needsMirror();
    Labelled names = Surnames.nationalities();
    assertThat(names.size()).isEqualTo(20_050);
    assertThat(names.classes()).hasSize(18).contains("Russian", "Vietnamese");
    assertThat(names.distinct().size()).isEqualTo(18_012);
    Labelled plain = names.map(Surnames::plain).distinct();
    assertThat(plain.size()).isEqualTo(17_985);
  }

  @Test
  void plainTakesDiacriticsOff() {
    assertThat(Surnames.plain("\u0141ukasiewicz-B\u00F6hm ")).isEqualTo("lukasiewicz-bohm");
    assertThat(Surnames.plain("Gro\u00DF")).isEqualTo("gross");
    assertThat(Surnames.plain("N\u0303u\u00F1ez")).isEqualTo("nunez");
    assertThat(Surnames.plain("O'Brien")).isEqualTo("o'brien");
  }

  @Test
  void namesAreComposedWhateverFormTheFileHas() throws IOException {
    Path file = file("surname,origin\nAndre\u0301,French\nAndr\u00E9,French\n");
    assertThat(Surnames.read(file).distinct().examples())
        .containsExactly(new Example("Andr\u00E9", "French"));
  }

  @Test
  void rowsWithoutNameOrOriginAreNamed() throws IOException {
    Path good = file("surname,origin\nVos,Dutch\nNA,Korean\n");
    assertThat(Surnames.read(good).examples())
        .containsExactly(new Example("Vos", "Dutch"), new Example("NA", "Korean"));
    Path nameless = file("surname,origin\nVos,Dutch\n,Korean\n");
    assertThatThrownBy(() -> Surnames.read(nameless)).hasMessageContaining("row 2 has no surname");
    Path homeless = file("surname,origin\nVos,\n");
    assertThatThrownBy(() -> Surnames.read(homeless)).hasMessageContaining("row 1 has no origin");
    Path other = file("name,origin\nVos,Dutch\n");
    assertThatThrownBy(() -> Surnames.read(other)).hasMessageContaining("no column \"surname\"");
  }

  @Test
  void trec() throws IOException {
    needsMirror();
    Labelled train = Trec.train();
    Labelled test = Trec.test();
    assertThat(test.size()).isEqualTo(500);
    assertThat(test.counts()).containsEntry("DESC", 138).containsEntry("ABBR", 9);
    assertThat(train.classes()).containsExactly("ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM");
    assertThat(train.examples().get(0))
        .isEqualTo(new Example("How did serfdom develop in and then leave Russia ?", "DESC"));
    Set<String> learned = new HashSet<>();
    train.texts().forEach(t -> learned.add(t.toLowerCase(Locale.ROOT)));
    assertThat(test.texts()).noneMatch(t -> learned.contains(t.toLowerCase(Locale.ROOT)));
    assertThat(train.size()).isBetween(5452 - 30, 5452 - 11);
  }

  @Test
  void aQuestionWithoutClassIsNamed() throws IOException {
    Path file = file("DESC:def What is it ?\nWhat is: this ?\n");
    assertThatThrownBy(() -> Trec.read(file, "t"))
        .hasMessageContaining("line 2 is \"What is: this");
  }

  @Test
  void movieReviews() throws IOException {
    needsMirror();
    Labelled reviews = MovieReviews.load();
    assertThat(reviews.counts()).isEqualTo(Map.of("negative", 5331, "positive", 5331));
    assertThat(reviews.texts()).noneMatch(t -> t.indexOf('\u0085') >= 0);
    assertThat(reviews.texts())
        .anyMatch(t -> t.contains("masterfully if preciously interwoven\u2026"));
  }

  @Test
  void theThreeDotsEndNoLine() throws IOException {
    Path file = folder.resolve("mr");
    Files.write(file, "one\u0085 two\nthree \u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(MovieReviews.read(file, "x"))
        .containsExactly(new Example("one\u2026 two", "x"), new Example("three \u00E9", "x"));
  }

  @Test
  void ratingsBecomeLabels() throws IOException {
    Labelled all = Reviews.bundled().sentiment("rating", 6, 6);
    assertThat(all.size()).isEqualTo(1200);
    assertThat(all.counts()).isEqualTo(Map.of("negative", 289, "positive", 911));
    Labelled clear = Reviews.bundled().sentiment("rating", 5, 8);
    assertThat(clear.counts()).isEqualTo(Map.of("negative", 173, "positive", 310));
    Path file = file("rating,review\n8,good\n3.5,bad\n6.9,so so\n");
    assertThat(Reviews.read(file, "review").sentiment("rating", 5, 7).examples())
        .containsExactly(new Example("good", "positive"), new Example("bad", "negative"));
  }

  @Test
  void aRatingThatIsNoNumberIsNamed() throws IOException {
    Path words = file("rating,review\n8,good\nfour,bad\n");
    assertThatThrownBy(() -> Reviews.read(words, "review").sentiment("rating", 5, 7))
        .hasMessageContaining("row 2 has the rating \"four\"; it must be a number");
    // Tablesaw would take the comma out of it.
    Path comma = file("rating,review\n\"8\",good\n\"7,5\",bad\n");
    assertThatThrownBy(() -> Reviews.read(comma, "review").sentiment("rating", 5, 7))
        .hasMessageContaining("row 2 has the rating \"7,5\"; it must be a number, such as 7.5");
    Path missing = file("rating,review\n8,good\n,bad\n");
    assertThatThrownBy(() -> Reviews.read(missing, "review").sentiment("rating", 5, 7))
        .hasMessageContaining("row 2 has the rating \"\"");
    assertThatThrownBy(() -> Reviews.bundled().sentiment("stars", 5, 7))
        .hasMessageContaining("no column \"stars\"");
    assertThatThrownBy(() -> Reviews.bundled().sentiment("rating", 7, 5))
        .hasMessageContaining("from is 5.0");
  }

  @Test
  void sentimentKnowsBothClassesEvenIfOneDoesNotOccur() throws IOException {
    Path file = file("rating,review\n9,good\n8,fine\n");
    assertThat(Reviews.read(file, "review").sentiment("rating", 5, 7).classes())
        .containsExactly("negative", "positive");
  }
}
