package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tinker.text.Pair;

class ControlledPairsTest {
  private final Pairs pairs = Pairs.controlled(3000, 7);

  @Test
  void everyPhenomenonHasEveryLabelEquallyOften() {
    Map<String, Long> counts =
        pairs.all().stream()
            .collect(
                Collectors.groupingBy(
                    p -> p.group() + " " + p.label(), TreeMap::new, Collectors.counting()));
    assertThat(counts).hasSize(15).allSatisfy((k, v) -> assertThat(v).isEqualTo(200));
  }

  @Test
  void theSeedDecidesAndNoTwoAreEqual() {
    assertThat(Pairs.controlled(3000, 7).all()).isEqualTo(pairs.all());
    assertThat(Pairs.controlled(3000, 8).all()).isNotEqualTo(pairs.all());
    assertThat(pairs.all().stream().map(p -> p.first() + "|" + p.second()).distinct())
        .hasSize(3000);
    assertThat(Pairs.controlled(6000, 1).size()).isEqualTo(6000);
    assertThatThrownBy(() -> Pairs.controlled(6001, 1)).hasMessageContaining("6001");
  }

  @Test
  void aWordOfTheHypothesisSaysNothingOfTheLabel() {
    // The share of entailment among the hypotheses with a word, for every frequent word.
    var seen = new HashMap<String, int[]>();
    for (Pair pair : Pairs.controlled(6000, 3).all()) {
      for (String word : new TreeSet<>(pair.secondWords())) {
        seen.computeIfAbsent(pair.group() + " " + word, w -> new int[3])[
            List.of("entailment", "neutral", "contradiction").indexOf(pair.label())]++;
      }
    }
    // 1/3 is expected; four standard deviations around it, and one word of many may lie outside.
    long odd =
        seen.values().stream()
            .filter(c -> c[0] + c[1] + c[2] >= 100)
            .filter(
                c -> {
                  double n = c[0] + c[1] + c[2];
                  return Math.abs(c[0] / n - 1 / 3.0) > 4 * Math.sqrt(2 / 9.0 / n);
                })
            .count();
    // Of numbers the middle ones leave more premises of each kind: "more than seven" of the
    // generator's two to eight is true of few.
    assertThat(odd).isLessThanOrEqualTo(1);
  }

  @Test
  void labelsFollowFromTheSentences() {
    List<String> numbers =
        List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");
    for (Pair pair : pairs.all()) {
      List<String> first = pair.firstWords();
      List<String> second = pair.secondWords();
      if (pair.group().equals("number")) {
        int n = numbers.indexOf(first.get(0));
        boolean more = second.get(0).equals("more");
        boolean fewer = second.get(0).equals("fewer");
        int k = numbers.indexOf(second.get(more || fewer ? 2 : 0));
        String label =
            n < 0
                ? "neutral"
                : (more ? n > k : fewer ? n < k : n == k) ? "entailment" : "contradiction";
        assertThat(label).as("%s", pair).isEqualTo(pair.label());
      } else if (pair.group().equals("role-swap")) {
        boolean same = actor(first).equals(actor(second));
        boolean agree = first.contains("not") == second.contains("not");
        String label = !same ? "neutral" : agree ? "entailment" : "contradiction";
        assertThat(label).as("%s", pair).isEqualTo(pair.label());
      } else if (pair.group().equals("negation")) {
        boolean same = first.get(1).equals(second.get(1));
        boolean agree = first.contains("not") == second.contains("not");
        String label = !same ? "neutral" : agree ? "entailment" : "contradiction";
        assertThat(label).as("%s", pair).isEqualTo(pair.label());
      }
    }
  }

  private static boolean passive(List<String> words) {
    return words.get(2).equals("is");
  }

  /** Who does it: the subject, or in the passive the one after "by the". */
  private static String actor(List<String> words) {
    return passive(words) ? words.get(words.indexOf("by") + 2) : words.get(1);
  }

  @Test
  void synonymsAndHypernymsHaveTheirLabels() {
    List<List<String>> poles =
        List.of(
            List.of("big", "large"),
            List.of("small", "little"),
            List.of("happy", "glad"),
            List.of("sad", "unhappy"),
            List.of("fast", "quick"),
            List.of("slow", "sluggish"),
            List.of("rich", "wealthy"),
            List.of("poor", "needy"),
            List.of("brave", "courageous"),
            List.of("timid", "cowardly"));
    Map<String, String> wider = new HashMap<>();
    for (String line :
        List.of(
            "animal dog bird fish",
            "vehicle car boat bicycle",
            "plant tree flower herb",
            "dog poodle terrier",
            "bird sparrow robin",
            "fish trout salmon",
            "car taxi limousine",
            "boat canoe ferry",
            "bicycle tandem racer",
            "tree oak birch",
            "flower tulip rose",
            "herb basil mint")) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i++) {
        wider.put(words[i], words[0]);
      }
    }
    for (Pair pair : pairs.all()) {
      List<String> first = pair.firstWords();
      List<String> second = pair.secondWords();
      if (pair.group().equals("synonym")) {
        assertThat(first.subList(2, first.size())).isEqualTo(second.subList(2, second.size()));
        int one = pole(poles, first.get(1));
        int other = pole(poles, second.get(1));
        String label =
            one == other ? "entailment" : one / 2 == other / 2 ? "contradiction" : "neutral";
        assertThat(label).as("%s", pair).isEqualTo(pair.label());
      } else if (pair.group().equals("hypernym")) {
        String given = first.get(first.size() - 2);
        String asked = second.get(second.size() - 2);
        String label =
            asked.equals(wider.get(given))
                ? "entailment"
                : given.equals(wider.get(asked)) ? "neutral" : "contradiction";
        assertThat(label).as("%s", pair).isEqualTo(pair.label());
      }
    }
  }

  private static int pole(List<List<String>> poles, String word) {
    for (int i = 0; i < poles.size(); i++) {
      if (poles.get(i).contains(word)) {
        return i;
      }
    }
    throw new AssertionError(word);
  }
}
