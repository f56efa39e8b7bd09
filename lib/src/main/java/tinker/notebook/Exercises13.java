package tinker.notebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import tinker.generate.Candidate;
import tinker.generate.Chooser;

/** The exercises of notebook 13. */
final class Exercises13 {
  private static final String NOTEBOOK = "13-textgenrnn";

  private Exercises13() {}

  static List<Exercise> all() {
    return List.of(parameters(), average(), taste());
  }

  private static Exercise parameters() {
    return Authoring.value("13-1", NOTEBOOK, Number.class)
        .expect(() -> (50 + 3 * 64) * 100L + 100, 0)
        .mistake(v -> v.longValue() == 64 * 100 + 100, "took the last layer only; all levels go in")
        .mistake(v -> v.longValue() == 3 * 64 * 100 + 100, "left out the embedding")
        .mistake(v -> v.longValue() == (50 + 3 * 64) * 100, "left out the bias")
        .hint("How many numbers does the average have that the output reads?")
        .hint("The embedding and every layer stand side by side: 50 + 64 + 64 + 64 numbers.")
        .hint("One row of the matrix and one bias for each of the 100 tokens.")
        .why(
            "The output reads every level, so it grows with each layer; with a vocabulary of words"
                + " it is most of the model.")
        .examples(24_300, 6_500);
  }

  private static Exercise average() {
    return Authoring.<Function<double[][], double[]>, double[][], double[]>function(
            "13-2", NOTEBOOK, Function.class, Function::apply)
        .reference(rows -> average(rows, Weights.SOFTMAX), 1e-9)
        .on(
            new double[][] {{0, 1, 2}, {0, 3, 6}},
            new double[][] {{Math.log(3), 1, 0}, {0, 5, 4}},
            new double[][] {{5, 2, 7, 1}},
            new double[][] {{1000, 1}, {1000, 2}, {999, 6}},
            new double[][] {{-1000, 4}, {-1001, 8}})
        .mistake(rows -> average(rows, Weights.EXP), "did not divide by the sum of the weights")
        .mistake(rows -> average(rows, Weights.EQUAL), "gave all rows the same weight")
        .mistake(rows -> average(rows, Weights.SCORES), "used the scores as weights, without exp")
        .mistake(
            rows -> average(rows, Weights.NAIVE),
            "took exp of a large score; subtract the largest first")
        .hint("What does the softmax make of the scores, and what do its weights sum to?")
        .hint(
            "Subtract the largest score from all of them: no weight changes, and exp stays finite.")
        .hint("Add weight times v over the rows, place by place; v begins at index 1 of a row.")
        .why(
            "This average is all that attention is here; a transformer computes the scores from the"
                + " tokens in a richer way and then does the same.")
        .examples(
            rows -> new double[rows[0].length - 1],
            rows -> {
              throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length 3");
            });
  }

  private enum Weights {
    SOFTMAX,
    NAIVE,
    EXP,
    EQUAL,
    SCORES
  }

  private static double[] average(double[][] rows, Weights kind) {
    double most = Arrays.stream(rows).mapToDouble(row -> row[0]).max().orElse(0);
    double[] weights =
        Arrays.stream(rows)
            .mapToDouble(
                row ->
                    switch (kind) {
                      case SOFTMAX, EXP -> Math.exp(row[0] - most);
                      case NAIVE -> Math.exp(row[0]);
                      case EQUAL -> 1;
                      case SCORES -> row[0];
                    })
            .toArray();
    double sum = kind == Weights.EXP ? 1 : Arrays.stream(weights).sum();
    double[] average = new double[rows[0].length - 1];
    for (int j = 0; j < rows.length; j++) {
      for (int k = 0; k < average.length; k++) {
        average[k] += weights[j] / sum * rows[j][k + 1];
      }
    }
    return average;
  }

  private record Moment(String text, List<Candidate> candidates) {
    static Moment of(String text, Object... textsAndProbabilities) {
      var candidates = new ArrayList<Candidate>();
      for (int i = 0; i < textsAndProbabilities.length; i += 2) {
        String added = (String) textsAndProbabilities[i];
        candidates.add(
            new Candidate(2 + i / 2, added, added, (double) textsAndProbabilities[i + 1]));
      }
      return new Moment(text, candidates);
    }

    @Override
    public String toString() {
      return text.length() + " characters so far, candidates " + candidates;
    }
  }

  private static Exercise taste() {
    String longText = "x".repeat(100);
    return Authoring.<Chooser, Moment, Integer>function(
            "13-3", NOTEBOOK, Chooser.class, (c, in) -> c.choose(in.text(), in.candidates()))
        .reference((text, candidates) -> taste(text, candidates, 0.5, 100), 0)
        .on(
            Moment.of("", " a", 0.4, " drummer", 0.3, " singers", 0.2, " accordions", 0.1),
            Moment.of("The", " bass", 0.5, " drum", 0.25, " saxophone", 0.24),
            Moment.of("The", " bass", 0.4, " drum", 0.4, " song", 0.2),
            Moment.of("short", ".", 0.3, " and", 0.2),
            Moment.of(longText, " and", 0.6, ".", 0.01),
            Moment.of(longText.substring(1), " and", 0.6, ".", 0.01),
            Moment.of(longText, " a", 0.4, " it.", 0.3, ".", 0.2),
            Moment.of(longText, " the", 0.4, " record", 0.2))
        .mistake(
            (text, candidates) -> taste(text, candidates, 0, 100),
            "took the longest of all; only those at least half as likely as the first count")
        .mistake(
            (text, candidates) -> taste(text, candidates, 0.5, Integer.MAX_VALUE),
            "never ended the sentence")
        .mistake(
            (text, candidates) -> taste(text, candidates, 0.5, 101),
            "began to end sentences after more than 100 characters; 100 are enough")
        .mistake(
            (text, candidates) -> taste(text, candidates, 0.5, 0),
            "ended the sentence however short the text is")
        .hint("Which of the two rules decides first, and what must hold for it to apply?")
        .hint("The candidates come likeliest first, so the first one that fits is the likeliest.")
        .hint("Keep the best place so far; replace it only by a text that is strictly longer.")
        .why(
            "A chooser sees the text and the model's proposals, and nothing of the model: a person"
                + " at the keyboard is one, and so is a rule.")
        .examples(
            (text, candidates) -> 0,
            (text, candidates) -> {
              throw new IndexOutOfBoundsException("Index 4 out of bounds for length 4");
            });
  }

  private static int taste(String text, List<Candidate> candidates, double share, int from) {
    if (text.length() >= from) {
      for (int i = 0; i < candidates.size(); i++) {
        if (candidates.get(i).text().endsWith(".")) {
          return i;
        }
      }
    }
    double least = share * candidates.get(0).probability();
    return candidates.stream()
        .filter(candidate -> candidate.probability() >= least)
        .max(Comparator.comparingInt(candidate -> candidate.text().length()))
        .map(longest -> first(candidates, longest.text().length(), least))
        .orElse(0);
  }

  private static int first(List<Candidate> candidates, int length, double least) {
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      if (candidate.text().length() == length && candidate.probability() >= least) {
        return i;
      }
    }
    return 0;
  }
}
