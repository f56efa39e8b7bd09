package tinker.notebook;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;
import tinker.data.DamagedReviews;

/** The exercises of notebook 02. */
final class Exercises02 {
  private static final String NOTEBOOK = "02-know-your-data";
  private static final double ASKED = 0.88;
  private static final Supplier<Table> LATER = Once.of(() -> DamagedReviews.of(7).later());

  private Exercises02() {}

  static List<Exercise> all() {
    return List.of(items(), leaked(), predictor());
  }

  private static Exercise items() {
    return Authoring.value("02-1", NOTEBOOK, Number.class)
        .expect(() -> 1.96 * 1.96 * 0.8 * 0.2 / (0.02 * 0.02), 2)
        .mistake(
            v -> Math.abs(v.doubleValue() - 6147) < 3,
            "took half of the margin; it is 2 points to each side")
        .mistake(
            v -> Math.abs(v.doubleValue() - 400) < 2,
            "left out the 1.96; that is the margin of 68 draws in 100")
        .mistake(
            v -> v.doubleValue() < 60, "left out a square: the margin falls with the root of n")
        .hint("What does the formula of the margin become if it is solved for n?")
        .hint("n = 1.96^2 p (1 - p) / margin^2, with the margin as a share: 0.02.")
        .why(
            "Nearly thirteen times our test set, for a margin of 2 points. With 120 items it is 7"
                + " points: smaller differences are no reason to prefer a model that was tested on"
                + " so few.")
        .examples(1537, 6147);
  }

  private record Texts(List<String> train, List<String> test) {
    @Override
    public String toString() {
      return "train " + Answers.show(train) + ", test " + Answers.show(test);
    }
  }

  private static Exercise leaked() {
    return Authoring.<BiFunction<List<String>, List<String>, Integer>, Texts, Integer>function(
            "02-2", NOTEBOOK, BiFunction.class, (f, in) -> f.apply(in.train(), in.test()))
        .reference((train, test) -> count(train, test, Exercises02::plain), 0)
        .on(
            new Texts(List.of("A fine album."), List.of("A fine album.", "Dull.")),
            new Texts(List.of("A fine album."), List.of("A  fine album. ")),
            new Texts(List.of("A fine album."), List.of("a FINE album.")),
            new Texts(List.of("Loud.", "Dull."), List.of("dull.", "Dull. ", "Long.")),
            new Texts(List.of("Loud.", "loud. "), List.of("Loud.")),
            new Texts(List.of("A fine\nalbum."), List.of("A fine album.")),
            new Texts(List.of("Afine album."), List.of("A fine album.")),
            new Texts(List.of(), List.of("Dull.")))
        .mistake(
            (train, test) -> count(train, test, UnaryOperator.identity()),
            "compared to the letter; spacing and case must not count")
        .mistake(
            (train, test) -> count(train, test, t -> t.toLowerCase(Locale.ROOT)),
            "left the spacing as it is")
        .mistake(
            (train, test) -> count(train, test, t -> t.strip().replaceAll("\\s+", " ")),
            "left the case as it is")
        .mistake(
            (train, test) -> count(train, test, t -> plain(t).replace(" ", "")),
            "took all spaces away; \"a fine\" and \"afine\" are different texts")
        .mistake(
            (train, test) -> count(test, train, Exercises02::plain),
            "counted the train texts; asked are the test texts")
        .mistake(
            (train, test) -> {
              Set<String> both = new HashSet<>(test.stream().map(Exercises02::plain).toList());
              both.retainAll(train.stream().map(Exercises02::plain).toList());
              return both.size();
            },
            "counted different texts; a test text that stands twice counts twice")
        .hint("Which form of a text is the same for all texts that shall count as the same?")
        .hint("text.strip().replaceAll(\"\\\\s+\", \" \").toLowerCase() is such a form.")
        .hint("Put that form of the train texts into a Set, and count the test texts it contains.")
        .why(
            "This one line belongs before every evaluation: it costs nothing, and without it a"
                + " memory passes for a model.")
        .examples(
            (train, test) -> 0,
            (train, test) -> {
              throw new IndexOutOfBoundsException("Index 1 out of bounds for length 1");
            });
  }

  private static String plain(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  private static int count(List<String> train, List<String> test, UnaryOperator<String> form) {
    Set<String> known = train.stream().map(form).collect(Collectors.toSet());
    return (int) test.stream().map(form).filter(known::contains).count();
  }

  private static Exercise predictor() {
    return Authoring.<ToDoubleFunction<Row>>experiment("02-3", NOTEBOOK, ofRows())
        .criterion(
            f -> error(f) < ASKED,
            f -> String.format(Locale.ROOT, "off by %.3f points on the later albums", error(f)),
            "off by less than " + ASKED + " points")
        .mistake(
            f -> error(f) > 1.15,
            "predicted not much more than the mean; begin with `previous`, and let a gap in it"
                + " count as a debut")
        .mistake(
            f -> error(f) > 0.98,
            "either filled the gaps of `previous`, or used only whether there is one; a gap means a"
                + " debut, which is rated lower, and where there is a value it says more")
        .mistake(
            f -> error(f) >= ASKED,
            "left something out: besides `previous` with its gap, the length of the review helps"
                + " most, and the two frequent labels that say something add a little")
        .hint("Which columns go along with the rating and are there when the album comes in?")
        .hint("`previous`, with a value of its own for a debut, gets to about 0.90.")
        .hint(
            "Add whether the label is Amber Street or Brick Hill, and the length of the review;"
                + " OLSMultipleLinearRegression of commons-math finds the weights.")
        .why(
            "Honest columns, each asked where it comes from, beat the leaks on the only day that"
                + " counts.")
        .examples(Exercises02::weighed, row -> 6.8);
  }

  @SuppressWarnings("unchecked")
  private static Class<ToDoubleFunction<Row>> ofRows() {
    return (Class<ToDoubleFunction<Row>>) (Class<?>) ToDoubleFunction.class;
  }

  /** Mean absolute error on the later albums, whose ratings the predictor cannot see. */
  private static double error(ToDoubleFunction<Row> predictor) {
    Table later = LATER.get().copy();
    double[] came = later.doubleColumn("rating").asDoubleArray();
    later.removeColumns("rating");
    double sum = 0;
    for (Row row : later) {
      sum += Math.abs(predictor.applyAsDouble(row) - came[row.getRowNumber()]);
    }
    return sum / came.length;
  }

  /** Weights found by least squares on the rows of the export that can be believed. */
  private static double weighed(Row row) {
    double previous = row.getDouble("previous");
    String label = row.getString("label");
    return 4.21
        + (Double.isNaN(previous) ? -1.73 : 0.45 * (previous - 7))
        + (label.equals("Amber Street") ? 0.58 : label.equals("Brick Hill") ? -0.59 : 0)
        + 0.0058 * row.getString("review").length();
  }
}
