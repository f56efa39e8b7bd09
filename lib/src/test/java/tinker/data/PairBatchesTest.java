package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tinker.text.Pair;
import tinker.text.Vocabulary;

class PairBatchesTest {
  private static final Pairs TWO =
      Pairs.of(
          "two",
          List.of("no", "yes"),
          List.of(
              new Pair("1", "a cat", "A cat sat.", "yes", ""), new Pair("2", "", "cat", "no", "")));

  private static final WordVectors VECTORS = WordVectors.random(5, 7);
  private static final Vocabulary LETTERS = Vocabulary.ofCharacters("acst");

  @Test
  void theSevenArrays() {
    try (NDManager manager = NDManager.newBaseManager()) {
      PairBatch batch = PairBatches.of(TWO, VECTORS, LETTERS, 2).whole();
      NDList inputs = batch.inputs(manager);
      assertThat(inputs.stream().map(a -> a.getShape()))
          .containsExactly(
              new Shape(5, 5),
              new Shape(5, 3),
              new Shape(5),
              new Shape(2, 2),
              new Shape(2),
              new Shape(2, 4),
              new Shape(2));
      // Distinct words: a, cat, the empty word, sat, and the full stop, which is no known letter.
      String[] words = {"a", "cat", "", "sat", "."};
      for (int i = 0; i < words.length; i++) {
        assertThat(inputs.get(0).get(i).toFloatArray()).isEqualTo(VECTORS.vector(words[i]));
      }
      assertThat(inputs.get(1).toLongArray())
          .containsExactly(2, 0, 0, 3, 2, 5, 0, 0, 0, 4, 2, 5, 0, 0, 0);
      assertThat(inputs.get(2).toLongArray()).containsExactly(1, 3, 1, 3, 1);
      assertThat(inputs.get(3).toLongArray()).containsExactly(0, 1, 2, 0);
      assertThat(inputs.get(4).toLongArray()).containsExactly(2, 1);
      assertThat(inputs.get(5).toLongArray()).containsExactly(0, 1, 3, 4, 1, 0, 0, 0);
      assertThat(inputs.get(6).toLongArray()).containsExactly(4, 1);
      assertThat(batch.labels(manager).get(0).toLongArray()).containsExactly(1, 0);
    }
  }

  @Test
  void rowsOfABatchAreABatch() {
    try (NDManager manager = NDManager.newBaseManager()) {
      PairBatch second = PairBatches.of(TWO, VECTORS, LETTERS, 2).whole().rows(1, 2);
      NDList inputs = second.inputs(manager);
      assertThat(second.places()).containsExactly(1);
      assertThat(inputs.get(0).getShape()).isEqualTo(new Shape(2, 5));
      assertThat(inputs.get(5).toLongArray()).containsExactly(1);
      assertThat(second.labels(manager).get(0).toLongArray()).containsExactly(0);
      assertThatThrownBy(() -> second.rows(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void longSentencesAndWordsAreCut() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList inputs = PairBatches.of(TWO, VECTORS, LETTERS, 2, 2, 1).whole().inputs(manager);
      assertThat(inputs.get(1).getShape()).isEqualTo(new Shape(3, 1));
      assertThat(inputs.get(5).getShape()).isEqualTo(new Shape(2, 2));
      assertThat(inputs.get(6).toLongArray()).containsExactly(2, 1);
    }
    PairBatches some = PairBatches.of(TWO, VECTORS, LETTERS, 2);
    assertThat(PairBatches.of(TWO, VECTORS, LETTERS, 2).checksum()).isEqualTo(some.checksum());
    Pairs swapped =
        Pairs.of(
            "two",
            List.of("no", "yes"),
            List.of(
                new Pair("1", "A cat sat.", "a cat", "yes", ""),
                new Pair("2", "cat", "", "no", "")));
    assertThat(
            List.of(
                some.checksum(),
                some.shuffled().checksum(),
                PairBatches.of(TWO, VECTORS, LETTERS, 1).checksum(),
                PairBatches.of(TWO, VECTORS, LETTERS, 2, 1, 9).checksum(),
                PairBatches.of(swapped, VECTORS, LETTERS, 2).checksum()))
        .doesNotHaveDuplicates();
    assertThatThrownBy(() -> PairBatches.of(TWO, VECTORS, LETTERS, 0))
        .hasMessageContaining("rows is 0");
    assertThatThrownBy(() -> PairBatches.of(TWO, VECTORS, LETTERS, 1, 0, 1))
        .hasMessageContaining("longestSentence is 0");
  }

  private static List<int[]> places(Batches batches, long seed, int epoch) {
    var all = new ArrayList<int[]>();
    for (Iterator<Batch> it = batches.epoch(seed, epoch); it.hasNext(); ) {
      all.add(((PairBatch) it.next()).places());
    }
    return all;
  }

  @Test
  void everyEpochHasEveryPairOnceInAnOrderThatFollowsFromTheSeed() {
    Pairs pairs = Pairs.bundled();
    PairBatches batches = PairBatches.of(pairs, VECTORS, LETTERS, 32).shuffled();
    assertThat(batches.size(7, 0)).isEqualTo(25);
    var orders = new ArrayList<List<Integer>>();
    for (int[] run : new int[][] {{7, 0}, {7, 1}, {8, 0}, {7, 0}}) {
      List<int[]> epoch = places(batches, run[0], run[1]);
      assertThat(epoch).hasSize(25);
      int[] flat = epoch.stream().flatMapToInt(Arrays::stream).toArray();
      orders.add(Arrays.stream(flat).boxed().toList());
      Arrays.sort(flat);
      assertThat(flat).isEqualTo(IntStream.range(0, 800).toArray());
    }
    assertThat(orders.get(0)).isEqualTo(orders.get(3));
    assertThat(orders.get(0)).isNotEqualTo(orders.get(1)).isNotEqualTo(orders.get(2));
  }

  @Test
  void pairsOfABatchAreAboutEquallyLong() {
    Pairs pairs = Pairs.bundled();
    PairBatches sorted = PairBatches.of(pairs, VECTORS, LETTERS, 32);
    int[] lengths =
        places(sorted, 1, 0).stream()
            .mapToInt(batch -> longest(pairs, batch[batch.length - 1]))
            .toArray();
    assertThat(lengths).isSorted();
    List<int[]> shuffled = places(sorted.shuffled(), 1, 0);
    long padded = shuffled.stream().mapToLong(b -> padding(pairs, b)).sum();
    var order = new ArrayList<>(IntStream.range(0, 800).boxed().toList());
    Collections.shuffle(order, new java.util.Random(1));
    long unsorted = 0;
    for (int from = 0; from < 800; from += 32) {
      unsorted +=
          padding(pairs, order.subList(from, from + 32).stream().mapToInt(i -> i).toArray());
    }
    assertThat(padded).isLessThan(unsorted / 3);
    // The batches themselves come in random order.
    assertThat(shuffled.stream().map(b -> longest(pairs, b[0])).toList())
        .isNotEqualTo(shuffled.stream().map(b -> longest(pairs, b[0])).sorted().toList());
  }

  private static long padding(Pairs pairs, int[] batch) {
    int most = Arrays.stream(batch).map(i -> longest(pairs, i)).max().orElseThrow();
    return Arrays.stream(batch).mapToLong(i -> most - longest(pairs, i)).sum();
  }

  private static int longest(Pairs pairs, int i) {
    Pair pair = pairs.all().get(i);
    return Math.max(pair.firstWords().size(), pair.secondWords().size());
  }

  @Test
  void everythingMayBeOneBatch() {
    Pairs pairs = Pairs.controlled(60, 1);
    PairBatches one =
        PairBatches.of(
            pairs, WordVectors.random(5, 1), PairBatches.letters(pairs), Integer.MAX_VALUE);
    for (PairBatches batches : List.of(one, one.shuffled())) {
      assertThat(batches.size(1, 0)).isEqualTo(1);
      assertThat(batches.epoch(1, 0)).toIterable().hasSize(1);
    }
    assertThat(one.classes()).isEqualTo(pairs.labels());
  }
}
