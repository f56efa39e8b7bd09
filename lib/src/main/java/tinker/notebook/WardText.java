package tinker.notebook;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import tinker.data.Batch;
import tinker.data.Batches;
import tinker.nn.Loss;

/**
 * The text that the patients of {@link Clinic} read: sentences made by rule from a seed, so simple
 * that a sound model learns in seconds, and so many that two parts share none by chance.
 */
final class WardText {
  private static final String[] WHO = {
    "a boy", "a girl", "the cook", "the king", "my aunt", "our cat", "the dog", "one man", "a bird"
  };
  private static final String[] DOES = {
    "sees", "finds", "paints", "keeps", "sells", "hides", "wants", "draws"
  };
  private static final String[] HOW = {
    "a red", "the old", "her new", "one big", "a thin", "his dark"
  };
  private static final String[] WHAT = {
    "hat", "boat", "house", "song", "stone", "tree", "lamp", "door", "book", "coin"
  };
  private static final String[] WHERE = {
    "in town", "at home", "by night", "on the hill", "near a lake", "at dawn", "for free"
  };
  private static final String LETTERS = letters();

  private WardText() {}

  /** Number of different characters, the padding's 0 included. */
  static int classes() {
    return LETTERS.length() + 1;
  }

  static String decode(int id) {
    return id == 0 ? "_" : LETTERS.substring(id - 1, id);
  }

  static int encode(char letter) {
    return LETTERS.indexOf(letter) + 1;
  }

  private static String letters() {
    return String.join("", WHO)
        .concat(String.join("", DOES))
        .concat(String.join("", HOW))
        .concat(String.join("", WHAT))
        .concat(String.join("", WHERE))
        .concat(" .")
        .chars()
        .distinct()
        .sorted()
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Sentences of two clauses each, drawn anew for each seed. */
  static List<String> sentences(int count, long seed) {
    var random = new Random(seed);
    var sentences = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      sentences.add(clause(random) + " " + clause(random));
    }
    return sentences;
  }

  private static String clause(RandomGenerator random) {
    return one(WHO, random)
        + " "
        + one(DOES, random)
        + " "
        + one(HOW, random)
        + " "
        + one(WHAT, random)
        + " "
        + one(WHERE, random)
        + ".";
  }

  private static String one(String[] words, RandomGenerator random) {
    return words[random.nextInt(words.length)];
  }

  private static long[] ids(String text) {
    return text.chars().mapToLong(letter -> encode((char) letter)).toArray();
  }

  /** All sentences in a few long rows, cut into batches that go on from each other. */
  static Batches streams(List<String> sentences, int rows, int steps) {
    long[] stream = ids(String.join(" ", sentences));
    int length = (stream.length - 1) / rows;
    var batches = new ArrayList<Batch>();
    for (int from = 0; from + steps <= length; from += steps) {
      long[][] inputs = new long[rows][];
      long[][] labels = new long[rows][];
      for (int row = 0; row < rows; row++) {
        int at = row * length + from;
        inputs[row] = Arrays.copyOfRange(stream, at, at + steps);
        labels[row] = Arrays.copyOfRange(stream, at + 1, at + 1 + steps);
      }
      int[] lengths = new int[rows];
      Arrays.fill(lengths, steps);
      batches.add(new Rows(inputs, labels, lengths, from > 0));
    }
    return new Fixed(batches);
  }

  /** A sentence a row, padded with 0 to the longest; no batch goes on from another. */
  static Batches padded(List<String> sentences, int rows) {
    var batches = new ArrayList<Batch>();
    for (int from = 0; from + rows <= sentences.size(); from += rows) {
      List<long[]> texts =
          sentences.subList(from, from + rows).stream().map(WardText::ids).toList();
      int steps = texts.stream().mapToInt(text -> text.length - 1).max().orElseThrow();
      long[][] inputs = new long[rows][];
      long[][] labels = new long[rows][];
      int[] lengths = new int[rows];
      for (int row = 0; row < rows; row++) {
        long[] text = texts.get(row);
        lengths[row] = text.length - 1;
        inputs[row] = Arrays.copyOf(Arrays.copyOf(text, text.length - 1), steps);
        labels[row] = Arrays.copyOf(Arrays.copyOfRange(text, 1, text.length), steps);
      }
      batches.add(new Rows(inputs, labels, lengths, false));
    }
    return new Fixed(batches);
  }

  /** The same batches with labels that are the inputs. */
  static Batches notShifted(Batches batches) {
    return changed(batches, rows -> new Rows(rows.inputs, rows.inputs, rows.lengths, rows.goesOn));
  }

  /** The same batches with the labels of other rows and places. */
  static Batches shuffled(Batches batches, long seed) {
    var random = new Random(seed);
    return changed(
        batches,
        rows -> {
          var all = new ArrayList<Long>();
          for (long[] row : rows.labels) {
            Arrays.stream(row).forEach(all::add);
          }
          Collections.shuffle(all, random);
          long[][] labels = new long[rows.labels.length][];
          Iterator<Long> next = all.iterator();
          for (int row = 0; row < labels.length; row++) {
            labels[row] = Arrays.stream(rows.labels[row]).map(label -> next.next()).toArray();
          }
          return new Rows(rows.inputs, labels, rows.lengths, rows.goesOn);
        });
  }

  private interface Change {
    Rows of(Rows rows);
  }

  private static Batches changed(Batches batches, Change change) {
    return new Fixed(
        ((Fixed) batches).batches.stream().map(batch -> (Batch) change.of((Rows) batch)).toList());
  }

  /** The same batches in every epoch. */
  private record Fixed(List<Batch> batches) implements Batches {
    @Override
    public Iterator<Batch> epoch(long seed, int epoch) {
      return batches.iterator();
    }

    @Override
    public int size(long seed, int epoch) {
      return batches.size();
    }
  }

  /** Rows of ids with their labels; what lies beyond a row's length is padding. */
  private record Rows(long[][] inputs, long[][] labels, int[] lengths, boolean goesOn)
      implements Batch {
    @Override
    public NDList inputs(NDManager manager) {
      return new NDList(manager.create(flat(inputs), shape()));
    }

    @Override
    public NDList labels(NDManager manager) {
      return new NDList(
          manager.create(flat(labels), shape()), Loss.mask(manager, inputs[0].length, lengths));
    }

    private Shape shape() {
      return new Shape(inputs.length, inputs[0].length);
    }

    private static long[] flat(long[][] rows) {
      return Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
    }

    @Override
    public int predictions() {
      return Arrays.stream(lengths).sum();
    }

    @Override
    public int rows() {
      return inputs.length;
    }

    @Override
    public boolean continuesPrevious() {
      return goesOn;
    }

    @Override
    public Batch rows(int from, int to) {
      return new Rows(
          Arrays.copyOfRange(inputs, from, to),
          Arrays.copyOfRange(labels, from, to),
          Arrays.copyOfRange(lengths, from, to),
          goesOn);
    }
  }
}
