package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

class DamagedReviewsTest {
  private static final Table TABLE = DamagedReviews.of(7).table();
  private static final Table LATER = DamagedReviews.of(7).later();

  private static Table believable(Table table) {
    return table.where(table.doubleColumn("rating").isLessThanOrEqualTo(10));
  }

  private static double correlation(Table table, String one, String other) {
    return new PearsonsCorrelation()
        .correlation(
            table.numberColumn(one).asDoubleArray(), table.numberColumn(other).asDoubleArray());
  }

  private static String plain(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  @Test
  void theSeedDecidesAll() {
    assertThat(DamagedReviews.of(7).table().print(2000)).isEqualTo(TABLE.print(2000));
    assertThat(DamagedReviews.of(7).later().print(2000)).isEqualTo(LATER.print(2000));
    assertThat(DamagedReviews.of(8).table().print(2000)).isNotEqualTo(TABLE.print(2000));
  }

  @Test
  void theTablesAreTheReadersOwn() {
    var shop = DamagedReviews.of(7);
    shop.table().doubleColumn("rating").set(0, 5.0);
    assertThat(shop.table().doubleColumn("rating").get(0))
        .isEqualTo(TABLE.doubleColumn("rating").get(0));
  }

  /** Every row comes from a bundled review; what was not damaged on purpose is as it was. */
  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void onlyWhatIsSaidIsDamaged(long seed) {
    Map<String, Row> originals = new HashMap<>();
    Table bundled = Reviews.bundled().table();
    for (int i = 0; i < bundled.rowCount(); i++) {
      originals.put(plain(bundled.stringColumn("review").get(i)), bundled.row(i));
    }
    var shop = DamagedReviews.of(seed);
    int points = 0;
    int centuries = 0;
    for (Row row : shop.table()) {
      Row original = Objects.requireNonNull(originals.get(plain(row.getString("review"))));
      assertThat(row.getString("album")).isEqualTo(original.getString("album"));
      assertThat(row.getString("genre")).isEqualTo(original.getString("genre"));
      if (row.getDouble("rating") != original.getDouble("rating")) {
        assertThat(row.getDouble("rating")).isEqualTo(10 * original.getDouble("rating"));
        points++;
      }
      if (row.getInt("year") != original.getInt("year")) {
        assertThat(row.getInt("year")).isEqualTo(original.getInt("year") % 100);
        centuries++;
      }
    }
    assertThat(points).isEqualTo(15);
    assertThat(centuries).isEqualTo(12);
    for (Row row : shop.later()) {
      Row original = Objects.requireNonNull(originals.get(plain(row.getString("review"))));
      assertThat(row.getDouble("rating")).isEqualTo(original.getDouble("rating"));
      assertThat(row.getInt("year")).isEqualTo(original.getInt("year"));
      assertThat(row.getString("review")).isEqualTo(original.getString("review"));
    }
  }

  @Test
  void someRowsStandTwiceOnBothSidesAndNoneIsTheSameToTheLetter() {
    Map<String, Set<String>> parts = new HashMap<>();
    Map<String, Integer> times = new HashMap<>();
    for (Row row : TABLE) {
      String key = plain(row.getString("review"));
      parts.computeIfAbsent(key, k -> new HashSet<>()).add(row.getString("part"));
      times.merge(key, 1, Integer::sum);
    }
    assertThat(times.values().stream().filter(n -> n == 2)).hasSize(120);
    assertThat(times.values()).allMatch(n -> n <= 2);
    // 2 x 0.8 x 0.2 of 120 are expected on both sides, give or take 5.
    assertThat(parts.values().stream().filter(p -> p.size() == 2).count()).isBetween(18L, 60L);
    assertThat(TABLE.stringColumn("review").countUnique()).isEqualTo(TABLE.rowCount());
    Set<String> late = new HashSet<>(LATER.stringColumn("review").asList());
    assertThat(TABLE.stringColumn("review").asList()).noneMatch(late::contains);
  }

  @Test
  void columnsThatKnowTheRatingDoSoOnlyInTheExport() {
    Table good = believable(TABLE);
    assertThat(correlation(good, "id", "rating")).isGreaterThan(0.9);
    assertThat(correlation(good, "stars", "rating")).isGreaterThan(0.95);
    assertThat(correlation(good, "returned", "rating")).isLessThan(-0.75);
    assertThat(Math.abs(correlation(LATER, "id", "rating"))).isLessThan(0.2);
    assertThat(LATER.doubleColumn("stars").countMissing()).isEqualTo(200);
    assertThat(LATER.intColumn("returned").max()).isZero();
    assertThat(LATER.intColumn("id").min()).isEqualTo(TABLE.rowCount() + 1);
    int[] ids = TABLE.intColumn("id").asIntArray();
    assertThat(ids).isEqualTo(IntStream.rangeClosed(1, TABLE.rowCount()).toArray());
  }

  @Test
  void aMissingRatingMeansADebutAndAZeroMeansNothing() {
    Table good = believable(TABLE);
    var missing = good.doubleColumn("previous").isMissing();
    double debuts = good.where(missing).doubleColumn("rating").mean();
    double others = good.dropWhere(missing).doubleColumn("rating").mean();
    assertThat(others - debuts).isGreaterThan(1);
    assertThat(LATER.doubleColumn("previous").countMissing()).isBetween(40, 110);

    int zeros = TABLE.intColumn("minutes").isEqualTo(0).size();
    assertThat(zeros / (double) TABLE.rowCount()).isBetween(0.06, 0.13);
    assertThat(LATER.intColumn("minutes").min()).isGreaterThan(0);
  }

  @Test
  void boxSetsAreLongAndTrueCopiesAreCut() {
    Table boxes = TABLE.where(TABLE.intColumn("minutes").isGreaterThan(200));
    assertThat(boxes.rowCount()).isEqualTo(5);
    for (Row row : boxes) {
      assertThat(row.getInt("minutes") / (double) row.getInt("tracks")).isBetween(4.0, 4.5);
    }
    assertThat(TABLE.intColumn("copies").max()).isEqualTo(9_999);
    assertThat(TABLE.intColumn("copies").isEqualTo(9_999).size()).isGreaterThan(80);
    assertThat(LATER.intColumn("copies").max()).isGreaterThan(20_000);
  }

  @Test
  void codesTextsAndRareLabels() {
    assertThat(TABLE.intColumn("format").asIntArray()).containsOnly(1, 2, 3, 4, 5);
    assertThat(TABLE.stringColumn("price").asList()).allMatch(p -> p.matches("\\d+\\.\\d\\d EUR"));
    Table counts = TABLE.countBy("label");
    int rare = counts.where(counts.intColumn("Count").isLessThan(3)).rowCount();
    assertThat(rare).isGreaterThan(counts.rowCount() / 2);
  }

  @Test
  void threeGenresAreLeftOut() {
    List<String> left = List.of("electronic", "hip-hop", "metal");
    assertThat(TABLE.stringColumn("genre").asList()).noneMatch(left::contains);
    assertThat(TABLE.stringColumn("genre").countUnique()).isEqualTo(11);
    assertThat(LATER.stringColumn("genre").asList()).containsAll(left);
  }
}
