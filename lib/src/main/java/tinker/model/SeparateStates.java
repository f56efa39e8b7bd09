package tinker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Several states, each with a memory of its own: right for every model. */
final class SeparateStates implements LanguageModel.States {
  private final Function<List<LanguageModel.State>, double[][]> ask;
  private List<LanguageModel.State> states;

  private SeparateStates(
      List<LanguageModel.State> states, Function<List<LanguageModel.State>, double[][]> ask) {
    this.states = states;
    this.ask = ask;
  }

  /** Each is asked by itself, which is fast enough for counted models. */
  static SeparateStates of(LanguageModel.State origin, int rows) {
    return of(
        origin,
        rows,
        states ->
            states.stream().map(LanguageModel.State::logProbabilities).toArray(double[][]::new));
  }

  /**
   * All are asked together.
   *
   * @param ask gives the log-probabilities of each
   */
  static SeparateStates of(
      LanguageModel.State origin, int rows, Function<List<LanguageModel.State>, double[][]> ask) {
    if (rows < 1) {
      throw new IllegalArgumentException(rows + " copies of a state; it must be at least 1");
    }
    var states = new ArrayList<LanguageModel.State>(rows);
    for (int i = 0; i < rows; i++) {
      states.add(origin.copy());
    }
    return new SeparateStates(states, ask);
  }

  @Override
  public int rows() {
    return states.size();
  }

  @Override
  public double[][] logProbabilities() {
    return ask.apply(states);
  }

  @Override
  public void read(int[] tokens) {
    if (tokens.length != states.size()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens for " + states.size() + " states; one for each is needed");
    }
    for (int i = 0; i < tokens.length; i++) {
      states.get(i).read(tokens[i]);
    }
  }

  @Override
  public void keep(int[] rows) {
    states = Arrays.stream(rows).mapToObj(states::get).toList();
  }
}
