package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;

class TextBatchesTest {
  /** Lengths 1 to 20 again and again; the first letter of a text is its class. */
  private static Labelled data(int count) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < count; i++) {
      String label = i % 10 == 0 ? "b" : "a";
      examples.add(new Example(label + "x".repeat(i * 7 % 20), label));
    }
    return Labelled.of("letters", examples);
  }

  /** Every row as text and label, in the order in which they come. */
  private static List<String> rows(Labelled data, Reading reading, Iterator<Batch> batches) {
    var rows = new ArrayList<String>();
    try (NDManager manager = NDManager.newBaseManager()) {
      while (batches.hasNext()) {
        Batch batch = batches.next();
        NDList inputs = batch.inputs(manager);
        long[] ids = inputs.get(0).toLongArray();
        long[] lengths = inputs.get(1).toLongArray();
        long[] labels = batch.labels(manager).singletonOrThrow().toLongArray();
        int steps = ids.length / lengths.length;
        assertThat(inputs.get(0).getShape()).isEqualTo(new Shape(batch.rows(), steps));
        assertThat(batch.predictions()).isEqualTo(batch.rows()).isEqualTo(labels.length);
        for (int row = 0; row < lengths.length; row++) {
          var text = new StringBuilder();
          for (int t = 0; t < steps; t++) {
            if (t < lengths[row]) {
              text.append(reading.token((int) ids[row * steps + t]));
            } else {
              assertThat(ids[row * steps + t]).isEqualTo(Reading.PADDING);
            }
          }
          rows.add(text + "/" + data.classes().get((int) labels[row]));
        }
      }
    }
    return rows;
  }

  private static List<String> expected(Labelled data) {
    return data.examples().stream().map(e -> e.text() + "/" + e.label()).toList();
  }

  @Test
  void everyTextComesOnceAnEpochWithItsLabel() {
    Labelled data = data(103);
    Reading reading = Reading.characters(data);
    TextBatches batches = TextBatches.of(data, reading, 8);
    List<String> first = rows(data, reading, batches.epoch(1, 0));
    assertThat(first).containsExactlyInAnyOrderElementsOf(expected(data));
    assertThat(rows(data, reading, batches.epoch(1, 0))).isEqualTo(first);
    assertThat(rows(data, reading, batches.epoch(1, 1))).isNotEqualTo(first);
    assertThat(rows(data, reading, batches.epoch(2, 0))).isNotEqualTo(first);
    assertThat(rows(data, reading, batches.inOrder().epoch(1, 0))).isEqualTo(expected(data));
    assertThat(batches.size(1, 0)).isEqualTo(13);
    assertThat(TextBatches.of(data, reading, 8).checksum()).isEqualTo(batches.checksum());
    assertThat(
            List.of(
                batches.checksum(),
                batches.shuffled().checksum(),
                batches.balanced().checksum(),
                batches.longest(2).checksum(),
                TextBatches.of(data, reading, 9).checksum(),
                TextBatches.of(data(102), reading, 8).checksum()))
        .doesNotHaveDuplicates();
  }

  @Test
  void textsOfOneLengthGoTogether() {
    TextBatches batches = TextBatches.of(data(400), Reading.characters(data(400)), 8);
    assertThat(batches.padding(1)).isLessThan(0.05);
    // Lengths are uniform on 1 to 20: the longest of 8 is near 19, their mean near 10.5.
    assertThat(batches.shuffled().padding(1)).isBetween(0.3, 0.6);
  }

  @Test
  void balancedMeansEqualNumbers() {
    Labelled data = data(100);
    Reading reading = Reading.characters(data);
    Map<String, Integer> counts = new TreeMap<>();
    for (String row :
        rows(data, reading, TextBatches.of(data, reading, 8).balanced().epoch(1, 0))) {
      counts.merge(row.substring(row.indexOf('/') + 1), 1, Integer::sum);
    }
    assertThat(counts).isEqualTo(Map.of("a", 50, "b", 50));
  }

  @Test
  void aBatchCanBeCutByRowsAndTextsByLength() {
    Labelled data = data(40);
    Reading reading = Reading.characters(data);
    TextBatches batches = TextBatches.of(data, reading, 40).inOrder();
    Batch whole = batches.epoch(1, 0).next();
    assertThat(rows(data, reading, List.of(whole.rows(3, 9)).iterator()))
        .isEqualTo(expected(data).subList(3, 9));
    assertThat(rows(data, reading, batches.longest(2).epoch(1, 0)))
        .allMatch(row -> row.indexOf('/') <= 2);
  }

  @Test
  void wrongValuesAreNamed() {
    Labelled data = data(4);
    Reading reading = Reading.characters(data);
    assertThatThrownBy(() -> TextBatches.of(data, reading, 0))
        .hasMessageContaining("batchSize is 0");
    assertThatThrownBy(() -> TextBatches.of(data, reading, 1).longest(0))
        .hasMessageContaining("tokens is 0");
  }

  @Test
  void everythingMayBeOneBatch() {
    Labelled data =
        Labelled.of(
            "d", List.of(new Example("ab", "x"), new Example("c", "y"), new Example("d", "x")));
    TextBatches one = TextBatches.of(data, Reading.characters(data), Integer.MAX_VALUE);
    assertThat(one.size(1, 0)).isEqualTo(1);
    assertThat(one.epoch(1, 0)).toIterable().hasSize(1);
    assertThat(one.classes()).containsExactly("x", "y");
  }
}
