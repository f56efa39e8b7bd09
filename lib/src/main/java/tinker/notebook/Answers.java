package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Copies, compares and shows the answers of learners. */
final class Answers {
  private static final int SHOWN_PLACES = 12;
  private static final int SHOWN_CHARACTERS = 200;

  private Answers() {}

  /**
   * A copy that later changes to {@code value} do not reach: arrays, lists and maps, to any depth.
   */
  static @Nullable Object copy(@Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value.getClass().isArray()) {
      int length = Array.getLength(value);
      Object copy = Array.newInstance(value.getClass().getComponentType(), length);
      for (int i = 0; i < length; i++) {
        Array.set(copy, i, copy(Array.get(value, i)));
      }
      return copy;
    }
    if (value instanceof List<?> list) {
      var copy = new ArrayList<@Nullable Object>();
      list.forEach(one -> copy.add(copy(one)));
      return copy;
    }
    if (value instanceof Map<?, ?> map) {
      var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>();
      map.forEach((k, v) -> copy.put(k, copy(v)));
      return copy;
    }
    return value;
  }

  /**
   * Whether both are the same; numbers with a fraction within {@code tolerance}, whole numbers
   * exactly.
   */
  static boolean same(@Nullable Object actual, @Nullable Object expected, double tolerance) {
    if (actual == null || expected == null) {
      return actual == expected;
    }
    if (actual instanceof Number a && expected instanceof Number e) {
      if (whole(a) && whole(e)) {
        return a.longValue() == e.longValue();
      }
      return a.doubleValue() == e.doubleValue()
          || Math.abs(a.doubleValue() - e.doubleValue()) <= tolerance;
    }
    if (actual instanceof NDArray a && expected instanceof NDArray e) {
      return a.getShape().equals(e.getShape()) && same(doubles(a), doubles(e), tolerance);
    }
    List<?> left = places(actual);
    List<?> right = places(expected);
    if (left != null && right != null) {
      if (left.size() != right.size()) {
        return false;
      }
      for (int i = 0; i < left.size(); i++) {
        if (!same(left.get(i), right.get(i), tolerance)) {
          return false;
        }
      }
      return true;
    }
    if (actual instanceof Map<?, ?> a && expected instanceof Map<?, ?> e) {
      return a.keySet().equals(e.keySet())
          && a.keySet().stream().allMatch(k -> same(a.get(k), e.get(k), tolerance));
    }
    return Objects.equals(actual, expected);
  }

  private static boolean whole(Number number) {
    return number instanceof Integer
        || number instanceof Long
        || number instanceof Short
        || number instanceof Byte;
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }

  private static @Nullable List<?> places(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    if (!value.getClass().isArray()) {
      return null;
    }
    var list = new ArrayList<@Nullable Object>();
    for (int i = 0; i < Array.getLength(value); i++) {
      list.add(Array.get(value, i));
    }
    return list;
  }

  /** {@code value} as a learner would write it, cut where it becomes long. */
  static String show(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof String text) {
      String line = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
      return "\"" + Renderings.shortened(line, SHOWN_CHARACTERS) + "\"";
    }
    if (value instanceof Character character) {
      return "'" + character + "'";
    }
    if (value instanceof NDArray array) {
      return ArrayExcerpt.of(array).text();
    }
    if (value instanceof Double || value instanceof Float) {
      return Double.toString(((Number) value).doubleValue());
    }
    List<?> places = places(value);
    if (places != null) {
      String shown =
          String.join(", ", places.stream().limit(SHOWN_PLACES).map(Answers::show).toList());
      return "["
          + shown
          + (places.size() > SHOWN_PLACES ? ", \u2026 " + places.size() + " in all]" : "]");
    }
    return Renderings.shortened(String.valueOf(value), SHOWN_CHARACTERS);
  }

  /** What kind of thing it is, in a word for learners. */
  static String kind(Object value) {
    if (value instanceof Number) {
      return "a number";
    }
    if (value instanceof String) {
      return "a text";
    }
    if (value instanceof Boolean) {
      return "true or false";
    }
    if (value instanceof NDArray || value.getClass().isArray()) {
      return "an array";
    }
    if (value instanceof List<?>) {
      return "a list";
    }
    return "of the type " + value.getClass().getSimpleName();
  }

  static boolean sameKind(Object actual, Object expected) {
    boolean bothPlaces = places(actual) != null && places(expected) != null;
    return bothPlaces
        || (actual instanceof Number && expected instanceof Number)
        || (actual instanceof Map<?, ?> && expected instanceof Map<?, ?>)
        || (actual instanceof NDArray && expected instanceof NDArray)
        || actual.getClass() == expected.getClass();
  }
}
