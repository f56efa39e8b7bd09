package tinker.generate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tinker.model.LanguageModel;
import tinker.text.Vocabulary;

/**
 * Writes text with a language model: draws a token, lets the model read it, and so on.
 *
 * <pre>{@code
 * Generator.of(lstm).prime("the ").seed(7).temperature(0.5).write(300)
 * Generator.of(lstm).prime("the ").topK(10).topP(0.9).until("\n").write(300)
 * }</pre>
 *
 * <p>A generator never changes: each method returns another one, so that one may be kept and
 * varied. The same generator on the same model writes the same text each time; another {@link
 * #seed} gives another text.
 *
 * <p>The text begins with the prime. It ends after the number of tokens asked for, or before that
 * where the model ends the document, unless {@link #pastEnd} is set. A prime may have characters
 * the model does not know: it reads them as <i>unknown</i>, or its vocabulary refuses them. The
 * unknown token itself is never written: its probability is shared among the others.
 *
 * <p>Rules that change the distribution work in the order in which they were first named; a kind of
 * rule that is named again replaces the earlier one where it stood.
 *
 * <p>If the thread is interrupted, writing stops before the next token; the text written so far is
 * returned and the thread stays interrupted.
 */
public final class Generator {
  private final LanguageModel model;
  private final String prime;
  private final long seed;
  private final List<Sampler> rules;
  private final List<String> stops;
  private final @Nullable String betweenDocuments;
  private final @Nullable Consumer<String> listener;
  private final @Nullable Chooser chooser;
  private final int choices;

  private Generator(
      LanguageModel model,
      String prime,
      long seed,
      List<Sampler> rules,
      List<String> stops,
      @Nullable String betweenDocuments,
      @Nullable Consumer<String> listener,
      @Nullable Chooser chooser,
      int choices) {
    this.model = model;
    this.prime = prime;
    this.seed = seed;
    this.rules = List.copyOf(rules);
    this.stops = List.copyOf(stops);
    this.betweenDocuments = betweenDocuments;
    this.listener = listener;
    this.chooser = chooser;
    this.choices = choices;
  }

  /** A generator that draws from what {@code model} says, from the beginning of a document. */
  public static Generator of(LanguageModel model) {
    return new Generator(model, "", 0, List.of(), List.of(), null, null, null, 0);
  }

  /**
   * The text to go on from, of any length; the model reads it from the beginning of a document.
   *
   * @throws IllegalArgumentException if it is null
   */
  public Generator prime(@Nullable String text) {
    if (text == null) {
      throw new IllegalArgumentException("prime is null; it must be a text, \"\" for none");
    }
    return new Generator(
        model, text, seed, rules, stops, betweenDocuments, listener, chooser, choices);
  }

  /** Where the random numbers begin; 0 if not given. */
  public Generator seed(long value) {
    return new Generator(
        model, prime, value, rules, stops, betweenDocuments, listener, chooser, choices);
  }

  /**
   * {@link Temperature}: at least 0, which is greedy; 1 if not given.
   *
   * @throws IllegalArgumentException if it is below 0, infinite or NaN
   */
  public Generator temperature(double value) {
    return rule(new Temperature(value));
  }

  /**
   * {@link TemperatureCycle}: another temperature for each token, in turn.
   *
   * @throws IllegalArgumentException if there is none, or one is out of range
   */
  public Generator temperatureCycle(double... values) {
    return rule(TemperatureCycle.of(values));
  }

  /**
   * {@link TopK}: the k most likely tokens only.
   *
   * @throws IllegalArgumentException if {@code k} is below 1
   */
  public Generator topK(int k) {
    return rule(new TopK(k));
  }

  /**
   * {@link TopP}: the most likely tokens that together reach probability p.
   *
   * @throws IllegalArgumentException if {@code p} is outside (0, 1]
   */
  public Generator topP(double p) {
    return rule(new TopP(p));
  }

  /**
   * {@link MinP}: only tokens at least p times as likely as the most likely one.
   *
   * @throws IllegalArgumentException if {@code p} is outside [0, 1]
   */
  public Generator minP(double p) {
    return rule(new MinP(p));
  }

  /**
   * {@link RepetitionPenalty} over the whole text: tokens that stand in it become less likely.
   *
   * @throws IllegalArgumentException if {@code penalty} is not above 0 or infinite
   */
  public Generator repetitionPenalty(double penalty) {
    return rule(new RepetitionPenalty(penalty));
  }

  /** A rule of your own; it replaces an earlier one of the same class. */
  public Generator rule(Sampler rule) {
    var replaced = new ArrayList<Sampler>(rules);
    int at = 0;
    while (at < rules.size() && rules.get(at).getClass() != rule.getClass()) {
      at++;
    }
    if (at < rules.size()) {
      replaced.set(at, rule);
    } else {
      replaced.add(rule);
    }
    return new Generator(
        model, prime, seed, replaced, stops, betweenDocuments, listener, chooser, choices);
  }

  /** All rules as one, in the order in which they work. */
  Sampler sampler() {
    return new Chain(rules);
  }

  /**
   * Ends the text after {@code stop} as well, once it has been written; several may be named. A
   * stop that stands in the prime does not count. The text returned includes it.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public Generator until(String stop) {
    if (stop.isEmpty()) {
      throw new IllegalArgumentException(
          "the text to stop at is empty; it must have at least 1 character");
    }
    var more = new ArrayList<String>(stops);
    more.add(stop);
    return new Generator(
        model, prime, seed, rules, more, betweenDocuments, listener, chooser, choices);
  }

  /**
   * Goes on with a new document where the model ends one. The end counts as a token.
   *
   * @param between what is written between the two, such as {@code "\n"}
   */
  public Generator pastEnd(String between) {
    return new Generator(model, prime, seed, rules, stops, between, listener, chooser, choices);
  }

  /**
   * Shows {@link #write} at work: {@code listener} gets the prime, if there is one, and then what
   * each token adds. The pieces put together are the text that {@code write} returns.
   */
  public Generator onToken(Consumer<String> newListener) {
    return new Generator(
        model, prime, seed, rules, stops, betweenDocuments, newListener, chooser, choices);
  }

  /**
   * Lets {@code chooser} choose each token among the {@code n} most likely ones instead of drawing
   * it at random.
   *
   * @param n at least 1
   */
  public Generator choosing(int n, Chooser newChooser) {
    checkCandidates(n);
    return new Generator(
        model, prime, seed, rules, stops, betweenDocuments, listener, newChooser, n);
  }

  /**
   * The most likely next tokens after the prime, most likely first, with their probabilities after
   * all rules.
   *
   * @param n at least 1; fewer come back if fewer are possible
   * @throws IllegalArgumentException if {@code n} is below 1
   */
  public List<Candidate> candidates(int n) {
    checkCandidates(n);
    Draft draft = new Draft(this, seed);
    return draft.candidates(draft.adjust(primed().logProbabilities()), n);
  }

  private static void checkCandidates(int n) {
    if (n < 1) {
      throw new IllegalArgumentException(n + " candidates; it must be at least 1");
    }
  }

  /**
   * The prime and up to {@code tokens} tokens more.
   *
   * @param tokens at least 1
   * @throws IllegalArgumentException if {@code tokens} is below 1, or the prime has a token that
   *     the vocabulary refuses
   * @throws IllegalStateException if the model gives NaN for a token, or holds nothing for possible
   *     after the prime
   */
  public String write(int tokens) {
    checkLength(tokens);
    Draft draft = new Draft(this, seed);
    draft.begin(listener);
    LanguageModel.State state = primed();
    for (int i = 0; i < tokens && !Thread.currentThread().isInterrupted(); i++) {
      int token = draft.next(state.logProbabilities());
      if (draft.ended) {
        break;
      }
      if (i + 1 < tokens) {
        state.read(token);
      }
    }
    return draft.text.toString();
  }

  /**
   * Several texts at once, which is faster than one after the other. The first is what {@link
   * #write} gives; number i is what it gives {@link #variant variant(i)}. On a GPU, which computes
   * many texts in one call, a draw can fall otherwise than for one text alone, by a rounding, once
   * in some hundred thousand. A listener is not told.
   *
   * @param texts at least 1
   * @param tokens as for {@link #write}
   * @throws IllegalArgumentException if a number is out of range
   * @throws IllegalStateException as {@link #write} does
   */
  public List<String> writeMany(int texts, int tokens) {
    if (texts < 1) {
      throw new IllegalArgumentException(texts + " texts; it must be at least 1");
    }
    checkLength(tokens);
    LanguageModel.State state = primed();
    var written = new ArrayList<String>(texts);
    int atOnce = state.worthAtOnce();
    for (int from = 0; from < texts; from += atOnce) {
      int to = Math.min(texts, from + atOnce);
      List<Draft> drafts =
          IntStream.range(from, to).mapToObj(i -> new Draft(this, variantSeed(i))).toList();
      try (LanguageModel.States states = state.copies(to - from)) {
        write(drafts, states, tokens);
      }
      drafts.forEach(draft -> written.add(draft.text.toString()));
    }
    return written;
  }

  private static void write(List<Draft> drafts, LanguageModel.States states, int tokens) {
    drafts.forEach(draft -> draft.begin(null));
    List<Draft> going = drafts;
    for (int i = 0; i < tokens && !Thread.currentThread().isInterrupted(); i++) {
      List<Draft> now = going;
      int[] next = next(now, states.logProbabilities());
      int[] rows = IntStream.range(0, next.length).filter(row -> !now.get(row).ended).toArray();
      if (rows.length == 0) {
        return;
      }
      if (rows.length < next.length) {
        states.keep(rows);
        going = Arrays.stream(rows).mapToObj(now::get).toList();
      }
      if (i + 1 < tokens) {
        states.read(Arrays.stream(rows).map(row -> next[row]).toArray());
      }
    }
  }

  private static int[] next(List<Draft> drafts, double[][] logProbabilities) {
    IntUnaryOperator draw = row -> drafts.get(row).next(logProbabilities[row]);
    IntStream rows = IntStream.range(0, drafts.size());
    // A rule or a chooser of the caller's need not bear several threads.
    if (drafts.get(0).looksBack || drafts.get(0).generator.chooser != null) {
      return rows.map(draw).toArray();
    }
    try {
      return rows.parallel().map(draw).toArray();
    } catch (IllegalStateException | IllegalArgumentException e) {
      // Another thread's failure comes wrapped in a second one of its class; the first has no
      // cause.
      throw e.getCause() instanceof RuntimeException first ? first : e;
    }
  }

  /**
   * The same generator with a seed that follows from its own and {@code number}; number 0 is this
   * one.
   *
   * @param number at least 0
   */
  public Generator variant(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("variant " + number + "; it must be at least 0");
    }
    return seed(variantSeed(number));
  }

  private long variantSeed(int number) {
    // Drawn from a generator of its own, so that neighbouring seeds share no variants.
    return number == 0
        ? seed
        : new SplittableRandom(seed ^ (number * 0xD1342543DE82EF95L)).nextLong();
  }

  /**
   * Several texts into a file of UTF-8, a line's end after each. The file appears once it is whole;
   * an older one stays until then. If the thread is interrupted, the file gets the texts as far as
   * they were written.
   *
   * @param texts at least 1
   * @param tokens as for {@link #write}
   * @return {@code file}
   * @throws IOException if the file cannot be written; a folder that refuses it is noticed before
   *     the texts are written
   */
  public Path writeTo(Path file, int texts, int tokens) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("cannot write " + file + ": there is no folder " + folder);
    }
    if (Files.isDirectory(absolute)) {
      throw new IOException("cannot write " + file + ": it is a folder");
    }
    // Not a temporary file of the system's making, which nobody else could read.
    Path temporary = folder.resolve("." + absolute.getFileName() + "." + UUID.randomUUID());
    try {
      // Before the texts, which may take minutes and would be lost.
      Files.createFile(temporary);
    } catch (IOException e) {
      throw unwritten(file, "", e);
    }
    try {
      String all = String.join("\n", writeMany(texts, tokens)) + "\n";
      publish(all, temporary, file);
    } finally {
      delete(temporary);
    }
    return file;
  }

  private static void publish(String all, Path temporary, Path file) throws IOException {
    // A file channel refuses to work for an interrupted thread.
    boolean interrupted = Thread.interrupted();
    try {
      // Half a character, as of a text cut short, becomes a question mark; writeString refuses it.
      Files.write(temporary, all.getBytes(StandardCharsets.UTF_8));
      Files.move(
          temporary,
          file.toAbsolutePath(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritten(file, "; the same seed writes the same texts again", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Names the file that was asked for, not the temporary one, which means nothing to a reader. */
  private static IOException unwritten(Path file, String advice, IOException e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    if (e instanceof AccessDeniedException) {
      reason = "permission denied";
    } else if (reason == null || reason.isBlank()) {
      reason = e.getClass().getSimpleName();
    }
    return new IOException("cannot write " + file + ": " + reason + advice, e);
  }

  private static void delete(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // What was thrown before says more.
    }
  }

  private static void checkLength(int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException(tokens + " tokens to write; it must be at least 1");
    }
  }

  private LanguageModel.State primed() {
    LanguageModel.State state = model.forWriting().start();
    for (int token : model.vocabulary().encode(prime)) {
      state.read(token);
    }
    return state;
  }

  /** One text in the making. */
  private static final class Draft {
    private final Generator generator;
    private final Vocabulary vocabulary;
    private final SplittableRandom random;
    private final boolean looksBack;
    private final StringBuilder text;
    private int[] tokens;
    private int length;
    private @Nullable Consumer<String> listener;
    boolean ended;

    Draft(Generator generator, long seed) {
      this.generator = generator;
      this.vocabulary = generator.model.vocabulary();
      this.random = new SplittableRandom(seed);
      this.text = new StringBuilder(generator.prime);
      this.tokens = vocabulary.encode(generator.prime);
      this.length = tokens.length;
      // Copying the tokens for rules that do not look at them would make long texts slow.
      this.looksBack =
          !generator.rules.stream()
              .allMatch(
                  r ->
                      r instanceof Temperature
                          || r instanceof TopK
                          || r instanceof TopP
                          || r instanceof MinP);
    }

    void begin(@Nullable Consumer<String> newListener) {
      listener = newListener;
      if (listener != null && !generator.prime.isEmpty()) {
        listener.accept(generator.prime);
      }
    }

    /** Draws or chooses a token and writes it; sets {@link #ended} where the text is over. */
    int next(double[] logProbabilities) {
      if (length > 0
          && text.length() > generator.prime.length()
          && nothingPossible(logProbabilities)) {
        ended = true;
        return vocabulary.end();
      }
      double[] adjusted = adjust(logProbabilities);
      int token;
      if (generator.chooser == null) {
        token = Sampler.draw(adjusted, random);
      } else {
        List<Candidate> candidates = candidates(adjusted, generator.choices);
        int chosen = generator.chooser.choose(text.toString(), candidates);
        if (chosen < -1 || chosen >= candidates.size()) {
          throw new IllegalArgumentException(
              "choice "
                  + chosen
                  + "; it must be from 0 to "
                  + (candidates.size() - 1)
                  + ", or -1 to end the text");
        }
        if (chosen == -1) {
          ended = true;
          return vocabulary.end();
        }
        token = candidates.get(chosen).token();
      }
      write(token);
      return token;
    }

    private void write(int token) {
      if (length == tokens.length) {
        tokens = Arrays.copyOf(tokens, Math.max(16, 2 * length));
      }
      tokens[length++] = token;
      String added = vocabulary.decode(token);
      if (token == vocabulary.end()) {
        if (generator.betweenDocuments == null) {
          ended = true;
          return;
        }
        added = generator.betweenDocuments;
      }
      int before = text.length();
      text.append(added);
      for (String stop : generator.stops) {
        int from = Math.max(generator.prime.length(), before - stop.length() + 1);
        int at = text.indexOf(stop, from);
        if (at >= 0) {
          text.setLength(at + stop.length());
          ended = true;
        }
      }
      if (listener != null && text.length() > before) {
        listener.accept(text.substring(before));
      }
    }

    private boolean nothingPossible(double[] logProbabilities) {
      for (int i = 0; i < logProbabilities.length; i++) {
        if (i != vocabulary.unknown() && logProbabilities[i] != Double.NEGATIVE_INFINITY) {
          return false;
        }
      }
      return true;
    }

    double[] adjust(double[] logProbabilities) {
      for (int i = 0; i < logProbabilities.length; i++) {
        if (Double.isNaN(logProbabilities[i])) {
          throw new IllegalStateException(
              String.format(
                  Locale.ROOT,
                  "%s gives NaN for token %d (\"%s\") after %d tokens; its weights are not usable",
                  generator.model.name(),
                  i,
                  vocabulary.show(i),
                  length));
        }
      }
      if (nothingPossible(logProbabilities)) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "%s holds no known token for possible after \"%s\"; try another prime",
                generator.model.name(),
                text));
      }
      double[] known = logProbabilities;
      if (known[vocabulary.unknown()] > Double.NEGATIVE_INFINITY) {
        known = known.clone();
        known[vocabulary.unknown()] = Double.NEGATIVE_INFINITY;
        LogProbabilities.normalise(known);
      }
      int[] written = looksBack ? Arrays.copyOf(tokens, length) : new int[0];
      for (Sampler rule : generator.rules) {
        known = rule.adjust(known, written);
      }
      return known;
    }

    List<Candidate> candidates(double[] adjusted, int n) {
      return IntStream.range(0, adjusted.length)
          .filter(i -> adjusted[i] > Double.NEGATIVE_INFINITY)
          .boxed()
          .sorted((a, b) -> Double.compare(adjusted[b], adjusted[a]))
          .limit(n)
          .map(
              i ->
                  new Candidate(i, vocabulary.decode(i), vocabulary.show(i), Math.exp(adjusted[i])))
          .toList();
    }
  }
}
