package tinker.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tinker.model.LanguageModel;
import tinker.model.NGram;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

class GeneratorTest {
  private static final Vocabulary ABC = Vocabulary.ofCharacters("abc");
  private static final int A = 2;
  private static final int B = 3;
  private static final int C = 4;

  /** unknown, end, a, b, c: the last token is likelier than the others. */
  private static final FixedModel MODEL =
      new FixedModel(
          ABC,
          read -> {
            double[] p = {0.1, 0.02, 0.28, 0.3, 0.3};
            if (read.length > 0 && read[read.length - 1] >= A) {
              p[read[read.length - 1]] += 0.2;
              p[2] -= 0.1;
              p[0] -= 0.1;
            }
            return p;
          });

  /** Writes abcabc... and ends a document after nine characters. */
  private static final FixedModel CYCLE =
      new FixedModel(
          ABC,
          read -> {
            double[] p = new double[5];
            int sinceEnd = 0;
            for (int token : read) {
              sinceEnd = token == ABC.end() ? 0 : sinceEnd + 1;
            }
            p[sinceEnd == 9 ? ABC.end() : A + sinceEnd % 3] = 1;
            return p;
          });

  @Test
  void theSameSeedWritesTheSameTextAndAnotherAnother() {
    Generator generator = Generator.of(MODEL).prime("ab").seed(7).pastEnd("|");
    String text = generator.write(200);
    assertThat(text).startsWith("ab").hasSize(202);
    assertThat(generator.write(200)).isEqualTo(text);
    assertThat(generator.seed(8).write(200)).isNotEqualTo(text);
    assertThat(generator.write(50)).isEqualTo(text.substring(0, 52));
  }

  @Test
  void aGeneratorNeverChanges() {
    Generator generator = Generator.of(MODEL).seed(7);
    String text = generator.write(50);
    generator.prime("a").seed(9).temperature(0).until("b").pastEnd("").onToken(t -> {});
    assertThat(generator.write(50)).isEqualTo(text);
  }

  @Test
  void drawsFollowTheModelWithTheUnknownTokenLeftOut() {
    String text = Generator.of(MODEL).prime("b").pastEnd("|").seed(3).write(100_000);
    assertThat(text).doesNotContain(Vocabulary.UNKNOWN);
    // After "b", unknown has nothing left: 0.02 end, 0.18 a, 0.5 b, 0.3 c.
    int[] after = new int[128];
    for (int i = 0; i + 1 < text.length(); i++) {
      if (text.charAt(i) == 'b') {
        after[text.charAt(i + 1)]++;
      }
    }
    double all = after['|'] + after['a'] + after['b'] + after['c'];
    assertThat(after['b'] / all).isCloseTo(0.5, within(0.01));
    assertThat(after['a'] / all).isCloseTo(0.18, within(0.01));
    assertThat(after['|'] / all).isCloseTo(0.02, within(0.005));
  }

  /** An n-gram looks back over two characters here; what stands further back changes nothing. */
  @Test
  void aPrimeMayBeLongerThanWhatTheModelLooksBackOn() {
    Corpus corpus = Corpus.ofText("text", "the cat sat on the mat, the rat sat on the cat.");
    var model = NGram.count(corpus, Vocabulary.ofCharacters(corpus), 3).wittenBell();
    String end = "at sat on th";
    String from = Generator.of(model).prime(end).pastEnd("|").seed(5).write(40);
    String further = "the mat the mat the c" + end;
    assertThat(Generator.of(model).prime(further).pastEnd("|").seed(5).write(40))
        .isEqualTo("the mat the mat the c" + from);
  }

  @Test
  void itEndsWithTheDocumentOrGoesPastIt() {
    assertThat(Generator.of(CYCLE).write(300)).isEqualTo("abcabcabc");
    assertThat(Generator.of(CYCLE).write(4)).isEqualTo("abca");
    assertThat(Generator.of(CYCLE).prime("abcab").write(300)).isEqualTo("abcabcabc");
    assertThat(Generator.of(CYCLE).pastEnd("\n").write(14)).isEqualTo("abcabcabc\nabca");
  }

  @Test
  void itStopsAfterAnyOfTheStopsButNotForThoseInThePrime() {
    assertThat(Generator.of(CYCLE).until("ca").write(300)).isEqualTo("abca");
    assertThat(Generator.of(CYCLE).prime("abca").until("ca").write(300)).isEqualTo("abcabca");
    assertThat(Generator.of(CYCLE).until("zz").until("bc").write(300)).isEqualTo("abc");
    // Begins in the prime: what was written is "a" only.
    assertThat(Generator.of(CYCLE).prime("abc").until("ca").write(4)).isEqualTo("abcabca");
  }

  @Test
  void aStopWithinAWordCutsTheWord() {
    Vocabulary words = Vocabulary.ofWords(tinker.text.Corpus.ofText("t", "one two. three"), 1);
    int[] tokens = words.encode("one two. three");
    var model =
        new FixedModel(
            words,
            read -> {
              double[] p = new double[words.size()];
              p[read.length < tokens.length ? tokens[read.length] : words.end()] = 1;
              return p;
            });
    var pieces = new ArrayList<String>();
    Generator generator = Generator.of(model).onToken(pieces::add);
    assertThat(generator.write(10)).isEqualTo("one two. three");
    assertThat(generator.until("tw").write(10)).isEqualTo("one tw");
    assertThat(pieces).containsExactly("one", " two", ".", " three", "one", " tw");
  }

  @Test
  void theListenerHearsExactlyTheText() {
    var heard = new StringBuilder();
    String text =
        Generator.of(MODEL).prime("abc").seed(4).pastEnd("\n").onToken(heard::append).write(100);
    assertThat(heard.toString()).isEqualTo(text);
  }

  @Test
  void rulesWorkInTheOrderNamedAndReplaceTheirKind() {
    Generator generator = Generator.of(MODEL).topK(2).temperature(0.5).minP(0.1).topK(3);
    assertThat(generator.sampler())
        .isEqualTo(new TopK(3).then(new Temperature(0.5)).then(new MinP(0.1)));
    assertThat(Generator.of(MODEL).temperature(0).seed(1).write(20))
        .isEqualTo(Generator.of(MODEL).topK(1).seed(2).write(20))
        .isEqualTo("b".repeat(20));
  }

  @Test
  void ownRulesSeeTheTokensWritten() {
    // Never the same token twice in a row.
    Sampler noDouble =
        (logProbabilities, written) -> {
          double[] adjusted = logProbabilities.clone();
          if (written.length > 0) {
            adjusted[written[written.length - 1]] = Double.NEGATIVE_INFINITY;
          }
          return adjusted;
        };
    String text = Generator.of(MODEL).rule(noDouble).pastEnd("|").seed(1).write(500);
    assertThat(text).hasSize(500).doesNotContain("aa", "bb", "cc", "||");
  }

  @Test
  void theTemperatureCycleReachesTheText() {
    // Every second character is greedy: after an even number of tokens, the last one again.
    String text =
        Generator.of(MODEL).prime("b").temperatureCycle(1.0, 0.0).pastEnd("|").seed(2).write(200);
    for (int i = 1; i + 1 < text.length(); i += 2) {
      if (text.charAt(i - 1) == 'b') {
        assertThat(text.charAt(i)).isEqualTo('b');
      }
    }
    assertThat(text).contains("c", "a");
  }

  @Test
  void manyTextsAreEachTheTextOfTheirVariant() {
    Generator generator = Generator.of(MODEL).prime("ab").seed(7).temperature(0.9).until("cab");
    List<String> texts = generator.writeMany(130, 40);
    assertThat(texts).hasSize(130);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(texts.get(i)).isEqualTo(generator.variant(i).write(40));
    }
    assertThat(texts.get(0)).isEqualTo(generator.write(40));
    assertThat(texts.stream().distinct().count()).isGreaterThan(100);
    assertThat(texts.stream().mapToInt(String::length).distinct().count()).isGreaterThan(5);
  }

  @Test
  void candidatesAreSortedAndSeeTheRules() {
    List<Candidate> candidates = Generator.of(MODEL).prime("b").candidates(10);
    assertThat(candidates).extracting(Candidate::text).containsExactly("b", "c", "a", "");
    assertThat(candidates).extracting(Candidate::shown).containsExactly("b", "c", "a", "\u23F9");
    assertThat(candidates.get(0).probability()).isCloseTo(0.5, within(1e-12));
    assertThat(Generator.of(MODEL).prime("b").topK(2).candidates(10)).hasSize(2);
    assertThat(Generator.of(MODEL).prime("b").candidates(1)).hasSize(1);
  }

  @Test
  void someoneMayChoose() {
    var texts = new ArrayList<String>();
    Chooser second =
        (text, candidates) -> {
          texts.add(text);
          return text.length() == 4 ? -1 : 1;
        };
    assertThat(Generator.of(MODEL).prime("b").choosing(3, second).write(100)).isEqualTo("bcbc");
    assertThat(texts).containsExactly("b", "bc", "bcb", "bcbc");
    assertThatThrownBy(() -> Generator.of(MODEL).choosing(2, (t, c) -> 2).write(1))
        .hasMessage("choice 2; it must be from 0 to 1, or -1 to end the text");
  }

  @Test
  void anInterruptKeepsWhatWasWritten() {
    Generator generator =
        Generator.of(CYCLE)
            .pastEnd("\n")
            .onToken(
                piece -> {
                  if (piece.equals("\n")) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(generator.write(1_000_000)).isEqualTo("abcabcabc\n");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void textsGoIntoAFileThatAppearsWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.writeString(file, "older");
    Generator generator = Generator.of(CYCLE).prime("a");
    assertThat(generator.writeTo(file, 2, 3)).isEqualTo(file);
    assertThat(file).hasContent("abca\nabca\n");
    Thread.currentThread().interrupt();
    generator.writeTo(file, 2, 3);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(file).hasContent("a\na\n");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    assertThatThrownBy(() -> generator.writeTo(folder.resolve("no/such.txt"), 1, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no folder");
  }

  @Test
  void aFailedWriteLeavesTheOlderFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.writeString(file, "older");
    var broken =
        new FixedModel(ABC, read -> new double[] {0, 0, read.length > 2 ? Double.NaN : 1, 0, 0});
    assertThatThrownBy(() -> Generator.of(broken).writeTo(file, 1, 10))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("fixed gives NaN for token 2 (\"a\") after 3 tokens");
    assertThat(file).hasContent("older");
  }

  @Test
  void aFailureOfOneOfManyTextsIsToldInItsOwnWords() {
    var none = new FixedModel(ABC, read -> new double[] {0, 0, Double.NaN, 0, 0});
    var infinite = new FixedModel(ABC, read -> new double[] {0, 0, Double.POSITIVE_INFINITY, 0, 0});
    Sampler failing =
        (logs, written) -> {
          throw new IllegalStateException("my rule", new IllegalStateException("inner"));
        };
    for (int round = 0; round < 20; round++) {
      assertThatThrownBy(() -> Generator.of(none).writeMany(64, 2))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("fixed gives NaN for token 2 (\"a\") after");
      assertThatThrownBy(() -> Generator.of(infinite).writeMany(64, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("log-probability of token 2 is Infinity");
    }
    var usual = new FixedModel(ABC, read -> new double[] {0, 0, 1, 0, 0});
    assertThatThrownBy(() -> Generator.of(usual).rule(failing).writeMany(64, 2))
        .hasMessage("my rule");
  }

  @Test
  void aFileThatCannotBeWrittenIsNoticedBeforeAnythingIsGenerated(@TempDir Path folder) {
    var asked = new AtomicInteger();
    var counting =
        new FixedModel(
            ABC,
            read -> {
              asked.incrementAndGet();
              return new double[] {0, 0, 1, 0, 0};
            });
    Generator generator = Generator.of(counting);
    Path file = folder.resolve("x".repeat(300)); // longer than any file system's names
    assertThatThrownBy(() -> generator.writeTo(file, 1, 5))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + file + ": ")
        .hasMessageNotContaining(folder.resolve(".x").toString());
    assertThatThrownBy(() -> generator.writeTo(folder, 1, 5))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write " + folder + ": it is a folder");
    assertThat(asked).hasValue(0);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileThatCannotBeReplacedAfterAllIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("texts.txt");
    // While it writes, a folder appears where the file should be.
    var slow =
        new FixedModel(
            ABC,
            read -> {
              try {
                Files.createDirectories(file.resolve("inside"));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return new double[] {0, 0, 1, 0, 0};
            });
    assertThatThrownBy(() -> Generator.of(slow).writeTo(file, 1, 5))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot write " + file + ": ")
        .hasMessageEndingWith("; the same seed writes the same texts again");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void unknownCharactersInThePrimeAreReadOrRefused() {
    assertThat(Generator.of(MODEL).prime("a\u00e9").write(3)).startsWith("a\u00e9").hasSize(5);
    var strict = new FixedModel(ABC.withoutUnknown(), MODEL.probabilities());
    assertThatThrownBy(() -> Generator.of(strict).prime("a\u00e9").write(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("U+00E9");
  }

  @Test
  void nothingPossibleIsAnErrorAtThePrimeAndTheEndLater() {
    var deadEnd =
        new FixedModel(
            ABC,
            read -> read.length < 3 ? new double[] {0, 0, 1, 0, 0} : new double[] {1, 0, 0, 0, 0});
    assertThat(Generator.of(deadEnd).prime("a").write(10)).isEqualTo("aaa");
    assertThatThrownBy(() -> Generator.of(deadEnd).prime("aaab").write(10))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("fixed holds no known token for possible after \"aaab\"; try another prime");
  }

  @Test
  void wrongNumbersAreRefused() {
    Generator generator = Generator.of(MODEL);
    assertThatThrownBy(() -> generator.prime(null))
        .hasMessage("prime is null; it must be a text, \"\" for none");
    assertThatThrownBy(() -> generator.write(0))
        .hasMessage("0 tokens to write; it must be at least 1");
    assertThatThrownBy(() -> generator.writeMany(0, 5))
        .hasMessage("0 texts; it must be at least 1");
    assertThatThrownBy(() -> generator.candidates(0))
        .hasMessage("0 candidates; it must be at least 1");
    assertThatThrownBy(() -> generator.choosing(0, (t, c) -> 0)).hasMessageContaining("at least 1");
    assertThatThrownBy(() -> generator.variant(-1)).hasMessageContaining("at least 0");
    assertThatThrownBy(() -> generator.until("")).hasMessageContaining("at least 1 character");
    assertThatThrownBy(() -> generator.temperature(-1)).hasMessageContaining("temperature is -1.0");
  }

  @Test
  void aModelThatCanComeToAnEndGoesOnInTurnsAsItDoesAlone() {
    Corpus corpus = Corpus.ofText("abc", "abc");
    NGram counts = NGram.count(corpus, Vocabulary.ofCharacters(corpus), 2);
    LanguageModel duet = Turns.of(counts.maximumLikelihood(), counts.maximumLikelihood());
    assertThat(Generator.of(duet).prime("bb").write(5)).hasSize(7); // "bb" was never seen
  }

  @Test
  void modelsWriteInTurns() {
    var as = new FixedModel(Vocabulary.ofCharacters("ab "), read -> new double[] {0, 0, 0, 1, 0});
    var words =
        new FixedModel(
            Vocabulary.ofCharacters("xy "),
            read -> {
              boolean twice =
                  read.length > 1 && read[read.length - 1] == 3 && read[read.length - 2] == 3;
              return new double[] {0, 0, twice ? 1 : 0, twice ? 0 : 1, 0};
            });
    // Vocabularies: " ab" and " xy"; "a" and "x" have id 3.
    assertThat(Generator.of(Turns.of(as, words)).write(6)).isEqualTo("axaxax");
    assertThat(Generator.of(Turns.of(words, as).after(" ")).write(7)).isEqualTo("xx aaaa");
    Turns duet = Turns.of(as, words);
    assertThat(duet.vocabulary().size()).isEqualTo(7);
    LanguageModel.State state = duet.start();
    double sum =
        IntStream.range(0, 7).mapToDouble(i -> Math.exp(state.logProbabilities()[i])).sum();
    assertThat(sum).isCloseTo(1, within(1e-12));
    assertThatThrownBy(() -> Turns.of(as)).hasMessage("1 models; turns need at least 2");
    assertThatThrownBy(() -> duet.after("q")).hasMessageContaining("\"q\" is not a token");
    var other =
        new FixedModel(
            Vocabulary.ofWords(tinker.text.Corpus.ofText("t", "a b"), 1), r -> new double[4]);
    assertThatThrownBy(() -> Turns.of(as, other)).hasMessageContaining("cut text in one way");
  }

  @Test
  void halfACharacterDoesNotLoseTheTexts(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("t.txt");
    Generator.of(CYCLE).prime("a\uD83D").writeTo(file, 1, 3);
    assertThat(Files.readString(file)).startsWith("a?");
  }
}
