package tinker.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Random;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

/**
 * A corpus as B streams of tokens side by side, for truncated backpropagation through time: the
 * text is cut into B equally long rows, and each batch reads the next T tokens of every row. So row
 * 3 of a batch goes on where row 3 of the batch before ended, and a recurrent model can carry its
 * state over.
 *
 * <pre>{@code
 * var batches = TokenStreams.of(split.train(), chars, 32, 64);    // 32 rows, 64 tokens a step
 * var varied  = batches.shuffled().randomLengths();
 * }</pre>
 *
 * <p>The fewer than B tokens that would make the rows unequal are left out at the end. The last
 * batch of an epoch is shorter when T does not divide the rows.
 */
public final class TokenStreams implements Batches {
  private static final int SHORTEST = 5;
  private static final double SPREAD = 5;
  private static final double MOSTLY_FULL = 0.95;

  private final String name;
  private final List<int[]> documents;
  private final int[] inOrder;
  private final int rows;
  private final int length;
  private final boolean shuffled;
  private final boolean randomLengths;

  private TokenStreams(
      String name,
      List<int[]> documents,
      int[] inOrder,
      int rows,
      int length,
      boolean shuffled,
      boolean randomLengths) {
    this.name = name;
    this.documents = documents;
    this.inOrder = inOrder;
    this.rows = rows;
    this.length = length;
    this.shuffled = shuffled;
    this.randomLengths = randomLengths;
  }

  /**
   * The same batches in every epoch, all of length T but the last.
   *
   * @param rows B, at least 1
   * @param length T, at least 1
   * @throws IllegalArgumentException if rows or length are below 1, or the text is too short for
   *     them
   */
  public static TokenStreams of(Corpus corpus, Vocabulary vocabulary, int rows, int length) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows is " + rows + "; it must be at least 1");
    }
    if (length < 1) {
      throw new IllegalArgumentException("length is " + length + "; it must be at least 1");
    }
    int[] stream = corpus.tokens(vocabulary);
    int predictions = stream.length - 1;
    if (rows > predictions) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%,d rows side by side, but \"%s\" has only %,d tokens to predict; take at most as"
                  + " many rows",
              rows,
              corpus.name(),
              predictions));
    }
    if (length > predictions / rows) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "length %,d, but each of %,d rows of \"%s\" has only %,d tokens to predict; take at"
                  + " most that length, or fewer rows",
              length,
              rows,
              corpus.name(),
              predictions / rows));
    }
    return new TokenStreams(
        corpus.name(), pieces(stream, corpus, vocabulary), stream, rows, length, false, false);
  }

  /** Each document with the end before it; a continuous text is one piece. */
  private static List<int[]> pieces(int[] stream, Corpus corpus, Vocabulary vocabulary) {
    var pieces = new ArrayList<int[]>();
    if (corpus.documents().size() > 1) {
      int start = 0;
      for (int i = 1; i < stream.length; i++) {
        if (stream[i] == vocabulary.end()) {
          pieces.add(Arrays.copyOfRange(stream, start, i));
          start = i;
        }
      }
    }
    return pieces;
  }

  /**
   * Every epoch reads the documents in a new order; a continuous text begins at another of its
   * first T tokens. For training: a model should not learn which document comes after which, nor
   * where the rows were cut. Validation stays in order.
   */
  public TokenStreams shuffled() {
    return new TokenStreams(name, documents, inOrder, rows, length, true, randomLengths);
  }

  /**
   * Every batch draws its length, as in AWD-LSTM (Merity, Keskar and Socher 2017) and fastai: T
   * with probability 0.95, else T / 2, and then normal around it with deviation 5, but at least 5
   * tokens. So a token is not always the last of its batch, where it gives nothing to the past. The
   * step of a shorter batch should be smaller in proportion; {@code Fit} sees to that, whether it
   * made these batches itself or is given them. Off unless asked for: equal lengths are easier to
   * follow, and for texts cut into few rows the difference is small.
   */
  public TokenStreams randomLengths() {
    return new TokenStreams(name, documents, inOrder, rows, length, shuffled, true);
  }

  /** B. */
  public int rows() {
    return rows;
  }

  /** T: the length of every batch but the last, or the usual length if they are drawn. */
  public int length() {
    return length;
  }

  /** True if every batch draws its length. */
  public boolean hasRandomLengths() {
    return randomLengths;
  }

  @Override
  public String checksum() {
    var fingerprint = new Fingerprint().add(rows, length).add(shuffled, randomLengths).add(inOrder);
    documents.forEach(document -> fingerprint.add(document.length));
    return fingerprint.hex();
  }

  @Override
  public Iterator<Batch> epoch(long seed, int epoch) {
    return new Epoch(seed, epoch);
  }

  @Override
  public int size(long seed, int epoch) {
    Random random = random(seed, epoch);
    int left = rowLength(offset(random));
    if (!randomLengths) {
      return (left + length - 1) / length;
    }
    Random lengths = lengths(seed, epoch);
    int size = 0;
    while (left > 0) {
      left -= draw(lengths);
      size++;
    }
    return size;
  }

  private int offset(Random random) {
    if (!shuffled || !documents.isEmpty()) {
      return 0;
    }
    // Every row must keep at least one full batch.
    int spare = inOrder.length - 1 - rows * length;
    return random.nextInt(Math.min(length, spare + 1));
  }

  private int rowLength(int offset) {
    return (inOrder.length - 1 - offset) / rows;
  }

  private int draw(Random random) {
    double around = random.nextDouble() < MOSTLY_FULL ? length : length / 2.0;
    return Math.max(SHORTEST, (int) Math.round(around + SPREAD * random.nextGaussian()));
  }

  // java.util.Random, because its algorithm is part of its contract: the same on every Java.
  private static Random random(long seed, int epoch) {
    return new Random(seed * 0x9E3779B97F4A7C15L + epoch);
  }

  private static Random lengths(long seed, int epoch) {
    return new Random((seed + 1) * 0xBF58476D1CE4E5B9L + epoch);
  }

  private int[] order(Random random) {
    if (!shuffled || documents.isEmpty()) {
      return inOrder;
    }
    var order = new ArrayList<>(documents);
    Collections.shuffle(order, random);
    int[] stream = new int[inOrder.length];
    int at = 0;
    for (int[] document : order) {
      System.arraycopy(document, 0, stream, at, document.length);
      at += document.length;
    }
    // The end that closes the last document.
    stream[at] = inOrder[at];
    return stream;
  }

  private final class Epoch implements Iterator<Batch> {
    private final int[] stream;
    private final int offset;
    private final int rowLength;
    private final Random lengths;
    private int at;

    Epoch(long seed, int epoch) {
      Random random = random(seed, epoch);
      offset = offset(random);
      stream = order(random);
      rowLength = rowLength(offset);
      lengths = lengths(seed, epoch);
    }

    @Override
    public boolean hasNext() {
      return at < rowLength;
    }

    @Override
    public Batch next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the epoch is over");
      }
      int step = Math.min(rowLength - at, randomLengths ? draw(lengths) : length);
      int[] starts = new int[rows];
      for (int row = 0; row < rows; row++) {
        starts[row] = offset + row * rowLength + at;
      }
      var batch = new TokenBatch(stream, starts, step, at > 0);
      at += step;
      return batch;
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %,d rows of %,d tokens, %d a step%s%s",
        name,
        rows,
        rowLength(0),
        length,
        shuffled ? ", shuffled" : "",
        randomLengths ? ", of random length" : "");
  }
}
