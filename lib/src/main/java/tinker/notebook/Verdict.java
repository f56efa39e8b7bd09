package tinker.notebook;

import java.util.List;

/**
 * What a check says of an answer. As the last expression of a cell it shows itself.
 *
 * @param state one of four
 * @param lines what to read, one sentence or value each; the first is the headline
 */
public record Verdict(State state, List<String> lines) {
  /** How an answer stands. */
  public enum State {
    /** There is no answer yet. */
    NOT_ATTEMPTED("\u25CB", "var(--jp-info-color1,#0277bd)"),
    /** The answer is not the one asked for. */
    WRONG("\u2717", "var(--jp-warn-color1,#b45309)"),
    /** The answer's code ended in an exception. */
    THREW("!", "var(--jp-error-color1,#b71c1c)"),
    /** The answer is the one asked for, on everything that was tried. */
    RIGHT("\u2713", "var(--jp-success-color1,#2e7d32)");

    private final String sign;
    private final String colour;

    State(String sign, String colour) {
      this.sign = sign;
      this.colour = colour;
    }
  }

  public Verdict {
    lines = List.copyOf(lines);
  }

  /** True if the answer is right. */
  public boolean right() {
    return state == State.RIGHT;
  }

  Rich rich() {
    var html = new StringBuilder();
    html.append("<div class=\"tinker-verdict\" style=\"border-left:4px solid ")
        .append(state.colour)
        .append(";padding:4px 12px;")
        .append(Markup.TEXT)
        .append("\"><b>")
        .append(state.sign)
        .append(' ')
        .append(Markup.escape(lines.get(0)))
        .append("</b>");
    for (String line : lines.subList(1, lines.size())) {
      boolean value = line.matches("(?s)(input|yours|expected): .*");
      html.append("<div style=\"white-space:pre-wrap;overflow-wrap:anywhere")
          .append(value ? ";font-family:var(--jp-code-font-family,monospace)" : "")
          .append("\">")
          .append(Markup.escape(line))
          .append("</div>");
    }
    return Rich.html(html.append("</div>").toString(), toString());
  }

  @Override
  public String toString() {
    return state.sign + " " + String.join("\n  ", lines);
  }
}
