package tinker.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.ParameterStore;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tinker.data.Batches;

@ExtendWith(Quiet.class)
class LearningRateFinderTest {
  private static final int V = 7;
  private static final Batches DATA = new Streams(Streams.noisyPattern(2000, V, 1), 8, 16);

  @Test
  void suggestsARateThatTrainsAndPutsTheWeightsBack() {
    try (var model = new Tiny(V, 16, 0)) {
      Map<String, float[]> before = model.weights();
      var found = LearningRateFinder.of(model, DATA, FitOptions.epochs(1));
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));

      double[] rates = found.rates();
      assertThat(rates[0]).isEqualTo(1e-6);
      assertThat(rates[1] / rates[0]).isCloseTo(Math.pow(1e6, 1 / 99.0), within(1e-9));
      assertThat(found.losses()).hasSameSizeAs(rates);
      double average = 0;
      for (int i = 0; i < rates.length; i++) {
        assertThat(rates[i] / Math.pow(10, -6 + 6 * i / 99.0)).isCloseTo(1, within(1e-9));
        average = 0.9 * average + 0.1 * found.losses()[i];
        assertThat(found.smoothed()[i])
            .isCloseTo(average / (1 - Math.pow(0.9, i + 1)), within(1e-9));
      }
      assertThat(found.suggestion()).isBetween(1e-3, 3e-1);
      assertThat(found.toString()).contains("rates tried; take about");

      Fit fit = Fit.of(model, DATA, DATA, FitOptions.epochs(10).oneCycle(found.suggestion()));
      assertThat(fit.history().best().getAsDouble()).isLessThan(1.0);
    }
  }

  @Test
  void stopsWhenTheLossIsNoLongerANumberAndStillPutsTheWeightsBack() {
    try (var model = new Tiny(V, 16, 0)) {
      Map<String, float[]> before = model.weights();
      var found =
          LearningRateFinder.of(
              model, DATA, FitOptions.epochs(1).clipNorm(Double.MAX_VALUE), 1e-4, 1e30, 60);
      assertThat(found.rates().length).isLessThan(60);
      before.forEach((name, w) -> assertThat(model.weights().get(name)).isEqualTo(w));
    }
  }

  @Test
  void aLossThatNeverFallsGivesNoSuggestion() {
    try (var model =
        new Tiny(V, 16, 0) {
          private double calls;

          @Override
          Result after(Result result, ParameterStore parameters, boolean training) {
            return new Result(result.loss().add(++calls), result.state());
          }
        }) {
      var found = LearningRateFinder.of(model, DATA, FitOptions.epochs(1), 1e-9, 1e-8, 12);
      assertThat(found.losses()).isSorted();
      assertThatThrownBy(found::suggestion)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the loss never fell, so no rate can be suggested");
      assertThat(found)
          .hasToString(
              found.rates().length
                  + " rates tried; the loss never fell, so no rate can be suggested");
      assertThatThrownBy(
              () -> LearningRateFinder.of(model, DATA, FitOptions.epochs(1), 1e-3, 1e-4, 50))
          .hasMessageContaining("the last above the first");
    }
  }
}
