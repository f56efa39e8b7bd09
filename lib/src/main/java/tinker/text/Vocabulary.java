package tinker.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The tokens a model knows, numbered from 0. Two of them are not text:
 *
 * <ul>
 *   <li>id 0, <i>unknown</i>, stands for every token the vocabulary was not built from;
 *   <li>id 1, <i>end</i>, stands between documents, so that a model can learn where one begins and
 *       ends.
 * </ul>
 *
 * <pre>{@code
 * var chars = Vocabulary.ofCharacters(split.train());
 * int[] ids = chars.encode("the ");
 * chars.decode(ids);                                  // "the "
 * }</pre>
 *
 * <p>Any text made of known tokens comes back from {@code decode(encode(text))} as it was. A
 * vocabulary never changes.
 */
public final class Vocabulary {
  /** How the unknown token is shown: U+FFFD, the replacement character. */
  public static final String UNKNOWN = "\uFFFD";

  private static final int UNKNOWN_ID = 0;
  private static final int END_ID = 1;
  private static final String END_SHOWN = "\u23F9";

  private final Tokenizer tokenizer;
  private final boolean acceptsUnknown;
  private final List<String> tokens;
  private final Map<String, Integer> ids;
  // Id of each code point if tokens are characters: texts are long, and look-ups by string slow.
  private final int[] characterIds;

  private Vocabulary(Tokenizer tokenizer, List<String> textTokens, boolean acceptsUnknown) {
    this.tokenizer = tokenizer;
    this.acceptsUnknown = acceptsUnknown;
    var all = new ArrayList<String>(textTokens.size() + 2);
    all.add(UNKNOWN);
    all.add("");
    all.addAll(textTokens);
    this.tokens = List.copyOf(all);
    this.ids = new HashMap<>();
    for (int id = 2; id < tokens.size(); id++) {
      if (ids.putIfAbsent(tokens.get(id), id) != null) {
        throw new IllegalArgumentException("token \"" + tokens.get(id) + "\" stands twice");
      }
    }
    this.characterIds = tokenizer == Tokenizer.CHARACTERS ? characterIds(textTokens) : new int[0];
  }

  private static int[] characterIds(List<String> characters) {
    int highest = -1;
    for (String c : characters) {
      if (c.isEmpty() || c.offsetByCodePoints(0, 1) != c.length()) {
        throw new IllegalArgumentException("token \"" + c + "\" is not one character");
      }
      highest = Math.max(highest, c.codePointAt(0));
    }
    int[] byCodePoint = new int[highest + 1];
    for (int i = 0; i < characters.size(); i++) {
      byCodePoint[characters.get(i).codePointAt(0)] = i + 2;
    }
    return byCodePoint;
  }

  /** Every character (code point) of {@code corpus}, in code point order. */
  public static Vocabulary ofCharacters(Corpus corpus) {
    var seen = new BitSet();
    for (String document : corpus.documents()) {
      document.codePoints().forEach(seen::set);
    }
    return new Vocabulary(
        Tokenizer.CHARACTERS, seen.stream().mapToObj(Character::toString).toList(), true);
  }

  /** Every character of {@code text}. */
  public static Vocabulary ofCharacters(String text) {
    return ofCharacters(Corpus.ofText("text", text));
  }

  /**
   * The words of {@code corpus} that occur at least {@code minimumCount} times, most frequent
   * first; rarer ones become <i>unknown</i>.
   *
   * @param minimumCount at least 1
   */
  public static Vocabulary ofWords(Corpus corpus, int minimumCount) {
    if (minimumCount < 1) {
      throw new IllegalArgumentException(
          "minimumCount is " + minimumCount + "; it must be at least 1");
    }
    var counts = new HashMap<String, Integer>();
    for (String document : corpus.documents()) {
      for (String token : Tokenizer.WORDS.split(document)) {
        counts.merge(token, 1, Integer::sum);
      }
    }
    List<String> kept =
        counts.entrySet().stream()
            .filter(e -> e.getValue() >= minimumCount)
            .sorted(
                Map.Entry.<String, Integer>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .toList();
    return new Vocabulary(Tokenizer.WORDS, kept, true);
  }

  /**
   * The vocabulary whose text tokens are {@code textTokens} in this order; the first one gets id 2.
   * This is how a saved vocabulary comes back.
   *
   * @throws IllegalArgumentException if a token stands twice
   */
  public static Vocabulary of(
      Tokenizer tokenizer, List<String> textTokens, boolean acceptsUnknown) {
    return new Vocabulary(tokenizer, textTokens, acceptsUnknown);
  }

  /** The same tokens, but {@link #encode} refuses a token it does not know. */
  public Vocabulary withoutUnknown() {
    return new Vocabulary(tokenizer, textTokens(), false);
  }

  /** How text is cut into tokens. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** True if a token that is not in the vocabulary is encoded as <i>unknown</i>, not refused. */
  public boolean acceptsUnknown() {
    return acceptsUnknown;
  }

  /** Number of ids, the two special ones included: V. */
  public int size() {
    return tokens.size();
  }

  /** Id of the unknown token. */
  public int unknown() {
    return UNKNOWN_ID;
  }

  /** Id of the token that stands between documents. */
  public int end() {
    return END_ID;
  }

  /** The tokens that are text, in the order of their ids, which begin at 2. */
  public List<String> textTokens() {
    return tokens.subList(2, tokens.size());
  }

  /** True if {@code token} has an id of its own. */
  public boolean contains(String token) {
    return ids.containsKey(token);
  }

  /**
   * The ids of the tokens of {@code text}.
   *
   * @return values in [0, {@link #size()})
   * @throws IllegalArgumentException if a token is unknown and this vocabulary refuses such tokens
   */
  public int[] encode(String text) {
    if (tokenizer == Tokenizer.CHARACTERS) {
      return encodeCharacters(text);
    }
    List<String> split = tokenizer.split(text);
    int[] encoded = new int[split.size()];
    for (int i = 0; i < encoded.length; i++) {
      encoded[i] = id(split.get(i), i);
    }
    return encoded;
  }

  private int[] encodeCharacters(String text) {
    int[] encoded = new int[text.codePointCount(0, text.length())];
    for (int i = 0, at = 0; i < encoded.length; i++) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      int id = c < characterIds.length ? characterIds[c] : UNKNOWN_ID;
      encoded[i] = id != UNKNOWN_ID ? id : id(Character.toString(c), i);
    }
    return encoded;
  }

  private int id(String token, int position) {
    Integer id = ids.get(token);
    if (id != null) {
      return id;
    }
    if (acceptsUnknown) {
      return UNKNOWN_ID;
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "token \"%s\" (%s), number %d of the text counted from 1, is not among the %d of the"
                + " vocabulary, and it has no unknown token",
            token,
            codePoints(token),
            position + 1,
            size() - 2));
  }

  private static String codePoints(String token) {
    return token
        .codePoints()
        .mapToObj(c -> String.format(Locale.ROOT, "U+%04X", c))
        .limit(8)
        .collect(Collectors.joining(" "));
  }

  /**
   * The text of these ids. <i>Unknown</i> is written as U+FFFD, <i>end</i> as nothing.
   *
   * @throws IndexOutOfBoundsException if an id is outside [0, {@link #size()})
   */
  public String decode(int... ids) {
    var text = new StringBuilder();
    for (int id : ids) {
      text.append(tokens.get(Objects.checkIndex(id, tokens.size())));
    }
    return text.toString();
  }

  /**
   * How the token of this id is shown to a person: white space, <i>end</i> and characters that have
   * no shape of their own get a visible sign. Not for reading back.
   *
   * @throws IndexOutOfBoundsException if {@code id} is outside [0, {@link #size()})
   */
  public String show(int id) {
    if (Objects.checkIndex(id, tokens.size()) == END_ID) {
      return END_SHOWN;
    }
    var shown = new StringBuilder();
    tokens.get(id).codePoints().forEach(c -> show(c, shown));
    return shown.toString();
  }

  private static void show(int c, StringBuilder shown) {
    switch (c) {
      case ' ' -> shown.append('\u2423');
      case '\n' -> shown.append("\\n");
      case '\t' -> shown.append("\\t");
      case '\r' -> shown.append("\\r");
      default -> {
        switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED,
              Character.SPACE_SEPARATOR,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
              shown.append(String.format(Locale.ROOT, "U+%04X", c));
          default -> {
            // A combining mark needs something to stand on.
            if (shown.isEmpty() && Character.getType(c) == Character.NON_SPACING_MARK) {
              shown.append('\u25CC');
            }
            shown.appendCodePoint(c);
          }
        }
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Vocabulary v
        && v.tokenizer == tokenizer
        && v.acceptsUnknown == acceptsUnknown
        && v.tokens.equals(tokens);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new Object[] {tokenizer, acceptsUnknown, tokens});
  }

  @Override
  public String toString() {
    return tokenizer == Tokenizer.CHARACTERS
        ? (size() - 2) + " characters"
        : (size() - 2) + " words";
  }
}
