package tinker.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import tinker.text.Example;
import tinker.text.Labelled;
import tinker.text.Reading;

/**
 * Labelled texts of different lengths, cut into batches. The rows of a batch are filled up at the
 * end to the length of the longest. Texts of about the same length go together, so that little is
 * filled up; which of them, and the order of the batches, is drawn anew in each epoch.
 *
 * <pre>{@code
 * var train = TextBatches.of(split.train(), reading, 32);
 * var validation = TextBatches.of(split.validation(), reading, 128).inOrder();
 * Fit.of(classifier, train, validation, FitOptions.epochs(10));
 * }</pre>
 *
 * <p>The inputs of a batch are the ids, (B, T) int64, and the lengths, (B) int64; the labels are
 * the numbers of the classes, (B) int64.
 */
public final class TextBatches implements Batches {
  private enum Order {
    BUCKETS,
    SHUFFLED,
    AS_GIVEN
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final int[][] texts;
  private final int[] labels;
  private final List<String> classes;
  private final int batchSize;
  private final Order order;
  private final boolean balanced;

  private TextBatches(
      int[][] texts,
      int[] labels,
      List<String> classes,
      int batchSize,
      Order order,
      boolean balanced) {
    this.texts = texts;
    this.labels = labels;
    this.classes = classes;
    this.batchSize = batchSize;
    this.order = order;
    this.balanced = balanced;
  }

  /**
   * @param data may be empty
   * @param reading how the texts become ids
   * @param batchSize texts side by side, at least 1
   */
  public static TextBatches of(Labelled data, Reading reading, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize is " + batchSize + "; it must be at least 1");
    }
    int[][] texts = new int[data.size()][];
    int[] labels = new int[data.size()];
    for (int i = 0; i < texts.length; i++) {
      Example example = data.examples().get(i);
      texts[i] = reading.ids(example.text());
      if (texts[i].length == 0) {
        throw new IllegalArgumentException(
            "there is nothing to read in \"" + example.text() + "\"");
      }
      labels[i] = data.classes().indexOf(example.label());
    }
    return new TextBatches(texts, labels, data.classes(), batchSize, Order.BUCKETS, false);
  }

  /** The same texts in their own order in every epoch: for measuring. */
  public TextBatches inOrder() {
    return new TextBatches(texts, labels, classes, batchSize, Order.AS_GIVEN, false);
  }

  /** Shuffled without regard to length: more is filled up. */
  public TextBatches shuffled() {
    return new TextBatches(texts, labels, classes, batchSize, Order.SHUFFLED, balanced);
  }

  /**
   * As many texts an epoch, but drawn so that every class that has examples comes equally often:
   * those of a rare class are repeated, of those of a frequent one some are left out.
   */
  public TextBatches balanced() {
    return new TextBatches(texts, labels, classes, batchSize, order, true);
  }

  /**
   * At most the first {@code tokens} tokens of each text.
   *
   * @param tokens at least 1
   */
  public TextBatches longest(int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException("tokens is " + tokens + "; it must be at least 1");
    }
    int[][] cut =
        Arrays.stream(texts)
            .map(t -> t.length > tokens ? Arrays.copyOf(t, tokens) : t)
            .toArray(int[][]::new);
    return new TextBatches(cut, labels, classes, batchSize, order, balanced);
  }

  @Override
  public Iterator<Batch> epoch(long seed, int epoch) {
    return batches(seed, epoch).iterator();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size(long seed, int epoch) {
    return Buckets.count(texts.length, batchSize);
  }

  @Override
  public String checksum() {
    var fingerprint =
        new Fingerprint()
            .add(classes.size(), batchSize)
            .add(order.name())
            .add(balanced)
            .add(labels)
            .add(texts.length);
    for (int[] text : texts) {
      fingerprint.add(text);
    }
    return fingerprint.hex();
  }

  /** Which share of the places of the first epoch's batches is filled up, in [0, 1). */
  public double padding(long seed) {
    long places = 0;
    long filled = 0;
    for (Batch batch : batches(seed, 0)) {
      Rows rows = (Rows) batch;
      places += (long) rows.rows() * rows.steps();
      filled += Arrays.stream(rows.texts).mapToLong(t -> t.length).sum();
    }
    return places == 0 ? 0 : 1 - (double) filled / places;
  }

  private List<Batch> batches(long seed, int epoch) {
    var random = new Random(seed * GOLDEN + epoch);
    List<Integer> drawn = draw(random);
    if (order == Order.BUCKETS) {
      Buckets.sort(drawn, batchSize, Comparator.comparingInt(i -> texts[i].length));
    }
    var batches = new ArrayList<Batch>();
    for (List<Integer> rows : Buckets.cut(drawn, batchSize)) {
      batches.add(
          new Rows(
              rows.stream().map(i -> texts[i]).toArray(int[][]::new),
              rows.stream().mapToLong(i -> labels[i]).toArray()));
    }
    if (order == Order.BUCKETS) {
      Collections.shuffle(batches, random);
    }
    return batches;
  }

  private List<Integer> draw(Random random) {
    var drawn = new ArrayList<Integer>();
    if (!balanced) {
      for (int i = 0; i < texts.length; i++) {
        drawn.add(i);
      }
      if (order != Order.AS_GIVEN) {
        Collections.shuffle(drawn, random);
      }
      return drawn;
    }
    var members = new ArrayList<List<Integer>>();
    for (int c = 0; c < classes.size(); c++) {
      members.add(new ArrayList<>());
    }
    for (int i = 0; i < texts.length; i++) {
      members.get(labels[i]).add(i);
    }
    members.removeIf(List::isEmpty);
    members.forEach(m -> Collections.shuffle(m, random));
    // Round the classes, so that none comes twice before another has come once.
    for (int i = 0; i < texts.length; i++) {
      List<Integer> own = members.get(i % members.size());
      drawn.add(own.get(i / members.size() % own.size()));
    }
    Collections.shuffle(drawn, random);
    return drawn;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d texts in batches of %d%s",
        texts.length,
        batchSize,
        balanced ? ", classes balanced" : "");
  }

  /** Some texts, filled up to the longest. */
  private static final class Rows implements Batch {
    private final int[][] texts;
    private final long[] labels;

    Rows(int[][] texts, long... labels) {
      this.texts = texts;
      this.labels = labels;
    }

    int steps() {
      return Math.max(1, Arrays.stream(texts).mapToInt(t -> t.length).max().orElse(1));
    }

    @Override
    public NDList inputs(NDManager manager) {
      int steps = steps();
      long[] ids = new long[texts.length * steps];
      Arrays.fill(ids, Reading.PADDING);
      for (int row = 0; row < texts.length; row++) {
        for (int t = 0; t < texts[row].length; t++) {
          ids[row * steps + t] = texts[row][t];
        }
      }
      long[] lengths = Arrays.stream(texts).mapToLong(t -> t.length).toArray();
      return new NDList(
          BatchArray.of(manager, ids, texts.length, steps),
          BatchArray.of(manager, lengths, lengths.length));
    }

    @Override
    public NDList labels(NDManager manager) {
      return new NDList(BatchArray.of(manager, labels, labels.length));
    }

    @Override
    public int predictions() {
      return texts.length;
    }

    @Override
    public int rows() {
      return texts.length;
    }

    @Override
    public boolean continuesPrevious() {
      return false;
    }

    @Override
    public Batch rows(int from, int to) {
      Objects.checkFromToIndex(from, to, texts.length);
      return new Rows(Arrays.copyOfRange(texts, from, to), Arrays.copyOfRange(labels, from, to));
    }

    @Override
    public String toString() {
      return texts.length + " texts of up to " + steps() + " tokens";
    }
  }
}
