package tinker.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Several states, each on its own: right for every model, and fast enough for counted ones. */
final class SeparateStates implements LanguageModel.States {
  private List<LanguageModel.State> states;

  private SeparateStates(List<LanguageModel.State> states) {
    this.states = states;
  }

  static SeparateStates of(LanguageModel.State origin, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException(rows + " copies of a state; it must be at least 1");
    }
    var states = new ArrayList<LanguageModel.State>(rows);
    for (int i = 0; i < rows; i++) {
      states.add(origin.copy());
    }
    return new SeparateStates(states);
  }

  @Override
  public int rows() {
    return states.size();
  }

  @Override
  public double[][] logProbabilities() {
    return states.stream().map(LanguageModel.State::logProbabilities).toArray(double[][]::new);
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
