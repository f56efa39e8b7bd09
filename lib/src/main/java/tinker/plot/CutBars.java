package tinker.plot;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tinker.generate.Sampler;
import tinker.model.LanguageModel;

/** What a rule keeps of the next token's distribution, and what it cuts: one panel a context. */
final class CutBars {
  private static final int ROW = 18;
  private static final int HEAD = 50;
  private static final int LABEL = 44;
  private static final int NUMBER = 60;

  private final List<Panel> panels = new ArrayList<>();
  private final int bars;
  private final String rule;

  /** One distribution, its tokens from the most to the least likely. */
  private record Panel(
      String context, List<String> labels, double[] probability, boolean[] kept, int vocabulary) {
    int keeps() {
      return (int) IntStream.range(0, kept.length).filter(i -> kept[i]).count();
    }

    double lost() {
      return IntStream.range(0, kept.length)
          .filter(i -> !kept[i])
          .mapToDouble(i -> probability[i])
          .sum();
    }

    String sentence() {
      return String.format(
          Locale.ROOT, "keeps %d of %d, cuts %.1f %%", keeps(), vocabulary, 100 * lost());
    }
  }

  CutBars(Sampler rule, LanguageModel model, int bars, List<String> contexts) {
    if (bars < 1) {
      throw new IllegalArgumentException("bars is " + bars + "; it must be at least 1");
    }
    if (contexts.isEmpty()) {
      throw new IllegalArgumentException("there is no context; at least 1 is needed");
    }
    this.bars = Math.min(bars, model.vocabulary().size());
    this.rule = rule.toString();
    for (String context : contexts) {
      int[] ids = model.vocabulary().encode(context);
      double[] before = model.logProbabilities(ids);
      double[] after = rule.adjust(before, ids);
      List<Integer> order =
          IntStream.range(0, before.length)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -before[i]))
              .toList();
      boolean[] kept = new boolean[before.length];
      for (int i = 0; i < kept.length; i++) {
        kept[i] = after[order.get(i)] > Double.NEGATIVE_INFINITY;
      }
      panels.add(
          new Panel(
              context,
              order.stream().map(model.vocabulary()::show).toList(),
              order.stream().mapToDouble(i -> Math.exp(before[i])).toArray(),
              kept,
              before.length));
    }
  }

  Picture draw() {
    int height = HEAD + bars * ROW + 30;
    return new Picture(Ink.sheet(Ink.WIDTH, height, this::paint), description());
  }

  private String description() {
    var parts = new ArrayList<String>();
    panels.forEach(p -> parts.add("after \u201C" + p.context + "\u201D " + p.sentence()));
    return rule + ": " + String.join("; ", parts);
  }

  private void paint(Graphics2D g) {
    int width = Ink.WIDTH / panels.size();
    for (int i = 0; i < panels.size(); i++) {
      paint(g, panels.get(i), i * width, width - 16);
    }
  }

  private void paint(Graphics2D g, Panel panel, int left, int width) {
    int x = left + LABEL;
    int full = width - LABEL - NUMBER;
    g.setColor(Ink.TEXT);
    g.setFont(Ink.bold(14));
    g.drawString(
        Ink.drawable(g.getFont(), "after \u201C" + panel.context.replace(' ', '\u2423') + "\u201D"),
        x,
        20);
    g.setFont(Ink.font(13));
    g.drawString(panel.sentence(), x, 38);
    // Each panel has its own scale: what matters is which bars stay, not how long they are.
    double longest = panel.probability[0];
    for (int row = 0; row < bars; row++) {
      int y = HEAD + row * ROW;
      double length = Math.max(1.5, full * panel.probability[row] / longest);
      g.setFont(Ink.mono(13));
      g.setColor(Ink.TEXT);
      String label = Ink.drawable(g.getFont(), panel.labels.get(row));
      g.drawString(label, x - 8 - g.getFontMetrics().stringWidth(label), y + 12);
      var bar = new Rectangle2D.Double(x, y + 1, length, ROW - 5);
      if (panel.kept[row]) {
        g.setColor(Ink.SERIES[0]);
        g.fill(bar);
      } else {
        // An outline, so that the difference does not hang on colour.
        g.setColor(Ink.SERIES[1]);
        g.draw(bar);
      }
      g.setColor(Ink.TEXT);
      g.setFont(Ink.font(12));
      g.drawString(
          String.format(Locale.ROOT, "%.1f %%", 100 * panel.probability[row]),
          (float) (x + length + 6),
          y + 12);
    }
    int below = HEAD + bars * ROW + 14;
    g.setColor(Ink.QUIET);
    g.setFont(Ink.font(12));
    g.drawString("filled: kept   outlined: cut   (probability before the cut)", x, below);
  }
}
