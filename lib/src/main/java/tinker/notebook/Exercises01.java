package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToLongBiFunction;

/** The exercises of notebook 01. */
final class Exercises01 {
  private static final String NOTEBOOK = "01-tensors-and-shapes";

  private Exercises01() {}

  static List<Exercise> all() {
    return List.of(sum(), broadcast(), deal());
  }

  private static Exercise sum() {
    return Authoring.value("01-1", NOTEBOOK, Shape.class)
        .expect(() -> new Shape(32, 10, 64), 0)
        .mistake(
            new Shape(32, 1, 64)::equals,
            "kept the 1; a size of 1 is repeated until it is as long as the other")
        .mistake(
            new Shape(42, 64)::equals, "added the sizes; the numbers are added, sizes are matched")
        .mistake(
            s -> s.dimension() == 2, "lost an axis; the result has as many as the longer shape")
        .hint("Which sizes stand below each other if both shapes are aligned at the right?")
        .hint("64 meets 64, 1 meets 10, and 32 meets nothing.")
        .why(
            "This is how one vector for each text meets one vector for each place, without a loop.")
        .examples(new Shape(32, 10, 64), new Shape(32, 1, 64));
  }

  private record Shapes(List<Long> a, List<Long> b) {
    static Shapes of(List<Long> a, List<Long> b) {
      return new Shapes(a, b);
    }

    long[] left() {
      return array(a);
    }

    long[] right() {
      return array(b);
    }

    private static long[] array(List<Long> sizes) {
      return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private static String text(List<Long> sizes) {
      return new Shape(array(sizes)).toString();
    }

    @Override
    public String toString() {
      return text(a) + " and " + text(b);
    }
  }

  private static Exercise broadcast() {
    return Authoring.<ToLongBiFunction<long[], long[]>, Shapes, Long>function(
            "01-2",
            NOTEBOOK,
            ToLongBiFunction.class,
            (f, in) -> f.applyAsLong(in.left(), in.right()))
        .reference((a, b) -> size(a, b, true), 0)
        .on(
            Shapes.of(List.of(2L, 3L), List.of(3L)),
            Shapes.of(List.of(5L), List.of(5L, 1L)),
            Shapes.of(List.of(2L, 3L), List.of(2L)),
            Shapes.of(List.of(32L, 1L, 64L), List.of(10L, 64L)),
            Shapes.of(List.of(), List.of(4L, 2L)),
            Shapes.of(List.of(4L, 1L, 3L), List.of(4L, 2L, 3L)),
            Shapes.of(List.of(4L, 3L, 3L), List.of(4L, 2L, 3L)))
        .mistake(
            (a, b) -> size(a, b, false), "aligned the shapes at the left; it is done at the right")
        .mistake(
            (a, b) -> size(a, b, true) < 0 ? -1 : Math.max(product(a), product(b)),
            "gave the size of the larger array; where both are repeated, the result is larger")
        .mistake(
            (a, b) -> Math.max(product(a), product(b)),
            "gave the size of the larger array, whether or not the shapes go together")
        .hint("What is the size of a shape at an axis that it does not have?")
        .hint("Count from the end: a[a.length - 1 - i] meets b[b.length - 1 - i], or 1 if missing.")
        .hint(
            "Of x and y: if they are equal, or one is 1, multiply by the greater; else return -1.")
        .why("Seven lines decide what the engine lets pass. That it lets it pass proves nothing.")
        .examples((a, b) -> product(a), Exercises01::failsOnSizes);
  }

  private static long failsOnSizes(long[] a, long[] b) {
    throw new ArrayIndexOutOfBoundsException("Index -1 out of bounds for length " + b.length);
  }

  private static long product(long[] sizes) {
    long product = 1;
    for (long size : sizes) {
      product *= size;
    }
    return product;
  }

  /** Numbers in what comes of both, or -1 if they do not go together. */
  private static long size(long[] a, long[] b, boolean atTheRight) {
    int axes = Math.max(a.length, b.length);
    long product = 1;
    for (int i = 0; i < axes; i++) {
      long x = i >= a.length ? 1 : a[atTheRight ? a.length - 1 - i : i];
      long y = i >= b.length ? 1 : b[atTheRight ? b.length - 1 - i : i];
      if (x != y && x != 1 && y != 1) {
        return -1;
      }
      product *= Math.max(x, y);
    }
    return product;
  }

  private record Stream(String text, int columns) {
    @Override
    public String toString() {
      return "the characters of \"" + text + "\", " + columns + " columns";
    }
  }

  private static Exercise deal() {
    return Authoring.<BiFunction<NDArray, Integer, NDArray>, Stream, List<String>>function(
            "01-3", NOTEBOOK, BiFunction.class, Exercises01::columns)
        .reference(
            (stream, b) -> {
              long t = stream.size() / b;
              return stream.get(":" + t * b).reshape(b, t).transpose();
            },
            0)
        .on(
            new Stream("abcdefghijk", 3),
            new Stream("abcdefgh", 2),
            new Stream("low drum big tuba", 4),
            new Stream("xyz", 1),
            new Stream("xyz", 3))
        .mistake(
            (stream, b) -> {
              long t = stream.size() / b;
              return stream.get(":" + t * b).reshape(t, b);
            },
            "reshaped to (T, B) at once; then each column holds every B-th character of the text")
        .mistake(
            (stream, b) -> {
              long t = stream.size() / b;
              return stream.get(":" + t * b).reshape(b, t);
            },
            "returned the box (B, T), with a piece in each row; it still must be turned")
        .hint("In which box is each piece of the text a row, without anything having to move?")
        .hint("With t = stream.size() / columns, take get(\":\" + t * columns) and reshape it.")
        .hint("reshape(columns, t) has the pieces as rows; transpose() makes them columns.")
        .why(
            "This is how every recurrent model of this workbook is fed: so that the next batch"
                + " goes on, in each column, where the last one ended.")
        .examples((stream, b) -> stream.reshape(1, stream.size()), Exercises01::failsOnStream);
  }

  private static NDArray failsOnStream(NDArray stream, int columns) {
    throw new IllegalArgumentException("shape '[3, 4]' is invalid for input of size 11");
  }

  /** What stands in each column, from top to bottom. */
  private static List<String> columns(BiFunction<NDArray, Integer, NDArray> f, Stream in) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray dealt = f.apply(manager.create(in.text().codePoints().toArray()), in.columns());
      if (dealt.getShape().dimension() != 2) {
        return List.of("an array of shape " + dealt.getShape());
      }
      var read = new ArrayList<String>();
      for (long b = 0; b < dealt.getShape().get(1); b++) {
        int[] points = dealt.get(":, " + b).toIntArray();
        read.add(new String(points, 0, points.length));
      }
      return read;
    }
  }
}
