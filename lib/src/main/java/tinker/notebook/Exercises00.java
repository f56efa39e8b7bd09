package tinker.notebook;

import java.util.List;
import tinker.data.Reviews;
import tinker.text.Vocabulary;

/** The exercises of notebook 00. */
final class Exercises00 {
  private Exercises00() {}

  static List<Exercise> all() {
    return List.of(answers());
  }

  private static Exercise answers() {
    return Authoring.value("00-1", "00-start-here", Number.class)
        .expect(Exercises00::ids, 0)
        .mistake(
            v -> v.intValue() == ids() - 2,
            "counted the characters only; the model can also answer with one of the two ids that"
                + " are no text, unknown and end")
        .hint("Of what does the model give the probability when it is asked what comes next?")
        .hint("It gives one probability for each id of its vocabulary. Try chars.size().")
        .why(
            "This number, V, is the last dimension of everything a language model answers; you"
                + " meet it in each notebook.")
        .examples(ids(), ids() - 2);
  }

  private static int ids() {
    return Vocabulary.ofCharacters(Reviews.bundled().split(0.8, 0.1, 0.1, 7).train()).size();
  }
}
