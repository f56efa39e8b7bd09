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
  private CellGraph() {}

  static Picture of(Cell cell) {
    if (cell instanceof LstmCell lstm) {
      return lstm(lstm.weightIh());
    }
    return cell instanceof GruCell gru ? gru(gru.weightIh()) : rnn((RnnCell) cell);
  }

  private static Picture rnn(RnnCell cell) {
    String bend = cell.relu() ? "max(0, \u00B7)" : "tanh";
    return draw(
        "One step of the RNN cell",
        input("x", cell.weightIh()),
        state("h", cell.weightIh(), 1),
        affine("W x + b + U h + d", "", cell.weightIh(), 1, "x", "h"),
        Node.of("new h", bend + ", " + hidden(cell.weightIh(), 1), "W x + b + U h + d"));
  }

  private static Picture gru(NDArray weights) {
    String shape = hidden(weights, 3);
    return draw(
        "One step of the GRU cell",
        input("x", weights),
        state("h", weights, 3),
        affine("reset gate r", "\u03C3, ", weights, 3, "x", "h"),
        affine("update gate z", "\u03C3, ", weights, 3, "x", "h"),
        affine("candidate n", "tanh, ", weights, 3, "x", "h", "reset gate r"),
        Node.of(
            "new h",
            "(1 - z) \u2218 n + z \u2218 h, " + shape,
            "candidate n",
            "update gate z",
            "h"));
  }

  private static Picture lstm(NDArray weights) {
    String shape = hidden(weights, 4);
    return draw(
        "One step of the LSTM cell",
        input("x", weights),
        state("h", weights, 4),
        state("c", weights, 4),
        affine("forget gate f", "\u03C3, ", weights, 4, "x", "h"),
        affine("input gate i", "\u03C3, ", weights, 4, "x", "h"),
        affine("candidate g", "tanh, ", weights, 4, "x", "h"),
        affine("output gate o", "\u03C3, ", weights, 4, "x", "h"),
        Node.of(
            "new c",
            "f \u2218 c + i \u2218 g, " + shape,
            "forget gate f",
            "c",
            "input gate i",
            "candidate g"),
        Node.of("new h", "o \u2218 tanh(c), " + shape, "new c", "output gate o"));
  }

  private static Picture draw(String title, Node... nodes) {
    return new GraphDrawing(title, List.of(nodes)).draw();
  }

  private static Node input(String name, NDArray weights) {
    return Node.of(name, "(B, " + weights.getShape().get(1) + ")");
  }

  private static Node state(String name, NDArray weights, int gates) {
    return Node.of(name, hidden(weights, gates));
  }

  private static String hidden(NDArray weights, int gates) {
    return "(B, " + weights.getShape().get(0) / gates + ")";
  }

  private static Node affine(
      String name, String bend, NDArray weights, int gates, String... inputs) {
    long hidden = weights.getShape().get(0) / gates;
    long count = hidden * (weights.getShape().get(1) + hidden + 2); // two matrices, two biases
    return Node.of(
        name,
        String.format(Locale.ROOT, "%s%s: %,d parameters", bend, hidden(weights, gates), count),
        inputs);
  }
}
