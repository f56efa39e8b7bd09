package tinker.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/**
 * How well candidate answers were put in order, question by question.
 *
 * <p>The average precision of a question is the mean, over its right answers, of the share of right
 * ones among the candidates down to that place; its reciprocal rank is one over the place of the
 * first right one. MAP and MRR are the means over the questions. A question without any right
 * answer has neither and is dropped. Candidates held equally likely stand in the worst order, so
 * that a constant model gains nothing from the order of a file.
 */
public final class Ranking {
  private final double[] precisions;
  private final double[] reciprocals;
  private final int withoutAnswer;
  private final int allAnswers;

  private Ranking(double[] precisions, double[] reciprocals, int withoutAnswer, int allAnswers) {
    this.precisions = precisions;
    this.reciprocals = reciprocals;
    this.withoutAnswer = withoutAnswer;
    this.allAnswers = allAnswers;
  }

  /**
   * @param questions which question each item is a candidate for
   * @param answer the class of right answers; candidates are put in order by its probability
   */
  public static Ranking of(Predictions said, List<String> questions, int answer) {
    if (questions.size() != said.size()) {
      throw new IllegalArgumentException(
          questions.size() + " questions for " + said.size() + " items");
    }
    var candidates = new LinkedHashMap<String, List<Integer>>();
    for (int i = 0; i < said.size(); i++) {
      candidates.computeIfAbsent(questions.get(i), q -> new ArrayList<Integer>()).add(i);
    }
    var precisions = new ArrayList<Double>();
    var reciprocals = new ArrayList<Double>();
    int without = 0;
    int all = 0;
    for (List<Integer> items : candidates.values()) {
      long right = items.stream().filter(i -> said.label(i) == answer).count();
      if (right == 0) {
        without++;
        continue;
      }
      all += right == items.size() ? 1 : 0;
      List<Integer> order = new ArrayList<>(items);
      order.sort(
          (i, j) -> {
            int byScore = Double.compare(said.probability(j, answer), said.probability(i, answer));
            return byScore != 0
                ? byScore
                : Boolean.compare(said.label(i) == answer, said.label(j) == answer);
          });
      int found = 0;
      double precision = 0;
      double reciprocal = 0;
      for (int place = 1; place <= order.size(); place++) {
        if (said.label(order.get(place - 1)) == answer) {
          found++;
          precision += (double) found / place;
          reciprocal = found == 1 ? 1.0 / place : reciprocal;
        }
      }
      precisions.add(precision / right);
      reciprocals.add(reciprocal);
    }
    return new Ranking(
        precisions.stream().mapToDouble(d -> d).toArray(),
        reciprocals.stream().mapToDouble(d -> d).toArray(),
        without,
        all);
  }

  /** Mean average precision, with the bootstrap's interval over questions. */
  public Estimate map() {
    return Estimate.bootstrap(precisions, 7);
  }

  /** Mean reciprocal rank, with the bootstrap's interval over questions. */
  public Estimate mrr() {
    return Estimate.bootstrap(reciprocals, 7);
  }

  /** The average precision of each question that counts, in order of appearance. */
  public double[] averagePrecisions() {
    return precisions.clone();
  }

  /** How many questions count. */
  public int questions() {
    return precisions.length;
  }

  /** How many questions were dropped, since none of their candidates is right. */
  public int withoutAnswer() {
    return withoutAnswer;
  }

  /**
   * How many of the questions that count have only right candidates. They get 1 from any model;
   * some published figures leave them out, which lowers MAP by about their share.
   */
  public int onlyAnswers() {
    return allAnswers;
  }

  @Override
  public String toString() {
    if (questions() == 0) {
      return String.format(
          Locale.ROOT, "no question to rank; %d without a right answer dropped", withoutAnswer);
    }
    return String.format(
        Locale.ROOT,
        "MAP %s, MRR %s over %d questions; %d without a right answer dropped, %d with only right"
            + " ones kept",
        map(),
        mrr(),
        questions(),
        withoutAnswer,
        allAnswers);
  }
}
