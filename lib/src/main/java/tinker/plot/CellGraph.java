package tinker.plot;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Locale;
import tinker.nn.Cell;
import tinker.nn.GruCell;
import tinker.nn.LstmCell;
import tinker.nn.RnnCell;

/**
 * One step of a recurrent cell, equation by equation, with the shapes and the parameters of each.
 */
final class CellGraph {
  private final long inputSize;
  private final long hidden;

  private CellGraph(NDArray weightIh, NDArray weightHh) {
    inputSize = weightIh.getShape().get(1);
    hidden = weightHh.getShape().get(1);
  }

  static Picture of(Cell cell) {
    if (cell instanceof LstmCell lstm) {
      return new CellGraph(lstm.weightIh(), lstm.weightHh()).lstm();
    }
    if (cell instanceof GruCell gru) {
      return new CellGraph(gru.weightIh(), gru.weightHh()).gru();
    }
    RnnCell rnn = (RnnCell) cell;
    return new CellGraph(rnn.weightIh(), rnn.weightHh())
        .rnn(rnn.relu() ? "max(0, \u00B7)" : "tanh");
  }

  private Picture rnn(String bend) {
    return draw(
        "One step of the RNN cell",
        input(),
        state("h"),
        affine("W x + b + U h + d", "", "x", "h"),
        Node.of("new h", bend + ", " + shape(), "W x + b + U h + d"));
  }

  private Picture gru() {
    return draw(
        "One step of the GRU cell",
        input(),
        state("h"),
        affine("reset gate r", "\u03C3, ", "x", "h"),
        affine("update gate z", "\u03C3, ", "x", "h"),
        affine("candidate n", "tanh, ", "x", "h", "reset gate r"),
        Node.of(
            "new h",
            "(1 - z) \u2218 n + z \u2218 h, " + shape(),
            "candidate n",
            "update gate z",
            "h"));
  }

  private Picture lstm() {
    return draw(
        "One step of the LSTM cell",
        input(),
        state("h"),
        state("c"),
        affine("forget gate f", "\u03C3, ", "x", "h"),
        affine("input gate i", "\u03C3, ", "x", "h"),
        affine("candidate g", "tanh, ", "x", "h"),
        affine("output gate o", "\u03C3, ", "x", "h"),
        Node.of(
            "new c",
            "f \u2218 c + i \u2218 g, " + shape(),
            "forget gate f",
            "c",
            "input gate i",
            "candidate g"),
        Node.of("new h", "o \u2218 tanh(c), " + shape(), "new c", "output gate o"));
  }

  private static Picture draw(String title, Node... nodes) {
    return new GraphDrawing(title, List.of(nodes)).draw();
  }

  private Node input() {
    return Node.of("x", "(B, " + inputSize + ")");
  }

  private Node state(String name) {
    return Node.of(name, shape());
  }

  private String shape() {
    return "(B, " + hidden + ")";
  }

  private Node affine(String name, String bend, String... inputs) {
    long count = hidden * (inputSize + hidden + 2); // two matrices, two biases
    String detail = String.format(Locale.ROOT, "%s%s: %,d parameters", bend, shape(), count);
    return Node.of(name, detail, inputs);
  }
}
