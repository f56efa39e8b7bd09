package tinker.generate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tinker.model.LanguageModel;
import tinker.text.Vocabulary;

/**
 * Several models that write one text in turns. All of them read all of it; whose turn it is gives
 * the next token.
 *
 * <pre>{@code
 * var duet = Turns.of(lstm, ngram).after(" ", "\n");     // the next one begins at a word's end
 * Generator.of(duet).prime("the ").seed(7).write(300)
 * }</pre>
 *
 * <p>It is a language model itself, so it can be evaluated like one. Its vocabulary holds the
 * tokens of all; a model reads a token that it does not know as <i>unknown</i>.
 */
public final class Turns implements LanguageModel {
  private final List<LanguageModel> models;
  private final Vocabulary vocabulary;
  private final Set<String> enders;
  // For each model, the id in its own vocabulary of each token of the common one.
  private final int[][] ids;

  private Turns(
      List<LanguageModel> models, Vocabulary vocabulary, Set<String> enders, int[][] ids) {
    this.models = models;
    this.vocabulary = vocabulary;
    this.enders = enders;
    this.ids = ids;
  }

  /**
   * Models that take turns token by token, the first one first.
   *
   * @param models at least 2, which cut text into tokens in the same way
   * @throws IllegalArgumentException if there are fewer, or they cut text differently
   */
  public static Turns of(LanguageModel... models) {
    if (models.length < 2) {
      throw new IllegalArgumentException(models.length + " models; turns need at least 2");
    }
    Vocabulary first = models[0].vocabulary();
    var tokens = new LinkedHashSet<String>();
    for (LanguageModel model : models) {
      if (model.vocabulary().tokenizer() != first.tokenizer()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s reads %s and %s reads %s; models that take turns must cut text in one way",
                models[0].name(),
                first,
                model.name(),
                model.vocabulary()));
      }
      tokens.addAll(model.vocabulary().textTokens());
    }
    Vocabulary common = Vocabulary.of(first.tokenizer(), List.copyOf(tokens), true);
    int[][] ids = new int[models.length][common.size()];
    for (int m = 0; m < models.length; m++) {
      Vocabulary own = models[m].vocabulary();
      for (int i = 0; i < common.size(); i++) {
        ids[m][i] = i == common.end() ? own.end() : own.unknown();
      }
      for (String token : own.textTokens()) {
        ids[m][common.encode(token)[0]] = own.encode(token)[0];
      }
    }
    return new Turns(List.of(models), common, Set.of(), ids);
  }

  /**
   * The same models, but the turn passes on only after one of these tokens, such as {@code " "} and
   * {@code "\n"}.
   *
   * @throws IllegalArgumentException if none is given, or one is not a token of any model
   */
  public Turns after(String... tokens) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("turns need at least 1 token to pass on after, not 0");
    }
    for (String token : tokens) {
      if (!vocabulary.contains(token)) {
        throw new IllegalArgumentException(
            "\"" + token + "\" is not a token of these models, so no turn would end there");
      }
    }
    return new Turns(models, vocabulary, Set.of(tokens), ids);
  }

  @Override
  public String name() {
    return String.join(" and ", models.stream().map(LanguageModel::name).toList()) + " in turns";
  }

  @Override
  public long parameters() {
    return models.stream().mapToLong(LanguageModel::parameters).sum();
  }

  @Override
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  @Override
  public State start() {
    return new Reading(models.stream().map(LanguageModel::start).toList(), 0);
  }

  /** The same turns, each model as it writes text. */
  @Override
  public LanguageModel forWriting() {
    return new Turns(
        models.stream().map(LanguageModel::forWriting).toList(), vocabulary, enders, ids);
  }

  private final class Reading implements State {
    private final List<State> states;
    private int turn;

    Reading(List<State> states, int turn) {
      this.states = states;
      this.turn = turn;
    }

    @Override
    public double[] logProbabilities() {
      double[] own = states.get(turn).logProbabilities();
      double[] common = new double[vocabulary.size()];
      int unknown = models.get(turn).vocabulary().unknown();
      for (int i = 0; i < common.length; i++) {
        int id = ids[turn][i];
        // What the model holds for unknown goes to the one unknown token, not to each it lacks.
        common[i] = id == unknown && i != vocabulary.unknown() ? Double.NEGATIVE_INFINITY : own[id];
      }
      return common;
    }

    @Override
    public void read(int token) {
      java.util.Objects.checkIndex(token, vocabulary.size());
      for (int m = 0; m < states.size(); m++) {
        states.get(m).read(ids[m][token]);
      }
      if (enders.isEmpty() || enders.contains(vocabulary.decode(token))) {
        turn = (turn + 1) % states.size();
      }
    }

    @Override
    public State copy() {
      var copies = new ArrayList<State>();
      states.forEach(state -> copies.add(state.copy()));
      return new Reading(copies, turn);
    }
  }
}
