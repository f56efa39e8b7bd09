package tinker.plot;

import java.util.List;

/**
 * A box of a graph drawing.
 *
 * @param name what is computed; unique in its graph
 * @param detail a second, smaller line: a shape, a number of parameters; may be empty
 * @param inputs names of the boxes it is computed from
 */
public record Node(String name, String detail, List<String> inputs) {
  public Node {
    inputs = List.copyOf(inputs);
  }

  /** A box with {@code detail} under its name. */
  public static Node of(String name, String detail, String... inputs) {
    return new Node(name, detail, List.of(inputs));
  }
}
