package tinker.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The bundled reviews as a record shop might have exported them: with more columns, and damaged in
 * ways in which real tables are. Whoever wants to find the faults by themselves reads no further
 * than this.
 *
 * <pre>{@code
 * var shop = DamagedReviews.of(7);
 * shop.table();          // what was exported, to learn from
 * shop.later();          // albums that came in afterwards, as they look before they are reviewed
 * }</pre>
 *
 * <p>Columns beside those of {@link Reviews}: {@code label} (record company), {@code format} (1 LP,
 * 2 EP, 3 double LP, 4 CD, 5 tape), {@code tracks}, {@code minutes} (playing time), {@code price},
 * {@code copies} (pressed), {@code previous} (rating of the artist's previous album), {@code stars}
 * (printed beside the review, 0.5 to 5), {@code returned} (copies brought back within a year of the
 * review), {@code part} (train or test). All but those of {@code Reviews} are invented from a seed.
 *
 * <p>The faults, all of them planted here: 120 rows stand twice, with other spacing and case, and
 * their parts were drawn apart; {@code rating} lost its decimal point in 15 rows, and {@code year}
 * its century in 12; {@code minutes} is 0 where nobody knew it; five box sets are far longer than
 * all others, truly; {@code copies} was cut off at 9,999; {@code previous} is missing for a debut;
 * {@code id} was given in the order of the ratings, in which the rows also stand; {@code stars} is
 * the rating in other words; {@code returned} happened after the review, and is 0 for later albums;
 * {@code format} is a code that looks like a number, {@code price} a number kept as text; most
 * labels are rare; electronic, hip-hop and metal are left out.
 */
public final class DamagedReviews {
  private static final int LATER = 200;
  private static final int TWINS = 120;
  private static final int LOST_POINTS = 15;
  private static final int LOST_CENTURIES = 12;
  private static final int BOX_SETS = 5;
  private static final int MOST_COPIES = 9_999;
  private static final List<String> LEFT_OUT = List.of("electronic", "hip-hop", "metal");
  private static final double[] MINUTES = {41, 22, 78, 56, 47};
  private static final List<String> FIRST =
      List.of(
          "Amber", "Brick", "Copper", "Dormer", "Ember", "Ferry", "Gable", "Harbour", "Inkwell",
          "Juniper", "Kettle", "Lantern", "Marble", "Nettle", "Orchard", "Pantry", "Quarry",
          "Ribbon", "Saddle", "Thimble");
  private static final List<String> SECOND =
      List.of(
          "Street", "Hill", "Works", "House", "Lane", "Tone", "Field", "Bridge", "Square", "Row",
          "Yard", "Mill", "Point", "Court", "Dock");

  private final Table table;
  private final Table later;

  private DamagedReviews(Table table, Table later) {
    this.table = table;
    this.later = later;
  }

  /** One album; null stands for what is missing. */
  private record Row(
      int id,
      String artist,
      String album,
      String label,
      String genre,
      int year,
      int format,
      int tracks,
      int minutes,
      double price,
      int copies,
      @Nullable Double previous,
      @Nullable Double stars,
      int returned,
      double rating,
      String part,
      String review) {

    Row with(int newId, String newPart) {
      return new Row(
          newId, artist, album, label, genre, year, format, tracks, minutes, price, copies,
          previous, stars, returned, rating, newPart, review);
    }

    Row with(int newYear, int newMinutes, int newTracks, int newCopies, double newRating) {
      return new Row(
          id,
          artist,
          album,
          label,
          genre,
          newYear,
          format,
          newTracks,
          newMinutes,
          price,
          newCopies,
          previous,
          stars,
          returned,
          newRating,
          part,
          review);
    }

    Row unread(int newId) {
      return new Row(
          newId, artist, album, label, genre, year, format, tracks, minutes, price, copies,
          previous, null, 0, rating, "later", review);
    }

    Row typedAgain() {
      return new Row(
          id,
          artist.toUpperCase(Locale.ROOT),
          album,
          label,
          genre,
          year,
          format,
          tracks,
          minutes,
          price,
          copies,
          previous,
          stars,
          returned,
          rating,
          part,
          review.replace(". ", ".  ") + " ");
    }
  }

  /**
   * The damaged table.
   *
   * @param seed the same seed gives the same tables; another one other invented columns, and the
   *     faults in other rows
   */
  public static DamagedReviews of(long seed) {
    var random = new Random(seed);
    List<Row> all = new ArrayList<>(albums(Reviews.bundled().table(), random));
    Collections.shuffle(all, random);
    List<Row> late = all.subList(0, LATER);
    List<Row> rows = new ArrayList<>(all.subList(LATER, all.size()));
    rows.removeIf(row -> LEFT_OUT.contains(row.genre()));
    for (int i = 0; i < TWINS; i++) {
      rows.add(rows.get(i).typedAgain());
    }
    rows = filed(rows, random);
    damage(rows, random);
    int next = rows.size() + 1;
    var unread = new ArrayList<Row>();
    for (Row row : late) {
      unread.add(row.unread(next++));
    }
    return new DamagedReviews(table("export", rows), table("later", unread));
  }

  private static List<Row> albums(Table reviews, Random random) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < reviews.rowCount(); i++) {
      double rating = reviews.doubleColumn("rating").getDouble(i);
      int format = 1 + random.nextInt(MINUTES.length);
      int minutes = (int) Math.round(MINUTES[format - 1] + 5 * random.nextGaussian());
      boolean debut = random.nextDouble() < 1 / (1 + Math.exp(rating - 6.2));
      double previous = 0.6 * rating + 0.4 * 6.8 + 0.9 * random.nextGaussian();
      double returned = 40 * Math.exp(-0.5 * (rating - 5) + 0.25 * random.nextGaussian());
      rows.add(
          new Row(
              0,
              reviews.stringColumn("artist").get(i),
              reviews.stringColumn("album").get(i),
              label(rating, random),
              reviews.stringColumn("genre").get(i),
              reviews.intColumn("year").getInt(i),
              format,
              (int) Math.max(4, Math.round(minutes / 4.2 + 1.2 * random.nextGaussian())),
              minutes,
              Math.round((4 + 0.16 * minutes + 1.2 * random.nextGaussian()) * 100) / 100.0,
              (int) Math.round(3_000 * Math.exp(1.2 * random.nextGaussian())),
              debut ? null : Math.round(10 * Math.min(9.8, Math.max(1, previous))) / 10.0,
              Math.round(rating) / 2.0,
              (int) Math.round(returned),
              rating,
              "",
              reviews.stringColumn("review").get(i)));
    }
    return rows;
  }

  /** Few labels are frequent, most are rare; two of the frequent ones say something. */
  private static String label(double rating, Random random) {
    double chance = random.nextDouble();
    if (chance < 0.12) {
      return rating > 7 ? "Amber Street" : "Brick Hill";
    }
    int labels = FIRST.size() * SECOND.size();
    // A power law: the density of the rank falls with its inverse.
    int rank = (int) Math.exp(random.nextDouble() * Math.log(labels));
    return FIRST.get(rank % FIRST.size()) + " " + SECOND.get(rank / FIRST.size() % SECOND.size());
  }

  /** Ids in the order of the ratings, nearly, and a part for each row by itself. */
  private static List<Row> filed(List<Row> rows, Random random) {
    record Place(Row row, double at) {}
    List<Place> places = new ArrayList<>();
    for (Row row : rows) {
      places.add(new Place(row, row.rating() + 0.2 * random.nextGaussian()));
    }
    places.sort(Comparator.comparingDouble(Place::at));
    var filed = new ArrayList<Row>();
    for (Place place : places) {
      String part = random.nextDouble() < 0.8 ? "train" : "test";
      filed.add(place.row().with(filed.size() + 1, part));
    }
    return filed;
  }

  private static void damage(List<Row> rows, Random random) {
    rows.replaceAll(
        row -> {
          int minutes = random.nextDouble() < 0.09 ? 0 : row.minutes();
          int copies = Math.min(MOST_COPIES, row.copies());
          return row.with(row.year(), minutes, row.tracks(), copies, row.rating());
        });
    var places = new ArrayList<Integer>();
    for (int i = 0; i < rows.size(); i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    for (int i = 0; i < LOST_POINTS + LOST_CENTURIES + BOX_SETS; i++) {
      int place = places.get(i);
      Row row = rows.get(place);
      if (i < LOST_POINTS) {
        rows.set(
            place,
            row.with(row.year(), row.minutes(), row.tracks(), row.copies(), 10 * row.rating()));
      } else if (i < LOST_POINTS + LOST_CENTURIES) {
        rows.set(
            place,
            row.with(row.year() % 100, row.minutes(), row.tracks(), row.copies(), row.rating()));
      } else {
        int minutes = 500 + random.nextInt(700);
        rows.set(
            place,
            row.with(row.year(), minutes, (int) (minutes / 4.2), row.copies(), row.rating()));
      }
    }
  }

  private static Table table(String name, List<Row> rows) {
    return Table.create(name)
        .addColumns(
            ints("id", rows, Row::id),
            strings("artist", rows, Row::artist),
            strings("album", rows, Row::album),
            strings("label", rows, Row::label),
            strings("genre", rows, Row::genre),
            ints("year", rows, Row::year),
            ints("format", rows, Row::format),
            ints("tracks", rows, Row::tracks),
            ints("minutes", rows, Row::minutes),
            strings("price", rows, row -> String.format(Locale.ROOT, "%.2f EUR", row.price())),
            ints("copies", rows, Row::copies),
            doubles("previous", rows, row -> orMissing(row.previous())),
            doubles("stars", rows, row -> orMissing(row.stars())),
            ints("returned", rows, Row::returned),
            doubles("rating", rows, Row::rating),
            strings("part", rows, Row::part),
            strings("review", rows, Row::review));
  }

  private static double orMissing(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  private static IntColumn ints(String name, List<Row> rows, ToIntFunction<Row> value) {
    return IntColumn.create(name, rows.stream().mapToInt(value).toArray());
  }

  private static DoubleColumn doubles(String name, List<Row> rows, ToDoubleFunction<Row> value) {
    return DoubleColumn.create(name, rows.stream().mapToDouble(value).toArray());
  }

  private static StringColumn strings(String name, List<Row> rows, Function<Row, String> value) {
    return StringColumn.create(name, rows.stream().map(value).toList());
  }

  /** What was exported, as a table of your own to change. */
  public Table table() {
    return table.copy();
  }

  /**
   * 200 albums that came in after the export, of all genres, with the columns as they look on the
   * day on which somebody wants to know the rating; the column {@code rating} holds what it turned
   * out to be. Nothing in it is damaged.
   */
  public Table later() {
    return later.copy();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%,d exported albums, %,d later ones", table.rowCount(), later.rowCount());
  }
}
