package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.RandomSampler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

class TokenStreamsTest {
  private static final Corpus TEXT = Corpus.ofText("t", different(1000));
  private static final Vocabulary CHARS = Vocabulary.ofCharacters(TEXT);

  /** A text whose characters all differ, so that a token says where it stood. */
  private static String different(int length) {
    var text = new StringBuilder();
    IntStream.range(0, length).forEach(i -> text.appendCodePoint(0x4E00 + i));
    return text.toString();
  }

  private record Plain(long[][] inputs, long[][] labels, boolean continuesPrevious) {}

  private static Plain plain(Batch batch) {
    assertThat(batch).isInstanceOf(TokenBatch.class);
    var ids = (TokenBatch) batch;
    assertThat(ids.ids(0)).hasSize(batch.predictions());
    return new Plain(
        rows(ids.ids(0), batch.rows()), rows(ids.ids(1), batch.rows()), batch.continuesPrevious());
  }

  /**
   * How far the orders of three things, as often as they came, are from all coming equally often.
   */
  private static double unfairness(List<String> orders) {
    double expected = orders.size() / 6.0;
    double sum = 0;
    for (String order : List.of("012", "021", "102", "120", "201", "210")) {
      sum += Math.pow(Collections.frequency(orders, order) - expected, 2) / expected;
    }
    return sum;
  }

  /**
   * Why this library shuffles by itself. Chi-squared of five degrees is above 30 in 1 of 68,000.
   */
  @Test
  void theEnginesOwnShufflesAreNotFairAndOursIs() throws Exception {
    var drawn = new ArrayList<String>();
    var split = new ArrayList<String>();
    try (NDManager manager = NDManager.newBaseManager()) {
      var three =
          new ArrayDataset.Builder().setData(manager.arange(3f)).setSampling(1, true).build();
      for (int i = 0; i < 300; i++) {
        var order = new StringBuilder();
        new RandomSampler().sample(three).forEachRemaining(order::append);
        drawn.add(order.toString());
      }
      for (int i = 0; i < 12_000; i++) {
        try (NDManager scope = manager.newSubManager()) {
          var order = new StringBuilder();
          for (RandomAccessDataset part : three.randomSplit(1, 1, 1)) {
            order.append((int) part.get(scope, 0).getData().head().toFloatArray()[0]);
          }
          split.add(order.toString());
        }
      }
    }
    // No item ever stays in its place.
    assertThat(Set.copyOf(drawn)).containsExactlyInAnyOrder("120", "201");
    assertThat(unfairness(split)).isGreaterThan(30);

    Corpus documents = Corpus.of("three", List.of("0", "1", "2"));
    Vocabulary digits = Vocabulary.ofCharacters(documents);
    TokenStreams ours = TokenStreams.of(documents, digits, 1, 6).shuffled();
    var shuffled = new ArrayList<String>();
    for (int epoch = 0; epoch < 12_000; epoch++) {
      long[] ids = ((TokenBatch) ours.epoch(7, epoch).next()).ids(0);
      shuffled.add(digits.decode(Arrays.stream(ids).mapToInt(id -> (int) id).toArray()));
    }
    assertThat(unfairness(shuffled)).isLessThan(30);
  }

  @Test
  void theChecksumTellsDataAndCutsApart() {
    Corpus documents = Corpus.of("d", List.of("ab", "cd"));
    Vocabulary letters = Vocabulary.ofCharacters("abcd");
    TokenStreams some = TokenStreams.of(documents, letters, 2, 2);
    assertThat(TokenStreams.of(documents, letters, 2, 2).checksum())
        .isEqualTo(some.checksum())
        .hasSize(64);
    assertThat(
            List.of(
                some.checksum(),
                some.shuffled().checksum(),
                some.randomLengths().checksum(),
                TokenStreams.of(documents, letters, 1, 2).checksum(),
                TokenStreams.of(documents, letters, 2, 1).checksum(),
                TokenStreams.of(Corpus.of("d", List.of("ab", "dc")), letters, 2, 2).checksum()))
        .doesNotHaveDuplicates();
    assertThat(some.hasRandomLengths()).isFalse();
    assertThat(some.randomLengths().hasRandomLengths()).isTrue();
  }

  @Test
  void arraysAreBatchFirstAndOf64Bits() {
    var batch = (TokenBatch) TokenStreams.of(TEXT, CHARS, 7, 10).epoch(1, 0).next();
    try (NDManager manager = NDManager.newBaseManager()) {
      var inputs = batch.inputs(manager).singletonOrThrow();
      var labels = batch.labels(manager).singletonOrThrow();
      assertThat(inputs.getDataType()).isEqualTo(DataType.INT64);
      assertThat(inputs.getShape()).isEqualTo(new Shape(7, 10));
      assertThat(labels.getShape()).isEqualTo(new Shape(7, 10));
      assertThat(inputs.toLongArray()).isEqualTo(batch.ids(0));
      assertThat(labels.toLongArray()).isEqualTo(batch.ids(1));
    }
  }

  private static long[][] rows(long[] flat, int rows) {
    int length = flat.length / rows;
    return IntStream.range(0, rows)
        .mapToObj(r -> Arrays.copyOfRange(flat, r * length, (r + 1) * length))
        .toArray(long[][]::new);
  }

  private static List<Plain> epoch(TokenStreams streams, long seed, int epoch) {
    var batches = new ArrayList<Plain>();
    Iterator<Batch> all = streams.epoch(seed, epoch);
    all.forEachRemaining(b -> batches.add(plain(b)));
    assertThat(batches).hasSize(streams.size(seed, epoch));
    return batches;
  }

  /** The tokens that row r reads over a whole epoch. */
  private static long[] row(List<Plain> batches, int row, boolean labels) {
    return batches.stream()
        .flatMapToLong(b -> Arrays.stream(labels ? b.labels[row] : b.inputs[row]))
        .toArray();
  }

  private static void isAnEpoch(List<Plain> batches, int rows) {
    for (int i = 0; i < batches.size(); i++) {
      assertThat(batches.get(i).continuesPrevious).isEqualTo(i > 0);
    }
    for (int r = 0; r < rows; r++) {
      long[] read = row(batches, r, false);
      long[] answers = row(batches, r, true);
      // Every answer is what the row reads next.
      assertThat(Arrays.copyOf(answers, answers.length - 1))
          .isEqualTo(Arrays.copyOfRange(read, 1, read.length));
    }
  }

  @Test
  void rowsAreConsecutivePartsOfTheTextAndLabelsAreOneFarther() {
    TokenStreams streams = TokenStreams.of(TEXT, CHARS, 7, 10);
    List<Plain> batches = epoch(streams, 1, 0);
    isAnEpoch(batches, 7);
    int[] stream = TEXT.tokens(CHARS);
    long[] all =
        IntStream.range(0, 7)
            .boxed()
            .flatMapToLong(r -> Arrays.stream(row(batches, r, false)))
            .toArray();
    // 1,000 predictions in 7 rows: 142 each, 6 are left out at the end.
    assertThat(all).hasSize(994);
    assertThat(all).isEqualTo(Arrays.stream(stream).asLongStream().limit(994).toArray());
    assertThat(batches).hasSize(15);
    assertThat(batches.get(14).inputs[0]).hasSize(2);
    assertThat(row(epoch(streams, 2, 5), 3, true)).isEqualTo(row(batches, 3, true));
    assertThat(streams.toString()).contains("7 rows of 142 tokens, 10 a step");
  }

  @Test
  void oneRowAsLongAsTheTextIsTheWholeText() {
    List<Plain> batches = epoch(TokenStreams.of(TEXT, CHARS, 1, 1000), 1, 0);
    assertThat(batches).hasSize(1);
    assertThat(batches.get(0).inputs[0]).hasSize(1000);
  }

  @Test
  void tooManyRowsOrTooLongIsSaid() {
    Corpus small = Corpus.ofText("small", "abcdef");
    Vocabulary chars = Vocabulary.ofCharacters(small);
    assertThatThrownBy(() -> TokenStreams.of(small, chars, 7, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7 rows")
        .hasMessageContaining("only 6 tokens");
    assertThatThrownBy(() -> TokenStreams.of(small, chars, 2, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("length 4")
        .hasMessageContaining("only 3 tokens");
    assertThatThrownBy(() -> TokenStreams.of(small, chars, 0, 4)).hasMessageContaining("rows is 0");
    assertThatThrownBy(() -> TokenStreams.of(small, chars, 1, 0))
        .hasMessageContaining("length is 0");
    assertThatThrownBy(() -> TokenStreams.of(Corpus.ofText("none", ""), chars, 1, 1))
        .hasMessageContaining("\"none\" has only 0 tokens");
  }

  @Test
  void someRowsOfABatchAreABatch() {
    Batch batch = TokenStreams.of(TEXT, CHARS, 5, 10).epoch(1, 0).next();
    Plain whole = plain(batch);
    Plain part = plain(batch.rows(1, 3));
    assertThat(part.inputs).isDeepEqualTo(Arrays.copyOfRange(whole.inputs, 1, 3));
    assertThat(part.labels).isDeepEqualTo(Arrays.copyOfRange(whole.labels, 1, 3));
    assertThat(batch.rows(1, 3).predictions()).isEqualTo(20);
    assertThatThrownBy(() -> batch.rows(3, 6)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void shuffledDocumentsAreWholeAndFollowFromSeedAndEpoch() {
    List<String> documents =
        IntStream.range(0, 20)
            .mapToObj(i -> different(1000).substring(i * 50, i * 50 + 49))
            .toList();
    Corpus corpus = Corpus.of("d", documents);
    Vocabulary chars = Vocabulary.ofCharacters(corpus);
    TokenStreams streams = TokenStreams.of(corpus, chars, 1, 30).shuffled();
    long[] first = row(epoch(streams, 1, 0), 0, false);
    long[] second = row(epoch(streams, 1, 1), 0, false);
    assertThat(first).hasSize(20 * 50).isNotEqualTo(second);
    assertThat(row(epoch(streams, 1, 1), 0, false)).isEqualTo(second);
    assertThat(row(epoch(streams, 2, 0), 0, false)).isNotEqualTo(first);
    for (long[] read : List.of(first, second)) {
      isAnEpoch(epoch(streams, 1, 0), 1);
      String text = chars.decode(LongStream.of(read).mapToInt(i -> (int) i).toArray());
      assertThat(documents).allMatch(text::contains);
    }
    // Every label, the closing end included, is there once.
    long[] labels = row(epoch(streams, 1, 3), 0, true);
    assertThat(LongStream.of(labels).filter(t -> t == chars.end()).count()).isEqualTo(20);
  }

  @Test
  void aShuffledTextBeginsElsewhereInEachEpoch() {
    TokenStreams streams = TokenStreams.of(TEXT, CHARS, 4, 10).shuffled();
    var beginnings = new ArrayList<Long>();
    for (int epoch = 0; epoch < 20; epoch++) {
      List<Plain> batches = epoch(streams, 3, epoch);
      isAnEpoch(batches, 4);
      beginnings.add(batches.get(0).inputs[0][0]);
    }
    assertThat(beginnings.stream().distinct().count()).isGreaterThan(4);
    // Even where there is no room to shift.
    TokenStreams full = TokenStreams.of(TEXT, CHARS, 10, 100).shuffled();
    assertThat(epoch(full, 3, 4)).hasSize(1);
  }

  @Test
  void randomLengthsVaryAroundTAndCoverTheText() {
    TokenStreams streams =
        TokenStreams.of(Corpus.ofText("long", different(20_000)), CHARS, 2, 50).randomLengths();
    var lengths = new ArrayList<Integer>();
    for (int epoch = 0; epoch < 10; epoch++) {
      List<Plain> batches = epoch(streams, 1, epoch);
      isAnEpoch(batches, 2);
      assertThat(row(batches, 0, false)).hasSize(10_000);
      batches.subList(0, batches.size() - 1).forEach(b -> lengths.add(b.inputs[0].length));
    }
    assertThat(lengths).allMatch(l -> l >= 5 && l <= 80);
    assertThat(lengths.stream().mapToInt(l -> l).average().orElseThrow())
        .isCloseTo(0.95 * 50 + 0.05 * 25, within(1.0));
    double half = lengths.stream().filter(l -> l < 37).count() / (double) lengths.size();
    assertThat(half).isBetween(0.02, 0.08);
    double spread =
        Math.sqrt(
            lengths.stream()
                .filter(l -> l > 37)
                .mapToDouble(l -> (l - 50.0) * (l - 50.0))
                .average()
                .orElseThrow());
    assertThat(spread).isCloseTo(5, within(0.5));
    assertThat(lengths(streams, 1, 2)).isEqualTo(lengths(streams, 1, 2));
    assertThat(lengths(streams, 1, 2)).isNotEqualTo(lengths(streams, 1, 3));
    assertThat(lengths(streams, 1, 2)).isNotEqualTo(lengths(streams, 2, 2));
  }

  private static List<Integer> lengths(TokenStreams streams, long seed, int epoch) {
    return epoch(streams, seed, epoch).stream().map(b -> b.inputs[0].length).toList();
  }
}
