package tinker.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

/**
 * How well a model predicts a text it has not seen. Every token counts: one that the model holds
 * for impossible makes the loss infinite.
 *
 * @param model name of the model
 * @param tokens number of tokens predicted
 * @param characters number of characters these tokens stand for, the <i>end</i> of a document
 *     counted as one
 * @param totalNats negative log-probability of the whole text
 * @param impossible number of tokens to which the model gave probability zero
 * @param unknown number of tokens that are not in the vocabulary
 */
public record Evaluation(
    String model, long tokens, long characters, double totalNats, long impossible, long unknown) {

  /**
   * Evaluates {@code model} on all of {@code corpus}.
   *
   * @throws IllegalArgumentException if the corpus holds nothing to predict
   */
  public static Evaluation of(LanguageModel model, Corpus corpus) {
    return of(model, corpus, null);
  }

  /**
   * Evaluates a model of words so that it can be compared with models of characters. For one word
   * in so many it says only <i>unknown</i>, which no one could read: here it also pays for spelling
   * that word.
   *
   * @param speller a model of characters whose documents are single words, counted for instance on
   *     the rare words of the training text
   */
  public static Evaluation spelled(LanguageModel model, Corpus corpus, LanguageModel speller) {
    return of(model, corpus, speller);
  }

  private static Evaluation of(
      LanguageModel model, Corpus corpus, @Nullable LanguageModel speller) {
    int[] stream = corpus.tokens(model.vocabulary());
    if (stream.length < 2) {
      throw new IllegalArgumentException(
          "corpus \"" + corpus.name() + "\" is empty; an evaluation needs at least one token");
    }
    double[] scores = model.score(stream);
    double total = 0;
    long impossible = 0;
    long unknown = 0;
    long characters = 0;
    for (int i = 0; i < scores.length; i++) {
      int token = stream[i + 1];
      total -= scores[i];
      impossible += scores[i] == Double.NEGATIVE_INFINITY ? 1 : 0;
      unknown += token == model.vocabulary().unknown() ? 1 : 0;
      characters += token == model.vocabulary().end() ? 1 : 0;
    }
    double spelling = speller == null ? 0 : spelling(model.vocabulary(), corpus, speller);
    return new Evaluation(
        model.name(),
        scores.length,
        characters + corpus.characters(),
        total + spelling,
        impossible,
        unknown);
  }

  /** What the letters of all unknown tokens cost, each up to its end. */
  private static double spelling(Vocabulary known, Corpus corpus, LanguageModel speller) {
    List<String> unknown =
        corpus.documents().stream()
            .flatMap(document -> known.tokenizer().split(document).stream())
            .filter(token -> !known.contains(token))
            .toList();
    int[] letters = Corpus.of("unknown", unknown).tokens(speller.vocabulary());
    return unknown.isEmpty() ? 0 : -Arrays.stream(speller.score(letters)).sum();
  }

  /** Mean negative log-probability of a token, in nats: the cross-entropy. */
  public double nats() {
    return totalNats / tokens;
  }

  /** {@code exp(nats)}: among how many equally likely tokens the model hesitates. */
  public double perplexity() {
    return Math.exp(nats());
  }

  /** Nats per character, which compares models of different tokens. */
  public double natsPerCharacter() {
    return totalNats / characters;
  }

  /** Bits per character, which compares models of different tokens. */
  public double bitsPerCharacter() {
    return totalNats / characters / Math.log(2);
  }

  @Override
  public String toString() {
    String line =
        String.format(
            Locale.ROOT,
            "%s: %.3f nats, perplexity %.2f, %.3f bits a character, over %,d tokens",
            model,
            nats(),
            perplexity(),
            bitsPerCharacter(),
            tokens);
    if (impossible > 0) {
      line += String.format(Locale.ROOT, "; %,d of them held for impossible", impossible);
    }
    if (unknown > 0) {
      line += String.format(Locale.ROOT, "; %,d unknown", unknown);
    }
    return line;
  }
}
