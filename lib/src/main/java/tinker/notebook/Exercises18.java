package tinker.notebook;

import java.util.List;
import java.util.function.Function;

/** The exercises of notebook 18. */
final class Exercises18 {
  private static final String NOTEBOOK = "18-four-matchings";

  private Exercises18() {}

  static List<Exercise> all() {
    return List.of(values(), place(), attentive());
  }

  private static Exercise values() {
    return Authoring.value("18-1", NOTEBOOK, Number.class)
        .expect(() -> 30, 0)
        .mistake(v -> v.longValue() == 15, "counted one direction; there are two LSTMs")
        .mistake(v -> v.longValue() == 40, "kept all four matchings; full is left out")
        .mistake(
            v -> v.longValue() == 60,
            "counted both ways; a word stands in one sentence and is compared with the other")
        .hint("Which choices multiply, and which only say which sentence a word belongs to?")
        .hint("So many values for each matching and each direction as there are perspectives.")
        .hint("3 matchings, 2 directions, 5 perspectives.")
        .why(
            "This is the width of what the aggregation layer reads: each number costs it 800 weights.")
        .examples(30, 15);
  }

  private static Exercise place() {
    return Authoring.<Function<double[][], Integer>, double[][], Integer>function(
            "18-2", NOTEBOOK, Function.class, Function::apply)
        .reference(vectors -> place(vectors, 0), 0)
        .on(
            new double[][] {{1, 0}, {0, 1}, {1, 0.1}},
            new double[][] {{1, 0}, {0.5, 0}, {9, 9}},
            new double[][] {{1, 0}, {-1, 1}, {-1, 2}, {-1, 0}},
            new double[][] {{1, 1}, {0, 0}, {-1, -1}},
            new double[][] {{0, 0}, {1, 2}, {3, 4}},
            new double[][] {{1, 2, 3}, {2, 4, 6}, {1, 2, 3}})
        .mistake(
            vectors -> place(vectors, 1), "took the largest product; long vectors win that way")
        .mistake(vectors -> place(vectors, 0) - 1, "counted the words from 0; the first is 1")
        .hint("What does a cosine have that a plain product of two vectors has not?")
        .hint("Divide by both lengths, and say what a length of 0 gives, before you compare.")
        .hint("Begin with place 1, and move on only where the cosine is strictly higher.")
        .why(
            "Many programs take the largest number in each dimension instead, and compare the word"
                + " with something that is no word.")
        .examples(vectors -> 1, Exercises18::fails);
  }

  private static int fails(double[][] vectors) {
    throw new ArithmeticException("/ by zero");
  }

  /** With {@code slip} 1 the largest product. */
  private static int place(double[][] vectors, int slip) {
    int best = 1;
    for (int j = 2; j < vectors.length; j++) {
      double now = slip == 1 ? dot(vectors[0], vectors[j]) : cosine(vectors[0], vectors[j]);
      double highest =
          slip == 1 ? dot(vectors[0], vectors[best]) : cosine(vectors[0], vectors[best]);
      if (now > highest) {
        best = j;
      }
    }
    return best;
  }

  private static Exercise attentive() {
    return Authoring.<Function<double[][], Double>, double[][], Double>function(
            "18-3", NOTEBOOK, Function.class, Function::apply)
        .reference(vectors -> attentive(vectors, 0), 1e-6)
        .on(
            new double[][] {{1, 0}, {1, 1}},
            new double[][] {{1, 0}, {1, 1}, {0.2, -3}},
            new double[][] {{1, 0}, {-1, 1}, {-2, 0.5}},
            new double[][] {{1, 0}},
            new double[][] {{1, 0}, {0, 0}},
            new double[][] {{0, 0}, {1, 2}},
            new double[][] {{1, 0}, {1, 0}, {-1, 0}})
        .mistake(
            vectors -> attentive(vectors, 1),
            "divide by a sum that may be 0; 0 / 0 is not a number")
        .mistake(
            vectors -> attentive(vectors, 2),
            "leave out the sign: where the sum is negative, dividing by it turns the mean around")
        .mistake(
            vectors -> attentive(vectors, 3), "give every word the same weight; each has its own")
        .hint("What of a vector does the cosine not see, and what does it see?")
        .hint(
            "Dividing by a positive sum changes nothing; dividing by a negative one turns around.")
        .hint("Sum the weighted words, and multiply the cosine by -1 if the weights sum below 0.")
        .why(
            "One division by zero in a batch makes every weight of a model NaN at the next update;"
                + " here there is nothing left to divide by.")
        .examples(vectors -> 1.0, vectors -> vectors[1][0]);
  }

  /** {@code slip}: 1 divides by the sum, 2 forgets its sign, 3 weighs all words alike. */
  private static double attentive(double[][] vectors, int slip) {
    double[] total = new double[vectors[0].length];
    double sum = 0;
    for (int j = 1; j < vectors.length; j++) {
      double weight = slip == 3 ? 1 : cosine(vectors[0], vectors[j]);
      sum += weight;
      for (int h = 0; h < total.length; h++) {
        total[h] += weight * vectors[j][h];
      }
    }
    if (slip == 1) {
      for (int h = 0; h < total.length; h++) {
        total[h] /= sum;
      }
      return cosine(vectors[0], total);
    }
    return (sum < 0 && slip != 2 ? -1 : 1) * cosine(vectors[0], total);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double cosine(double[] a, double[] b) {
    double lengths = Math.sqrt(dot(a, a) * dot(b, b));
    return lengths == 0 ? 0 : dot(a, b) / lengths;
  }
}
