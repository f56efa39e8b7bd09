package tinker.matching;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tinker.data.Batch;
import tinker.data.Batches;

/**
 * A few pairs of made-up words, laid out as a model of pairs reads them. A word's vector follows
 * from its letters.
 *
 * @param padding positions added after the longest sentence and after the longest word
 */
record Toy(List<String[]> pairs, int[] labels, int width, int padding) implements Batch {
  static final int ALPHABET = 27;

  /** A pair of sentences, each words with spaces between them, or empty. */
  static Toy of(String... sentences) {
    var pairs = new java.util.ArrayList<String[]>();
    for (int i = 0; i < sentences.length; i += 2) {
      pairs.add(new String[] {sentences[i], sentences[i + 1]});
    }
    int[] labels = new int[pairs.size()];
    Arrays.setAll(labels, i -> i % 2);
    return new Toy(pairs, labels, 6, 0);
  }

  /** Pairs of random words; those with the same first word have label 1. */
  static Toy random(int count, int words, int width, long seed) {
    var random = new Random(seed);
    var sentences = new String[2 * count];
    Arrays.setAll(sentences, i -> sentence(words, random));
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 2;
      if (labels[i] == 1) {
        sentences[2 * i + 1] =
            sentences[2 * i].split(" ")[0]
                + sentences[2 * i + 1].substring(sentences[2 * i + 1].indexOf(' '));
      }
    }
    return new Toy(of(sentences).pairs, labels, width, 0);
  }

  private static String sentence(int words, Random random) {
    var sentence = new StringBuilder();
    for (int w = 0; w < words; w++) {
      sentence.append(w == 0 ? "" : " ");
      int letters = 1 + random.nextInt(7);
      for (int i = 0; i < letters; i++) {
        sentence.append((char) ('a' + random.nextInt(26)));
      }
    }
    return sentence.toString();
  }

  Toy padded(int by) {
    return new Toy(pairs, labels, width, by);
  }

  Toy swapped() {
    var other = pairs.stream().map(p -> new String[] {p[1], p[0]}).toList();
    return new Toy(other, labels, width, padding);
  }

  @Override
  public NDList inputs(NDManager manager) {
    Map<String, Integer> words = new LinkedHashMap<>();
    long[][][] ids = new long[2][pairs.size()][];
    for (int i = 0; i < pairs.size(); i++) {
      for (int side = 0; side < 2; side++) {
        String sentence = pairs.get(i)[side];
        ids[side][i] =
            Arrays.stream(sentence.isEmpty() ? new String[0] : sentence.split(" "))
                .mapToLong(word -> words.computeIfAbsent(word, w -> words.size()))
                .toArray();
      }
    }
    if (words.isEmpty()) {
      words.put("a", 0);
    }
    float[] vectors = new float[words.size() * width];
    long[][] letters = new long[words.size()][];
    words.forEach(
        (word, row) -> {
          var random = new Random(word.hashCode());
          for (int i = 0; i < width; i++) {
            vectors[row * width + i] = (float) random.nextGaussian();
          }
          letters[row] = word.chars().mapToLong(c -> c - 'a' + 1).toArray();
        });
    var inputs = new NDList(manager.create(vectors, new Shape(words.size(), width)));
    add(inputs, manager, letters);
    add(inputs, manager, ids[0]);
    add(inputs, manager, ids[1]);
    return inputs;
  }

  private void add(NDList inputs, NDManager manager, long[][] rows) {
    int longest = Math.max(1, Arrays.stream(rows).mapToInt(r -> r.length).max().orElse(1));
    longest += padding;
    long[] padded = new long[rows.length * longest];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, padded, i * longest, rows[i].length);
    }
    inputs.add(manager.create(padded, new Shape(rows.length, longest)));
    inputs.add(manager.create(Arrays.stream(rows).mapToLong(r -> r.length).toArray()));
  }

  @Override
  public NDList labels(NDManager manager) {
    return new NDList(manager.create(Arrays.stream(labels).asLongStream().toArray()));
  }

  @Override
  public int predictions() {
    return rows();
  }

  @Override
  public int rows() {
    return pairs.size();
  }

  @Override
  public boolean continuesPrevious() {
    return false;
  }

  @Override
  public Toy rows(int from, int to) {
    return new Toy(pairs.subList(from, to), Arrays.copyOfRange(labels, from, to), width, padding);
  }

  /** This batch, once in every epoch. */
  Batches batches() {
    return new Batches() {
      @Override
      public Iterator<Batch> epoch(long seed, int epoch) {
        return List.<Batch>of(Toy.this).iterator();
      }

      @Override
      public int size(long seed, int epoch) {
        return 1;
      }
    };
  }
}
