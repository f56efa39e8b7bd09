package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PredictTest {
  private static final List<String> MODELS = List.of("RNN", "GRU", "LSTM");

  @Test
  void leftBlankItSaysNothing() {
    try (var screen = new Recorder()) {
      Predict.number("How many?", null).compare(3, "so it is");
      Predict.choice("Which?", MODELS, null).compare("GRU", "so it is");
      Predict.order("First to last?", MODELS, null).compare(MODELS, "so it is");
      assertThat(screen.shown).isEmpty();
    }
  }

  @Test
  void aNumberStandsBesideWhatCameAndWhy() {
    try (var screen = new Recorder()) {
      Predict.number("Loss?", 2).compare(2.5, "histories are rare");
      assertThat(screen.text())
          .contains("Loss?", "you predicted: 2", "what came: 2.5", "0.5 too low, 20 %")
          .contains("Why: histories are rare");
      assertThat(screen.html()).contains("you predicted", "histories are rare");
    }
  }

  @Test
  void anOrderIsComparedPlaceByPlace() {
    try (var screen = new Recorder()) {
      Predict.order("First to last?", MODELS, List.of("RNN", "LSTM", "GRU"))
          .compare(MODELS, "gates help");
      assertThat(screen.text()).contains("RNN, LSTM, GRU", "1 of 3 in their place");
    }
  }

  @Test
  void aChoice() {
    try (var screen = new Recorder()) {
      Predict.choice("Which?", MODELS, "GRU").compare("GRU", "fewer weights");
      Predict.choice("Which?", MODELS, "RNN").compare("GRU", "fewer weights");
      assertThat(screen.shown.get(0).text()).contains("as you said");
      assertThat(screen.shown.get(1).text()).contains("not as you said");
    }
  }

  @Test
  void whatCannotBeAPredictionIsSaidAndTheNotebookGoesOn() {
    try (var screen = new Recorder()) {
      Predict.choice("Which?", MODELS, "CNN").compare("GRU", "x");
      Predict.order("Order?", MODELS, List.of("RNN", "RNN", "GRU")).compare(MODELS, "x");
      assertThat(screen.shown.get(0).text())
          .contains("\"CNN\" is none of the answers", "RNN | GRU");
      assertThat(screen.shown.get(1).text()).contains("each must stand there once");
      assertThat(screen.text()).doesNotContain("Why");
    }
  }
}
