package tinker.generate;

import java.util.Arrays;
import java.util.function.Function;
import tinker.model.LanguageModel;
import tinker.text.Vocabulary;

/** A model whose distribution is any function of the tokens read, for tests. */
record FixedModel(Vocabulary vocabulary, Function<int[], double[]> probabilities)
    implements LanguageModel {
  @Override
  public String name() {
    return "fixed";
  }

  @Override
  public long parameters() {
    return 0;
  }

  @Override
  public State start() {
    return new Read(new int[0]);
  }

  private final class Read implements State {
    private int[] tokens;

    Read(int[] tokens) {
      this.tokens = tokens;
    }

    @Override
    public double[] logProbabilities() {
      return Arrays.stream(probabilities.apply(tokens)).map(Math::log).toArray();
    }

    @Override
    public void read(int token) {
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = token;
    }

    @Override
    public State copy() {
      return new Read(tokens.clone());
    }
  }
}
