package tinker.data;

/**
 * Pairs in three parts: what a model learns from, what choices are made on, and what is looked at
 * once, at the end.
 */
public record PairSplit(Pairs train, Pairs validation, Pairs test) {
  @Override
  public String toString() {
    return "train " + train + "; validation " + validation + "; test " + test;
  }
}
