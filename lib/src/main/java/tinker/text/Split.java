package tinker.text;

/**
 * A corpus in three parts: what a model learns from, what choices are made on, and what is looked
 * at once, at the end.
 */
public record Split(Corpus train, Corpus validation, Corpus test) {
  @Override
  public String toString() {
    return "train " + train + "; validation " + validation + "; test " + test;
  }
}
