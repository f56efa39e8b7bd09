package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tinker.model.Evaluation;
import tinker.model.NGram;
import tinker.model.NeuralNGram;
import tinker.model.NeuralNGramOptions;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;
import tinker.train.Fit;
import tinker.train.FitOptions;

class ComparisonTest {
  private static final Split SPLIT = texts().split(0.8, 0.2, 0, 7);
  private static final Vocabulary CHARS = Vocabulary.ofCharacters(SPLIT.train());

  private static Corpus texts() {
    String[] names = {"cat", "dog", "bird", "fish", "horse", "cow"};
    String[] verbs = {"sees", "hears", "likes", "follows", "forgets"};
    var random = new Random(3);
    var texts = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      var text = new StringBuilder();
      for (int k = 0; k < 3; k++) {
        text.append("the ").append(names[random.nextInt(6)]).append(' ');
        text.append(verbs[random.nextInt(5)]).append(" the ");
        text.append(names[random.nextInt(6)]).append(". ");
      }
      texts.add(text.toString());
    }
    return Corpus.of("animals", texts);
  }

  @Test
  void judgesAllKindsOnTheSameTexts() {
    Comparison league = Comparison.of(SPLIT.train(), SPLIT.validation()).sampling(60);
    var short1 = NGram.count(SPLIT.train(), CHARS, 1);
    var long9 = NGram.count(SPLIT.train(), CHARS, 9);
    league.add("two letters", short1.kneserNey(), 0.25);
    Comparison.Row recited = league.add("nine unsmoothed", long9.maximumLikelihood(), 0.5);
    try (var network = NeuralNGram.of(CHARS, NeuralNGramOptions.of(4, 8, 16))) {
      Corpus half = Corpus.of("half", SPLIT.train().documents().subList(0, 24));
      FitOptions options = FitOptions.epochs(2).batchSize(4).bptt(20).record(null);
      Fit fit = Fit.of(network, new Split(half, SPLIT.validation(), SPLIT.test()), options);
      Comparison.Row trained = league.add("network", network, fit);

      double own = Evaluation.of(network, SPLIT.validation()).nats();
      assertThat(trained.nats()).isCloseTo(own, within(1e-9));
      assertThat(trained.perplexity()).isCloseTo(Math.exp(own), within(1e-9));
      assertThat(trained.parameters()).isEqualTo(network.parameters());
      assertThat(trained.epochs()).isEqualTo(2);
      // The network saw half of the text; an epoch over all of it would take its double.
      double tokensPerSecond =
          fit.history().epochs().stream().mapToDouble(e -> e.tokensPerSecond()).average().orElse(0);
      assertThat(trained.secondsAnEpoch())
          .isCloseTo((SPLIT.train().tokens(CHARS).length - 1) / tokensPerSecond, within(1e-9));
    }
    assertThat(league.rows()).extracting(Comparison.Row::secondsAnEpoch).startsWith(0.25, 0.5);
    assertThat(recited.nats()).isPositive();
    // What writes by nine letters recites; what writes by one cannot.
    assertThat(recited.copied()).isGreaterThan(0.6);
    assertThat(league.row("two letters").copied()).isLessThan(0.2);
    assertThat(league.samples().values()).allMatch(text -> text.startsWith("the "));
    assertThat(league.samples()).containsOnlyKeys("two letters", "nine unsmoothed", "network");
  }

  @Test
  void wordsPayForWhatTheyDoNotKnow() {
    Vocabulary words = Vocabulary.ofWords(SPLIT.train(), 60);
    var rare =
        SPLIT.train().documents().stream()
            .flatMap(text -> words.tokenizer().split(text).stream())
            .filter(word -> !words.contains(word))
            .toList();
    assertThat(rare).isNotEmpty();
    var speller = NGram.count(Corpus.of("rare", rare), CHARS, 3).wittenBell();
    var model = NGram.count(SPLIT.train(), words, 2).kneserNey();
    // By hand: log-probability of each word that is not known, letter by letter, with its end.
    double price = 0;
    for (String text : SPLIT.validation().documents()) {
      for (String word : words.tokenizer().split(text)) {
        if (!words.contains(word)) {
          var state = speller.start();
          for (int letter : CHARS.encode(word)) {
            price -= state.logProbabilities()[letter];
            state.read(letter);
          }
          price -= state.logProbabilities()[CHARS.end()];
        }
      }
    }
    Evaluation unpaid = Evaluation.of(model, SPLIT.validation());
    Evaluation paid = Evaluation.spelled(model, SPLIT.validation(), speller);
    assertThat(paid.totalNats() - unpaid.totalNats()).isCloseTo(price, within(1e-6));
    assertThat(price).isGreaterThan(10);
    long characters = SPLIT.validation().characters() + SPLIT.validation().documents().size();
    assertThat(paid.natsPerCharacter()).isCloseTo(paid.totalNats() / characters, within(1e-12));
  }

  @Test
  void pointsLeaveOutWhatIsInfinite() {
    Comparison league = Comparison.of(SPLIT.train(), SPLIT.validation()).sampling(20);
    var known = NGram.count(Corpus.of("few", SPLIT.train().documents().subList(0, 2)), CHARS, 9);
    league.add("few", known.maximumLikelihood(), 1);
    league.add("smooth", known.kneserNey(), 1);
    assertThat(league.row("few").nats()).isInfinite();
    assertThat(league.points(r -> r.seconds(), r -> r.nats()))
        .singleElement()
        .matches(line -> line.name().equals("smooth"));
    assertThat(league.names()).containsExactly("smooth", "few");
    assertThatThrownBy(() -> league.add("few", known.kneserNey(), 1))
        .hasMessage("\"few\" stands in the comparison already");
    assertThatThrownBy(() -> league.row("none"))
        .hasMessage("there is no \"none\" among [smooth, few]");
    assertThatThrownBy(() -> league.sampling(0))
        .hasMessage("samples of 0 characters; it must be at least 1");
    assertThat(List.of(league.toString())).first().asString().startsWith("2 models compared on");
  }
}
