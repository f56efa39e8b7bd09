package tinker.text;

/**
 * Labelled texts in three parts: what a classifier learns from, what choices are made on, and what
 * is looked at once, at the end. All parts know all classes.
 */
public record LabelledSplit(Labelled train, Labelled validation, Labelled test) {
  @Override
  public String toString() {
    return "train " + train + "; validation " + validation + "; test " + test;
  }
}
