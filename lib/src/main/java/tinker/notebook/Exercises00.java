package tinker.notebook;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import tinker.data.Reviews;
import tinker.text.Vocabulary;

/** The exercises of notebook 00. */
final class Exercises00 {
  private static final String NOTEBOOK = "00-start-here";

  private Exercises00() {}

  static List<Exercise> all() {
    return List.of(answers(), draw(), boldness());
  }

  private static Exercise answers() {
    return Authoring.value("00-1", NOTEBOOK, Number.class)
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

  private record Draw(double[] probabilities, double chance) {
    @Override
    public String toString() {
      return "probabilities " + Arrays.toString(probabilities) + ", chance " + chance;
    }
  }

  private static Exercise draw() {
    return Authoring.<BiFunction<double[], Double, Integer>, Draw, Integer>function(
            "00-2",
            NOTEBOOK,
            BiFunction.class,
            (f, in) -> f.apply(in.probabilities().clone(), in.chance()))
        .reference((p, chance) -> place(p, chance, 0), 0)
        .on(
            new Draw(new double[] {0.5, 0.25, 0.25}, 0.1),
            new Draw(new double[] {0.5, 0.25, 0.25}, 0.6),
            new Draw(new double[] {0.5, 0.25, 0.25}, 0.9),
            new Draw(new double[] {0.5, 0.25, 0.25}, 0.5),
            new Draw(new double[] {0.125, 0.125, 0.25, 0.5}, 0.2),
            new Draw(new double[] {0.125, 0.125, 0.25, 0.5}, 0.3),
            new Draw(new double[] {0, 0.75, 0.25}, 0),
            new Draw(new double[] {1}, 0.999))
        .mistake(
            (p, chance) -> likeliest(p),
            "took the most likely id whatever the chance is; then nothing is drawn")
        .mistake(
            (p, chance) -> first(p, chance),
            "compared the chance with each probability alone; add up those before it")
        .mistake(
            (p, chance) -> place(p, chance, 1),
            "went one id too far; the id whose part holds the chance is the one")
        .mistake(
            (p, chance) -> reached(p, chance),
            "counted the end of a part to that part; it is the beginning of the next one")
        .hint(
            "If the probabilities are laid end to end, they fill the way from 0 to 1. On which of"
                + " them does the chance fall?")
        .hint("Keep a sum, add one probability after the other, and look when it passes chance.")
        .hint("The answer is the first i for which p[0] + ... + p[i] > chance.")
        .why(
            "This is all the chance there is in a written text: the seed of a generator fixes these"
                + " numbers, and so the text.")
        .examples(
            (p, chance) -> -1,
            (p, chance) -> {
              throw new ArrayIndexOutOfBoundsException("Index 3 out of bounds for length 3");
            });
  }

  /** The first id whose sum is above the chance, or the one that is {@code further} ids on. */
  private static int place(double[] p, double chance, int further) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += p[i];
      if (sum > chance) {
        return i + further;
      }
    }
    return p.length - 1;
  }

  private static int reached(double[] p, double chance) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum += p[i];
      if (sum >= chance) {
        return i;
      }
    }
    return p.length - 1;
  }

  private static int first(double[] p, double chance) {
    for (int i = 0; i < p.length; i++) {
      if (p[i] > chance) {
        return i;
      }
    }
    return p.length - 1;
  }

  private static int likeliest(double[] p) {
    int best = 0;
    for (int i = 1; i < p.length; i++) {
      best = p[i] > p[best] ? i : best;
    }
    return best;
  }

  private record Texts(String written, String read) {
    @Override
    public String toString() {
      return "written \"" + written + "\", read \"" + read + "\"";
    }
  }

  private static Exercise boldness() {
    return Authoring.<BiFunction<String, String, double[]>, Texts, double[]>function(
            "00-3", NOTEBOOK, BiFunction.class, (f, in) -> f.apply(in.written(), in.read()))
        .reference((written, read) -> shares(words(written), words(read)), 1e-9)
        .on(
            new Texts("the band the bant", "the band plays"),
            new Texts("the the the the", "the band plays"),
            new Texts("The band, THE song.", "the band; a Song"),
            new Texts(" (the) ", "the"),
            new Texts("don't", "Don sings, I don't"),
            new Texts("\u00E9t\u00E9 \u00E9", "\u00C9t\u00E9"),
            new Texts("xyz zzz", "the band"),
            new Texts("... 7!", "the band"))
        .mistake(
            (written, read) -> shares(pieces(written), pieces(read)),
            "told capital letters from small ones; make both texts small first")
        .mistake(
            (written, read) -> shares(split(written), split(read)),
            "counted an empty piece before the first word or in place of all")
        .mistake(
            (written, read) -> ofDifferent(words(written), words(read)),
            "looked at each different word once for the first share; it is over all words")
        .mistake(
            (written, read) -> {
              double[] shares = shares(words(written), words(read));
              return new double[] {shares[1], shares[0]};
            },
            "gave the shares in the other order")
        .hint("Which words does a text have, once everything that is no letter is a gap?")
        .hint(
            "text.toLowerCase().split(\"[^\\\\p{L}]+\") cuts at all that is no letter; leave out"
                + " an empty piece at the beginning.")
        .hint(
            "Put the words of the read text into a HashSet. The first share counts the written"
                + " words that are in it; the second is the size of a HashSet of the written words;"
                + " divide both by how many words were written.")
        .why(
            "Careful writing has the first share high and the second low; one number alone would"
                + " praise a model that writes the same word forever.")
        .examples(
            (written, read) -> new double[] {0.5, 0.5},
            (written, read) -> {
              throw new ArithmeticException("/ by zero");
            });
  }

  private static List<String> words(String text) {
    return pieces(text.toLowerCase(Locale.ROOT));
  }

  private static List<String> pieces(String text) {
    return Arrays.stream(text.split("[^\\p{L}]+")).filter(word -> !word.isEmpty()).toList();
  }

  private static List<String> split(String text) {
    return List.of(text.toLowerCase(Locale.ROOT).split("[^\\p{L}]+"));
  }

  private static double[] shares(List<String> written, List<String> read) {
    if (written.isEmpty()) {
      return new double[2];
    }
    var known = new HashSet<>(read);
    double count = written.size();
    return new double[] {
      written.stream().filter(known::contains).count() / count,
      new HashSet<>(written).size() / count
    };
  }

  private static double[] ofDifferent(List<String> written, List<String> read) {
    var different = List.copyOf(new HashSet<>(written));
    return new double[] {shares(different, read)[0], shares(written, read)[1]};
  }
}
