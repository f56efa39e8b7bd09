package tinker.generate;

import java.util.List;

/** Someone, or something, that chooses the next token in place of a random number. */
@FunctionalInterface
public interface Chooser {
  /**
   * Chooses how the text goes on.
   *
   * @param text what stands so far
   * @param candidates the most likely tokens, most likely first
   * @return the position in {@code candidates} of the one to write, or -1 to end the text here
   */
  int choose(String text, List<Candidate> candidates);
}
