package tinker.matching;

/**
 * With what a word of one sentence is compared: four answers to the question which words of the
 * other sentence matter to it (Wang, Hamza and Florian 2017, section 3.2).
 */
public enum Matching {
  /** With the whole other sentence: the last state of the direction that read it. */
  FULL("full"),
  /** With every word of the other sentence, keeping the highest cosine of each perspective. */
  MAXPOOLING("maxpooling"),
  /** With the mean of the other sentence's words, weighted by their plain cosines. */
  ATTENTIVE("attentive"),
  /** With the one word of the other sentence whose plain cosine is the highest. */
  MAX_ATTENTIVE("max-attentive");

  private final String shown;

  Matching(String shown) {
    this.shown = shown;
  }

  @Override
  public String toString() {
    return shown;
  }
}
