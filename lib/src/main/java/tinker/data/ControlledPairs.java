package tinker.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tinker.text.Pair;

/**
 * Sentence pairs made by rule. The hypothesis is drawn first, in the same way for each label, and
 * then a premise that gives it its label.
 */
final class ControlledPairs {
  private static final int MOST = 6000;
  private static final int ATTEMPTS = 10_000;

  private static final List<String> LABELS = List.of("entailment", "neutral", "contradiction");
  private static final List<String> PHENOMENA =
      List.of("synonym", "hypernym", "negation", "number", "role-swap");

  private static final String[] PEOPLE = {
    "farmer", "teacher", "doctor", "singer", "painter", "baker", "sailor", "driver", "girl", "boy"
  };
  private static final String[] ANIMALS = {"dog", "cat", "horse", "cow", "goat", "duck"};
  private static final String[] PLACES = {
    "near the river",
    "in the garden",
    "behind the house",
    "on the hill",
    "under the bridge",
    "at the market",
    "by the road",
    "in the yard"
  };
  private static final String[] ACTS = {"sleep", "wait", "sing", "rest", "play", "eat"};
  private static final String[] DEEDS = {"follow", "help", "call", "greet", "visit", "pull"};
  private static final String[] NUMBERS = {
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"
  };

  /** Two words of one meaning, then two of the opposite one. */
  private static final String[][] ADJECTIVES = {
    {"big", "large", "small", "little"},
    {"happy", "glad", "sad", "unhappy"},
    {"fast", "quick", "slow", "sluggish"},
    {"rich", "wealthy", "poor", "needy"},
    {"brave", "courageous", "timid", "cowardly"}
  };

  /** A class, then kinds of it, each with kinds of its own. */
  private static final String[][][] KINDS = {
    {
      {"animal"},
      {"dog", "poodle", "terrier"},
      {"bird", "sparrow", "robin"},
      {"fish", "trout", "salmon"}
    },
    {
      {"vehicle"},
      {"car", "taxi", "limousine"},
      {"boat", "canoe", "ferry"},
      {"bicycle", "tandem", "racer"}
    },
    {{"plant"}, {"tree", "oak", "birch"}, {"flower", "tulip", "rose"}, {"herb", "basil", "mint"}}
  };

  private final Random random;

  private ControlledPairs(Random random) {
    this.random = random;
  }

  static Pairs generate(int n, long seed) {
    int kinds = PHENOMENA.size() * LABELS.size();
    if (n < kinds || n > MOST) {
      throw new IllegalArgumentException("n is " + n + "; it must be " + kinds + " to " + MOST);
    }
    var generator = new ControlledPairs(new Random(seed));
    Set<List<String>> seen = new HashSet<>();
    var drawn = new ArrayList<Pair>();
    for (int i = 0; i < n; i++) {
      drawn.add(
          generator.fresh(
              PHENOMENA.get(i % PHENOMENA.size()),
              LABELS.get(i / PHENOMENA.size() % LABELS.size()),
              seen));
    }
    Collections.shuffle(drawn, generator.random);
    var pairs = new ArrayList<Pair>();
    for (Pair pair : drawn) {
      pairs.add(
          new Pair(
              String.valueOf(pairs.size() + 1),
              pair.first(),
              pair.second(),
              pair.label(),
              pair.group()));
    }
    return Pairs.of("controlled pairs", LABELS, pairs);
  }

  private Pair fresh(String phenomenon, String label, Set<List<String>> seen) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<String> sentences =
          switch (phenomenon) {
            case "synonym" -> synonym(label);
            case "hypernym" -> hypernym(label);
            case "negation" -> negation(label);
            case "number" -> number(label);
            default -> roleSwap(label);
          };
      if (seen.add(sentences)) {
        return new Pair("", sentences.get(0), sentences.get(1), label, phenomenon);
      }
    }
    throw new IllegalStateException("there are no more pairs for " + phenomenon + ", " + label);
  }

  private String one(String... words) {
    return words[random.nextInt(words.length)];
  }

  private int other(int than, int bound) {
    return (than + 1 + random.nextInt(bound - 1)) % bound;
  }

  private List<String> synonym(String label) {
    int group = random.nextInt(ADJECTIVES.length);
    int word = random.nextInt(4);
    String given =
        switch (label) {
          case "entailment" -> ADJECTIVES[group][word ^ 1];
          case "contradiction" -> ADJECTIVES[group][(word ^ 2) ^ random.nextInt(2)];
          default -> one(ADJECTIVES[other(group, ADJECTIVES.length)]);
        };
    String rest = " " + one(PEOPLE) + " " + one(ACTS) + "s " + one(PLACES) + ".";
    return List.of("The " + given + rest, "The " + ADJECTIVES[group][word] + rest);
  }

  private List<String> hypernym(String label) {
    int top = random.nextInt(KINDS.length);
    int kind = 1 + random.nextInt(3);
    String given;
    if (label.equals("entailment")) {
      given = KINDS[top][kind][1 + random.nextInt(2)];
    } else if (label.equals("neutral")) {
      given = KINDS[top][0][0];
    } else if (random.nextBoolean()) {
      given = KINDS[other(top, KINDS.length)][0][0];
    } else {
      given = KINDS[top][1 + other(kind - 1, 3)][1 + random.nextInt(2)];
    }
    String start = "What the " + one(PEOPLE) + " saw " + one(PLACES) + " was ";
    return List.of(start + article(given) + ".", start + article(KINDS[top][kind][0]) + ".");
  }

  private static String article(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  private List<String> negation(String label) {
    int subject = random.nextInt(ANIMALS.length);
    String act = one(ACTS);
    String place = " " + one(PLACES);
    boolean denied = random.nextBoolean();
    boolean premiseDenied =
        switch (label) {
          case "entailment" -> denied;
          case "contradiction" -> !denied;
          default -> random.nextBoolean();
        };
    String about = ANIMALS[label.equals("neutral") ? other(subject, ANIMALS.length) : subject];
    // Who sleeps all day sleeps; who does not sleep at all does not sleep there.
    return List.of(
        "The "
            + about
            + doing(act, premiseDenied)
            + (premiseDenied ? " at all." : place + " all day."),
        "The " + ANIMALS[subject] + doing(act, denied) + place + ".");
  }

  private static String doing(String act, boolean denied) {
    return denied ? " does not " + act : " " + act + "s";
  }

  private List<String> number(String label) {
    String rest = " " + one(ANIMALS) + "s " + one(ACTS) + " " + one(PLACES);
    int form = random.nextInt(3);
    int k = 3 + random.nextInt(5);
    String said = (form == 0 ? "" : form == 1 ? "more than " : "fewer than ") + NUMBERS[k];
    String second = upper(said) + rest + ".";
    if (label.equals("neutral")) {
      return List.of((random.nextBoolean() ? "Some" : "Several") + rest + " all day.", second);
    }
    boolean holds = label.equals("entailment");
    int n;
    do {
      n = 2 + random.nextInt(7);
    } while ((form == 0 ? n == k : form == 1 ? n > k : n < k) != holds);
    return List.of(upper(NUMBERS[n]) + rest + " all day.", second);
  }

  private static String upper(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private List<String> roleSwap(String label) {
    int actor = random.nextInt(PEOPLE.length);
    int patient = other(actor, PEOPLE.length);
    String deed = one(DEEDS);
    boolean passive = random.nextBoolean();
    boolean denied = random.nextBoolean();
    boolean premiseDenied =
        switch (label) {
          case "entailment" -> denied;
          case "contradiction" -> !denied;
          default -> random.nextBoolean();
        };
    boolean swapped = label.equals("neutral");
    String place = " " + one(PLACES) + ".";
    return List.of(
        clause(
                PEOPLE[swapped ? patient : actor],
                PEOPLE[swapped ? actor : patient],
                deed,
                !passive,
                premiseDenied)
            + place,
        clause(PEOPLE[actor], PEOPLE[patient], deed, passive, denied) + place);
  }

  private static String clause(
      String actor, String patient, String deed, boolean passive, boolean denied) {
    if (!passive) {
      return "The " + actor + doing(deed, denied) + " the " + patient;
    }

    return "The " + patient + (denied ? " is not " : " is ") + deed + "ed by the " + actor;
  }
}
