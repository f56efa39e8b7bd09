package tinker.notebook;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tinker.generate.Generator;
import tinker.model.Evaluation;
import tinker.model.LanguageModel;
import tinker.plot.Line;
import tinker.text.CopyMeter;
import tinker.text.Corpus;
import tinker.text.Tokenizer;
import tinker.train.Fit;
import tinker.train.History;

/**
 * Language models of all kinds side by side, each judged on the same texts and asked for the same
 * sample.
 *
 * <pre>{@code
 * var league = Comparison.of(split.train(), split.validation());
 * league.add("Kneser-Ney", counted, 0.8);       // counted in 0.8 seconds
 * league.add("LSTM", lstm, fit);                // trained
 * league.rows()                                 // a table
 * }</pre>
 */
public final class Comparison {
  private static final int SAMPLES = 8;
  private static final int CHARACTERS = 300;

  private final Corpus training;
  private final Corpus held;
  private final CopyMeter meter;
  private final String prime;
  private final double temperature;
  private final int characters;
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, String> samples = new LinkedHashMap<>();

  private Comparison(
      Corpus training, Corpus held, String prime, double temperature, int characters) {
    this.training = training;
    this.held = held;
    this.meter = CopyMeter.of(training);
    this.prime = prime;
    this.temperature = temperature;
    this.characters = characters;
  }

  /**
   * One model.
   *
   * @param model what the row is called
   * @param parameters weights, or counts
   * @param epochs how often it went through its training text; 1 for counting
   * @param secondsAnEpoch time to go through all of the training text once; worked out from the
   *     speed where a model was given less of it
   * @param seconds time its training took
   * @param nats a character of the held-out text; for words, spelling included
   * @param perplexity of a character: {@code exp(nats)}
   * @param copied share of what it wrote that stands in the training text word for word
   */
  public record Row(
      String model,
      long parameters,
      int epochs,
      double secondsAnEpoch,
      double seconds,
      double nats,
      double perplexity,
      double copied) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: %.3f nats a character, perplexity %.2f, %.1f s an epoch, %.0f %% copied",
          model,
          nats,
          perplexity,
          secondsAnEpoch,
          100 * copied);
    }
  }

  /**
   * A comparison without rows. Samples begin with {@code "the "} and are drawn at temperature 0.5,
   * whatever the model.
   *
   * @param training what the models learned from, or all that they could have learned from
   * @param held what they are judged on
   */
  public static Comparison of(Corpus training, Corpus held) {
    return new Comparison(training, held, "the ", 0.5, CHARACTERS);
  }

  /**
   * The same without rows, with samples of another length.
   *
   * @param newCharacters about how many each of the eight texts has that copying is measured on, at
   *     least 1
   */
  public Comparison sampling(int newCharacters) {
    if (newCharacters < 1) {
      throw new IllegalArgumentException(
          "samples of " + newCharacters + " characters; it must be at least 1");
    }
    return new Comparison(training, held, prime, temperature, newCharacters);
  }

  /**
   * Adds a model that was counted.
   *
   * @param seconds the counting took
   */
  public Row add(String name, LanguageModel model, double seconds) {
    return add(name, model, null, 1, seconds, seconds);
  }

  /** Adds a model that was trained. */
  public Row add(String name, LanguageModel model, Fit fit) {
    return add(name, model, fit, null);
  }

  /**
   * Adds a model of words that was trained.
   *
   * @param speller see {@link Evaluation#spelled}
   */
  public Row add(String name, LanguageModel model, Fit fit, @Nullable LanguageModel speller) {
    List<History.Epoch> epochs = fit.history().epochs();
    if (epochs.isEmpty()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" has not finished an epoch, so there is no time to compare");
    }
    double perSecond =
        epochs.stream().mapToDouble(History.Epoch::tokensPerSecond).average().orElseThrow();
    double tokens = training.tokens(model.vocabulary()).length - 1.0;
    double seconds = epochs.stream().mapToDouble(History.Epoch::seconds).sum();
    return add(name, model, speller, epochs.size(), tokens / perSecond, seconds);
  }

  private Row add(
      String name,
      LanguageModel model,
      @Nullable LanguageModel speller,
      int epochs,
      double secondsAnEpoch,
      double seconds) {
    if (samples.containsKey(name)) {
      throw new IllegalArgumentException("\"" + name + "\" stands in the comparison already");
    }
    Evaluation evaluation =
        speller == null ? Evaluation.of(model, held) : Evaluation.spelled(model, held, speller);
    double nats = evaluation.natsPerCharacter();
    boolean words = model.vocabulary().tokenizer() == Tokenizer.WORDS;
    // A word takes the space before it along, so a prime of words ends without one.
    List<String> written =
        Generator.of(model)
            .prime(words ? prime.strip() : prime)
            .seed(7)
            .temperature(temperature)
            .pastEnd(" ")
            .writeMany(SAMPLES, words ? Math.max(1, characters / 5) : characters);
    // Each text on its own: no run shall reach from one into the next.
    double copied =
        written.stream().mapToDouble(text -> meter.measure(text).copied()).sum()
            / written.stream().mapToInt(text -> text.codePointCount(0, text.length())).sum();
    var row =
        new Row(
            name,
            model.parameters(),
            epochs,
            secondsAnEpoch,
            seconds,
            nats,
            Math.exp(nats),
            copied);
    rows.add(row);
    samples.put(name, written.get(0));
    return row;
  }

  /** One row a model, in the order in which they were added. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** The row of this name. */
  public Row row(String name) {
    return rows.stream()
        .filter(row -> row.model().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("there is no \"" + name + "\" among " + names()));
  }

  /** Names of the rows, the best on the held-out text first. */
  public List<String> names() {
    return rows.stream().sorted(Comparator.comparingDouble(Row::nats)).map(Row::model).toList();
  }

  /** What each model wrote after {@code "the "}, under its name. */
  public Map<String, String> samples() {
    return new LinkedHashMap<>(samples);
  }

  /**
   * A point with its name for each model, to be drawn as a scatter of clouds. Models without a
   * finite value are left out.
   */
  public Line[] points(ToDoubleFunction<Row> x, ToDoubleFunction<Row> y) {
    return rows.stream()
        .filter(row -> Double.isFinite(x.applyAsDouble(row)))
        .filter(row -> Double.isFinite(y.applyAsDouble(row)))
        .map(
            row ->
                Line.of(
                    row.model(),
                    new double[] {x.applyAsDouble(row)},
                    new double[] {y.applyAsDouble(row)}))
        .toArray(Line[]::new);
  }

  @Override
  public String toString() {
    return rows.size() + " models compared on " + held;
  }
}
