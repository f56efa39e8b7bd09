package tinker.model;

import java.util.Arrays;

/**
 * All different n-grams of one length, numbered from 0 in the order of their first appearance. An
 * n-gram is known by the number of the (n-1)-gram it begins with and by its last token, so that the
 * tables of all lengths together form a tree whose paths spell the n-grams from left to right.
 *
 * <p>Stored in an open-addressing hash table with linear probing: 16 bytes for each of its places,
 * of which between 44 % and 70 % are taken. While the table of all possible keys is small, it is
 * stored whole instead, which needs no search.
 */
final class Grams {
  private static final int LARGEST_DENSE = 1 << 22;
  private static final double FULLEST = 0.7;
  private static final double GROWTH = 1.6;
  private static final long NUMBER = 1L << 32;
  private static final int MOST_PLACES = (Integer.MAX_VALUE - 8) / 2;

  private final long vocabularySize;
  // Number + 1 of the n-gram at each key; empty if the keys are hashed.
  private final int[] dense;
  // Two values for each place, side by side because memory is slow: the key, and number + 1 (upper
  // half) with the count (lower half); 0 where the place is free.
  private long[] table = {};
  private int places;
  private int limit;

  private int size;
  private int[] counts;
  private int[] before;

  /**
   * @param parents number of (n-1)-grams
   * @param vocabularySize V
   */
  Grams(int parents, int vocabularySize) {
    this.vocabularySize = vocabularySize;
    long possible = (long) parents * vocabularySize;
    int first = (int) Math.min(Math.max(1024, 2L * parents), LARGEST_DENSE);
    if (possible <= LARGEST_DENSE) {
      dense = new int[(int) possible];
      first = (int) Math.min(first, possible);
    } else {
      dense = new int[0];
      resize(first);
    }
    counts = new int[first];
    before = new int[first];
  }

  /** Number of different n-grams. */
  int size() {
    return size;
  }

  /** How often each n-gram was counted, by number; to be read after {@link #trim}. */
  int[] counts() {
    return counts;
  }

  /** How many different tokens stand before each n-gram, by number; to be read after trim. */
  int[] tokensBefore() {
    return before;
  }

  void foundBefore(int number) {
    before[number]++;
  }

  /** The number of the n-gram {@code parent} + {@code token}, or -1. */
  int find(int parent, int token) {
    long key = parent * vocabularySize + token;
    if (dense.length > 0) {
      return dense[(int) key] - 1;
    }
    return (int) (table[2 * search(key) + 1] >>> 32) - 1;
  }

  /**
   * The number of the n-gram {@code parent} + {@code token}, which is entered if it is new.
   *
   * @param times added to its count, 0 or 1
   */
  int count(int parent, int token, int times) {
    long key = parent * vocabularySize + token;
    if (dense.length > 0) {
      int number = dense[(int) key];
      if (number == 0) {
        number = add();
        dense[(int) key] = number;
      }
      counts[number - 1] += times;
      return number - 1;
    }
    int place = search(key);
    long entry = table[2 * place + 1];
    if (entry != 0) {
      table[2 * place + 1] = entry + times;
      return (int) (entry >>> 32) - 1;
    }
    int number = add();
    table[2 * place] = key;
    table[2 * place + 1] = number * NUMBER + times;
    if (size > limit) {
      resize((int) Math.min(MOST_PLACES, (long) (places * GROWTH)));
    }
    return number - 1;
  }

  private int add() {
    if (size == counts.length) {
      int larger = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(16, (long) (size * GROWTH)));
      counts = Arrays.copyOf(counts, larger);
      before = Arrays.copyOf(before, larger);
    }
    return ++size;
  }

  /** The place of this key, or the free one where it would have to stand. */
  private int search(long key) {
    long mixed = (key ^ (key >>> 32)) * 0x9E3779B97F4A7C15L;
    mixed ^= mixed >>> 29;
    mixed *= 0xBF58476D1CE4E5B9L;
    // The upper 32 bits, scaled to the number of places.
    int place = (int) (((mixed >>> 32) * places) >>> 32);
    while (table[2 * place + 1] != 0 && table[2 * place] != key) {
      place = place + 1 == places ? 0 : place + 1;
    }
    return place;
  }

  private void resize(int larger) {
    long[] old = table;
    if (larger == places) {
      throw new IllegalStateException(
          "more than " + size + " different n-grams of one length; count a shorter text");
    }
    table = new long[2 * larger];
    places = larger;
    limit = (int) (places * FULLEST);
    for (int i = 0; i < old.length; i += 2) {
      if (old[i + 1] != 0) {
        int place = search(old[i]);
        table[2 * place] = old[i];
        table[2 * place + 1] = old[i + 1];
      }
    }
  }

  /** Ends the counting: gives back the memory that no n-gram needs. */
  void trim() {
    counts = Arrays.copyOf(counts, size);
    before = Arrays.copyOf(before, size);
    for (int i = 1; i < table.length; i += 2) {
      if (table[i] != 0) {
        counts[(int) (table[i] >>> 32) - 1] = (int) table[i];
      }
    }
  }

  /** What {@link #forEach} calls. */
  interface Visitor {
    void visit(int parent, int number);
  }

  /** Visits every n-gram once, in no particular order. */
  void forEach(Visitor visitor) {
    for (int key = 0; key < dense.length; key++) {
      if (dense[key] != 0) {
        visitor.visit((int) (key / vocabularySize), dense[key] - 1);
      }
    }
    for (int i = 0; i < table.length; i += 2) {
      if (table[i + 1] != 0) {
        visitor.visit((int) (table[i] / vocabularySize), (int) (table[i + 1] >>> 32) - 1);
      }
    }
  }
}
