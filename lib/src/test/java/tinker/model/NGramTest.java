package tinker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tinker.data.TinyShakespeare;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;

class NGramTest {

  /** N-gram models from maps of strings, written from the papers' formulas and nothing else. */
  private static final class Oracle {
    final int order;
    final int v;
    final Map<String, Integer> count = new HashMap<>();
    final Map<String, Set<Character>> before = new HashMap<>();
    final List<double[]> discounts = new ArrayList<>();
    final String alphabet;

    Oracle(List<String> texts, int order, String alphabet) {
      this.order = order;
      this.v = alphabet.length();
      this.alphabet = alphabet;
      for (String s : texts) {
        for (int j = 1; j < s.length(); j++) {
          for (int from = j; from >= Math.max(0, j - order); from--) {
            String gram = s.substring(from, j + 1);
            count.merge(gram, 1, Integer::sum);
            if (from > 0) {
              before.computeIfAbsent(gram, g -> new HashSet<>()).add(s.charAt(from - 1));
            }
          }
        }
      }
      for (int length = 1; length <= order + 1; length++) {
        double[] n = new double[5];
        for (String gram : count.keySet()) {
          if (gram.length() == length && continuation(gram) <= 4) {
            n[continuation(gram)]++;
          }
        }
        double y = n[1] / (n[1] + 2 * n[2]);
        double[] d = {0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]};
        boolean usable = d[1] > 0 && d[2] > 0 && d[3] > 0 && n[3] > 0 && n[4] > 0;
        discounts.add(usable ? d : new double[] {0, 0.5, 1, 1.5});
      }
    }

    int raw(String gram) {
      return count.getOrDefault(gram, 0);
    }

    int continuation(String gram) {
      boolean highest = gram.length() == order + 1;
      boolean opening = gram.length() > 1 && gram.startsWith("#");
      return highest || opening ? raw(gram) : before.getOrDefault(gram, Set.of()).size();
    }

    double kneserNey(String h, char w) {
      double total = 0;
      double taken = 0;
      double[] d = discounts.get(h.length());
      for (char x : alphabet.toCharArray()) {
        int c = continuation(h + x);
        total += c;
        taken += d[Math.min(c, 3)];
      }
      double lower = h.isEmpty() ? 1.0 / v : kneserNey(h.substring(1), w);
      int c = continuation(h + w);
      return total == 0 ? lower : (c - d[Math.min(c, 3)]) / total + taken / total * lower;
    }

    double wittenBell(String h, char w) {
      double total = 0;
      double types = 0;
      for (char x : alphabet.toCharArray()) {
        total += raw(h + x);
        types += raw(h + x) > 0 ? 1 : 0;
      }
      double lower = h.isEmpty() ? 1.0 / v : wittenBell(h.substring(1), w);
      return total == 0 ? lower : (raw(h + w) + types * lower) / (total + types);
    }

    double addK(String h, char w, double k) {
      double total = 0;
      for (char x : alphabet.toCharArray()) {
        total += raw(h + x);
      }
      return total == 0 && k == 0 ? 0 : (raw(h + w) + k) / (total + k * v);
    }
  }

  /** A random corpus, and the same for the oracle: '#' is end, '?' unknown. */
  private record Case(Corpus corpus, Vocabulary vocabulary, Oracle oracle, String alphabet) {
    static Case random(SplittableRandom random, int order) {
      int letters = random.nextInt(1, 6);
      int documents = random.nextInt(1, 8);
      boolean continuous = random.nextInt(4) == 0;
      var texts = new ArrayList<String>();
      for (int d = 0; d < (continuous ? 1 : documents); d++) {
        var text = new StringBuilder();
        for (int i = random.nextInt(continuous ? 1 : 0, 60); i > 0; i--) {
          text.append((char) ('a' + Math.min(random.nextInt(letters), random.nextInt(letters))));
        }
        texts.add(text.toString());
      }
      Corpus corpus =
          continuous ? Corpus.ofText("random", texts.get(0)) : Corpus.of("random", texts);
      Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
      String alphabet = "?#" + String.join("", vocabulary.textTokens());
      List<String> streams = texts.stream().map(t -> "#" + t + (continuous ? "" : "#")).toList();
      return new Case(corpus, vocabulary, new Oracle(streams, order, alphabet), alphabet);
    }

    String randomHistory(SplittableRandom random) {
      var history = new StringBuilder();
      for (int i = random.nextInt(8); i > 0; i--) {
        history.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      return history.toString();
    }

    int[] ids(String symbols) {
      return symbols.chars().map(alphabet::indexOf).toArray();
    }

    /** What the model may look at: cut at the last end, and at the order. */
    String cut(String history, int order) {
      String all = "#" + history;
      String document = all.substring(all.lastIndexOf('#'));
      return document.substring(Math.max(0, document.length() - order));
    }
  }

  private interface Formula {
    double probability(Oracle oracle, String history, char next);
  }

  private interface Smoothing {
    NGramModel of(NGram counts);
  }

  private static void compare(long seed, Smoothing smoothing, Formula formula, boolean proper) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      int order = random.nextInt(7);
      Case c = Case.random(random, order);
      NGramModel model = smoothing.of(NGram.count(c.corpus, c.vocabulary, order));
      for (int h = 0; h < 30; h++) {
        String history = h == 0 ? "" : c.randomHistory(random);
        String seen = c.cut(history, order);
        double[] logs = model.logProbabilities(c.ids(history));
        double sum = 0;
        for (int w = 0; w < logs.length; w++) {
          double expected = formula.probability(c.oracle, seen, c.alphabet.charAt(w));
          assertThat(Math.exp(logs[w]))
              .as("%s after %s, order %d, %s", c.alphabet.charAt(w), seen, order, c.corpus)
              .isCloseTo(expected, within(1e-12));
          sum += Math.exp(logs[w]);
        }
        if (proper) {
          assertThat(sum).as("sum after %s, order %d", seen, order).isCloseTo(1, within(1e-12));
          assertThat(logs).doesNotContain(Double.NEGATIVE_INFINITY);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void kneserNeyIsThePapersFormulaAndSumsToOne(long seed) {
    compare(seed, NGram::kneserNey, Oracle::kneserNey, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void wittenBellIsThePapersFormulaAndSumsToOne(long seed) {
    compare(seed, NGram::wittenBell, Oracle::wittenBell, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void addKIsTheFormulaAndSumsToOne(long seed) {
    compare(seed, n -> n.addK(0.3), (o, h, w) -> o.addK(h, w, 0.3), true);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void maximumLikelihoodIsTheRelativeFrequency(long seed) {
    compare(seed, NGram::maximumLikelihood, (o, h, w) -> o.addK(h, w, 0), false);
  }

  @Test
  void someRandomCorporaHaveEnoughForEstimatedDiscountsAndSomeDoNot() {
    // Otherwise the comparison with the oracle would only ever see the fallback.
    var random = new SplittableRandom(1);
    int estimated = 0;
    int fallback = 0;
    for (int round = 0; round < 60; round++) {
      int order = random.nextInt(7);
      Case c = Case.random(random, order);
      for (var d : NGram.count(c.corpus, c.vocabulary, order).kneserNey().discounts()) {
        estimated += d.estimated() ? 1 : 0;
        fallback += d.estimated() ? 0 : 1;
      }
    }
    assertThat(estimated).isGreaterThan(20);
    assertThat(fallback).isGreaterThan(20);
  }

  @Test
  void scoresAreTheLogProbabilitiesOfTheTokensThatCame() {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 60; round++) {
      int order = random.nextInt(7);
      Case c = Case.random(random, order);
      NGram counts = NGram.count(c.corpus, c.vocabulary, order);
      int[] stream = c.ids("#" + c.randomHistory(random) + c.randomHistory(random) + "#");
      for (LanguageModel model :
          List.of(
              counts.kneserNey(),
              counts.wittenBell(),
              counts.addK(1),
              counts.maximumLikelihood(),
              counts.maximumLikelihood().forWriting())) {
        double[] scores = model.score(stream);
        assertThat(scores).hasSize(stream.length - 1);
        for (int i = 1; i < stream.length; i++) {
          double[] logs = model.logProbabilities(Arrays.copyOfRange(stream, 1, i));
          assertThat(scores[i - 1]).as("%s, token %d", model.name(), i).isEqualTo(logs[stream[i]]);
        }
      }
    }
  }

  @Test
  void aHistoryNeverSeenLeavesMaximumLikelihoodWithNothingButForWritingGoesOn() {
    Corpus corpus = Corpus.ofText("t", "abcabd");
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    NGramModel model = NGram.count(corpus, vocabulary, 3).maximumLikelihood();
    int[] unseen = vocabulary.encode("dab");
    assertThat(model.logProbabilities(unseen)).containsOnly(Double.NEGATIVE_INFINITY);

    LanguageModel writing = model.forWriting();
    double[] logs = writing.logProbabilities(unseen);
    assertThat(Math.exp(logs[vocabulary.encode("c")[0]])).isEqualTo(0.5);
    assertThat(Math.exp(logs[vocabulary.encode("d")[0]])).isEqualTo(0.5);
    // After a history that was seen, both say the same.
    int[] seen = vocabulary.encode("abc");
    assertThat(writing.logProbabilities(seen)).isEqualTo(model.logProbabilities(seen));
  }

  @Test
  void forWritingAlwaysHasADistribution() {
    var random = new SplittableRandom(17);
    for (int round = 0; round < 60; round++) {
      int order = random.nextInt(7);
      Case c = Case.random(random, order);
      LanguageModel model =
          NGram.count(c.corpus, c.vocabulary, order).maximumLikelihood().forWriting();
      for (int h = 0; h < 20; h++) {
        double[] logs = model.logProbabilities(c.ids(c.randomHistory(random)));
        assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
      }
    }
  }

  @Test
  void statesGoOnIndependently() {
    Corpus corpus = Corpus.of("t", List.of("abcabd", "bca"));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    LanguageModel model = NGram.count(corpus, vocabulary, 3).kneserNey();
    var state = model.start();
    state.read(vocabulary.encode("a")[0]);
    var copy = state.copy();
    state.read(vocabulary.encode("b")[0]);
    assertThat(copy.logProbabilities()).isEqualTo(model.logProbabilities(vocabulary.encode("a")));
    assertThat(state.logProbabilities()).isEqualTo(model.logProbabilities(vocabulary.encode("ab")));
    assertThatThrownBy(() -> state.read(vocabulary.size()))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> state.read(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    // The key of an n-gram is made of its history and its token: another vocabulary's id is another
    // n-gram's key.
    int foreign = model.vocabulary().size() + 1;
    assertThatThrownBy(() -> model.score(new int[] {0, 2, foreign}))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void countsAreThoseOfAPlainSearch() {
    String text = "she sells sea shells on the sea shore";
    Corpus corpus = Corpus.ofText("t", text);
    NGram counts = NGram.count(corpus, Vocabulary.ofCharacters(corpus), 3);
    for (int from = 0; from < text.length(); from++) {
      for (int to = from; to <= Math.min(text.length(), from + 4); to++) {
        String part = text.substring(from, to);
        int found = part.isEmpty() ? text.length() : 0;
        for (int at = text.indexOf(part); at >= 0 && !part.isEmpty(); ) {
          found++;
          at = text.indexOf(part, at + 1);
        }
        assertThat(counts.count(part)).as(part).isEqualTo(found);
      }
    }
    assertThat(counts.count("zz")).isZero();
    assertThat(counts.predictions()).isEqualTo(text.length());
    assertThat(counts.size(1)).isEqualTo((int) text.chars().distinct().count() + 1);
    assertThatThrownBy(() -> counts.size(5)).hasMessageContaining("1 to 4");
    assertThatThrownBy(() -> counts.count("shells")).hasMessageContaining("6 tokens");
  }

  @Test
  void afterShowsTheFollowersMostFrequentFirst() {
    Corpus corpus = Corpus.of("t", List.of("ab ac ac", "b"));
    NGram counts = NGram.count(corpus, Vocabulary.ofCharacters(corpus), 2);
    var table = counts.after("xxxa");
    assertThat(counts.after("a").stringColumn("next").asList()).containsExactly("c", "b");
    assertThat(counts.after("a").intColumn("count").asList()).containsExactly(2, 1);
    assertThat(table.rowCount()).isZero();
    assertThat(counts.after(" a").doubleColumn("share").asList()).containsExactly(1.0);
    var beginnings = counts.after(counts.vocabulary().end());
    assertThat(beginnings.stringColumn("next").asList()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aHistoryEndsWithItsDocument() {
    Corpus corpus = Corpus.of("t", List.of("ab", "cd", "ab", "ce"));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    NGram counts = NGram.count(corpus, vocabulary, 5);
    int end = vocabulary.end();
    int b = vocabulary.encode("b")[0];
    int c = vocabulary.encode("c")[0];
    assertThat(counts.count(b, end)).isEqualTo(2);
    assertThat(counts.count(end, c)).isEqualTo(2);
    assertThat(counts.count(b, end, c)).isZero();
    // Whatever was read before, a new document begins in the same way.
    LanguageModel model = counts.kneserNey();
    assertThat(model.logProbabilities(b, c, end)).isEqualTo(model.logProbabilities());
  }

  @Test
  void oneCharacterIsEnough() {
    Corpus corpus = Corpus.ofText("t", "a");
    for (int order : new int[] {0, 1, 6}) {
      NGram counts = NGram.count(corpus, Vocabulary.ofCharacters(corpus), order);
      double[] logs = counts.kneserNey().logProbabilities();
      assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
      NGramModel smoothed = counts.kneserNey();
      assertThat(smoothed.discounts()).allMatch(d -> !d.estimated());
      assertThat(smoothed.toString())
          .contains("; too little text to estimate the discounts of n-grams of 1")
          .endsWith(" tokens, so 0.5, 1 and 1.5 are taken off");
      assertThat(counts.wittenBell().toString()).doesNotContain("too little");
    }
  }

  @Test
  void wrongValuesAreNamed() {
    Corpus corpus = Corpus.ofText("t", "abc");
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    assertThatThrownBy(() -> NGram.count(corpus, vocabulary, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("order is -1");
    assertThatThrownBy(() -> NGram.count(Corpus.ofText("empty", ""), vocabulary, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"empty\" is empty");
    NGram counts = NGram.count(corpus, vocabulary, 2);
    for (double k : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> counts.addK(k))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("k is " + k);
    }
  }

  @Test
  void aLargeVocabularyAndALongOrderNeedNoMoreThanTheNGramsThatOccur() {
    // 40,000 different tokens: V to the power of 3 is far beyond any array.
    var random = new SplittableRandom(3);
    var text = new StringBuilder();
    for (int i = 0; i < 60_000; i++) {
      text.appendCodePoint(0x4E00 + random.nextInt(20_000));
    }
    Corpus corpus = Corpus.ofText("t", text.toString());
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    NGram counts = NGram.count(corpus, vocabulary, 12);
    assertThat(counts.size(13)).isEqualTo(60_000 - 11);
    double[] scores = counts.kneserNey().score(corpus.tokens(vocabulary));
    assertThat(Arrays.stream(scores).sum() / scores.length).isGreaterThan(-2);
    double[] logs = counts.kneserNey().logProbabilities(vocabulary.encode(text.substring(0, 20)));
    assertThat(Arrays.stream(logs).map(Math::exp).sum()).isCloseTo(1, within(1e-9));
  }

  @Test
  void evaluationCountsEveryTokenAndSaysWhatWasImpossible() {
    Corpus corpus = Corpus.of("t", List.of("abab", "ba"));
    Vocabulary vocabulary = Vocabulary.ofCharacters(corpus);
    NGram counts = NGram.count(corpus, vocabulary, 1);
    Corpus other = Corpus.of("o", List.of("abz"));
    Evaluation strict = Evaluation.of(counts.maximumLikelihood(), other);
    assertThat(strict.tokens()).isEqualTo(4);
    assertThat(strict.characters()).isEqualTo(4);
    assertThat(strict.unknown()).isEqualTo(1);
    assertThat(strict.impossible()).isEqualTo(2);
    assertThat(strict.perplexity()).isInfinite();
    assertThat(strict.toString()).contains("2 of them held for impossible", "1 unknown");
    Evaluation smooth = Evaluation.of(counts.kneserNey(), other);
    assertThat(smooth.impossible()).isZero();
    assertThat(smooth.nats()).isFinite();
    assertThatThrownBy(() -> Evaluation.of(counts.kneserNey(), Corpus.ofText("none", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"none\" is empty");
  }

  private static Split shakespeare() throws IOException {
    assumeTrue(System.getenv("TINKER_MIRROR") != null, "TINKER_MIRROR is not set");
    return TinyShakespeare.load().split(0.9, 0, 0.1, 1);
  }

  @Test
  @Tag("numbers")
  void kneserNeyMeetsTheReferenceOnTinyShakespeare() throws IOException {
    Split split = shakespeare();
    Vocabulary chars = Vocabulary.ofCharacters(split.train());
    int[] orders = {3, 4, 5, 6, 7, 10};
    double[] reference = {1.719, 1.561, 1.523, 1.5165, 1.519, 1.522};
    for (int i = 0; i < orders.length; i++) {
      NGram counts = NGram.count(split.train(), chars, orders[i]);
      assertThat(Evaluation.of(counts.kneserNey(), split.test()).nats())
          .as("order %d", orders[i])
          .isCloseTo(reference[i], within(0.002));
    }
  }

  @Test
  @Tag("numbers")
  void otherSmoothingsMeetTheReferenceOnTinyShakespeare() throws IOException {
    Split split = shakespeare();
    Vocabulary chars = Vocabulary.ofCharacters(split.train());
    NGram counts = NGram.count(split.train(), chars, 4);
    assertThat(Evaluation.of(counts.wittenBell(), split.test()).nats())
        .isCloseTo(1.669, within(0.001));
    // The reference, 1.770, adds k for the 65 characters alone. This vocabulary has unknown and end
    // as well, and a probability for them, which costs 0.003.
    assertThat(addedByHand(split, 4, 0.01, 65)).isCloseTo(1.770, within(0.001));
    assertThat(Evaluation.of(counts.addK(0.01), split.test()).nats())
        .isCloseTo(addedByHand(split, 4, 0.01, 67), within(0.0002));
  }

  private static double addedByHand(Split split, int order, double k, int v) {
    String train = split.train().text();
    String test = train.substring(train.length() - order) + split.test().text();
    var grams = new HashMap<String, Integer>();
    var histories = new HashMap<String, Integer>();
    for (int i = 0; i + order < train.length(); i++) {
      grams.merge(train.substring(i, i + order + 1), 1, Integer::sum);
      histories.merge(train.substring(i, i + order), 1, Integer::sum);
    }
    double nats = 0;
    for (int i = 0; i + order < test.length(); i++) {
      int c = grams.getOrDefault(test.substring(i, i + order + 1), 0);
      int h = histories.getOrDefault(test.substring(i, i + order), 0);
      nats -= Math.log((c + k) / (h + k * v));
    }
    return nats / (test.length() - order);
  }

  @Test
  @Tag("numbers")
  void whatTheUnsmoothedModelHoldsForImpossibleOnTinyShakespeare() throws IOException {
    Split split = shakespeare();
    Vocabulary chars = Vocabulary.ofCharacters(split.train());
    int[] orders = {4, 7, 10};
    double[] reference = {0.101, 0.497, 0.833};
    for (int i = 0; i < orders.length; i++) {
      NGram counts = NGram.count(split.train(), chars, orders[i]);
      Evaluation evaluation = Evaluation.of(counts.maximumLikelihood(), split.test());
      assertThat((double) evaluation.impossible() / evaluation.tokens())
          .isCloseTo(reference[i], within(0.0005));
      assertThat(evaluation.perplexity()).isInfinite();
    }
  }
}
