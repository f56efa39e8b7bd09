package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

/** What data/README.md promises of the bundled files. */
class BundledDataTest {
  private static byte[] bytes(String name) throws IOException {
    try (InputStream in = Reviews.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private static Table table(String name) throws IOException {
    return CsvFiles.parse(new String(bytes(name), StandardCharsets.UTF_8), name, Map.of());
  }

  private static Map<String, Long> counts(Table table, String column) {
    return table.stringColumn(column).asList().stream()
        .collect(Collectors.groupingBy(v -> v, Collectors.counting()));
  }

  @Test
  void rowsBytesAndChecksumsAreTheReadmes() throws IOException, NoSuchAlgorithmException {
    String readme = new String(bytes("README.md"), StandardCharsets.UTF_8);
    Matcher rows =
        Pattern.compile("\\| (\\w+\\.csv) \\| (\\d+) \\| (\\d+) \\| ([0-9a-f]{64}) \\|")
            .matcher(readme);
    List<String> seen = new ArrayList<>();
    while (rows.find()) {
      String name = rows.group(1);
      byte[] content = bytes(name);
      seen.add(name);
      assertThat(table(name).rowCount()).as(name).isEqualTo(Integer.parseInt(rows.group(2)));
      assertThat(content.length).as(name).isEqualTo(Integer.parseInt(rows.group(3)));
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
          .as(name)
          .isEqualTo(rows.group(4));
      assertThat(new String(content, StandardCharsets.UTF_8)).doesNotContain("\r", "\uFEFF");
      for (var column : table(name).columns()) {
        assertThat(column.countMissing()).as("%s %s", name, column.name()).isZero();
        assertThat(readme).contains("| " + column.name() + " |");
      }
    }
    assertThat(seen).containsExactly("reviews.csv", "pairs.csv", "surnames.csv");
  }

  @Test
  void reviewsAreAsDescribed() {
    Table reviews = Reviews.bundled().table();
    Map<String, Long> genres = counts(reviews, "genre");
    assertThat(genres)
        .containsEntry("rock", 130L)
        .containsEntry("pop", 130L)
        .containsEntry("experimental", 55L)
        .hasSize(14);
    assertThat(reviews.intColumn("id").min()).isEqualTo(1);
    assertThat(reviews.intColumn("id").max()).isEqualTo(1200);
    assertThat(reviews.doubleColumn("rating").min()).isEqualTo(1.8);
    assertThat(reviews.doubleColumn("rating").max()).isEqualTo(9.6);
  }

  @Test
  void noTwoReviewsShareEightWords() {
    Set<String> phrases = new HashSet<>();
    for (String review : Reviews.bundled().corpus().documents()) {
      String[] words = review.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}']+");
      Set<String> own = new HashSet<>();
      for (int i = 0; i + 8 <= words.length; i++) {
        own.add(String.join(" ", List.of(words).subList(i, i + 8)));
      }
      for (String phrase : own) {
        assertThat(phrases.add(phrase)).as(phrase).isTrue();
      }
    }
  }

  @Test
  void pairsAreAsDescribed() throws IOException {
    Table pairs = table("pairs.csv");
    assertThat(counts(pairs, "label"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("entailment", 283L, "neutral", 260L, "contradiction", 257L));
    assertThat(counts(pairs, "phenomenon")).hasSize(14);
    for (int i = 0; i < pairs.rowCount(); i++) {
      String label = pairs.stringColumn("label").get(i);
      switch (pairs.stringColumn("phenomenon").get(i)) {
        case "paraphrase", "passive", "modifier-drop" -> assertThat(label).isEqualTo("entailment");
        case "modifier-add" -> assertThat(label).isEqualTo("neutral");
        default -> assertThat(label).isIn("entailment", "neutral", "contradiction");
      }
    }
  }

  @Test
  void surnamesAreAsDescribed() throws IOException {
    Table surnames = table("surnames.csv");
    assertThat(counts(surnames, "origin"))
        .hasSize(16)
        .containsEntry("English", 240L)
        .containsEntry("Chinese", 108L)
        .containsEntry("Korean", 80L);
    assertThat(surnames.stringColumn("surname").asList())
        .contains("\u017D\u00E1k", "Nov\u00E1k")
        .noneMatch(name -> name.contains("?"));
    assertThat(counts(surnames, "surname").values().stream().filter(n -> n == 2)).hasSize(37);
    assertThat(surnames.stringColumn("surname").asList())
        .allMatch(name -> Normalizer.isNormalized(name, Normalizer.Form.NFC));
  }
}
