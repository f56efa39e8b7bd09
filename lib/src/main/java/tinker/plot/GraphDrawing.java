package tinker.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws boxes and arrows from top to bottom. Each box stands one level below the lowest of its
 * inputs; an arrow that passes levels gets a point in each of them, so that it runs between the
 * boxes; within a level, boxes stand near their inputs (the usual layered drawing after Sugiyama,
 * Tagawa and Toda, 1981).
 */
final class GraphDrawing {
  private static final int BOX_HEIGHT = 44;
  private static final int LEVEL_GAP = 34;
  private static final int GAP = 22;
  private static final int TOP = 48;
  private static final Color BOX = new Color(0xE8F1F8);
  private static final Color SOURCE = new Color(0xFFF3E0);

  /** A box, or a point where an arrow passes a level. */
  private static final class Place {
    final @Nullable Node node;
    final int level;
    final double width;
    final List<Place> above = new ArrayList<>();
    final List<Place> below = new ArrayList<>();
    double x;

    Place(@Nullable Node node, int level, double width) {
      this.node = node;
      this.level = level;
      this.width = width;
    }
  }

  private final String title;
  private final List<Node> nodes;
  private final Map<String, Place> boxes = new LinkedHashMap<>();
  private final List<List<Place>> levels = new ArrayList<>();
  private final List<List<Place>> arrows = new ArrayList<>();

  GraphDrawing(String title, List<Node> nodes) {
    this.title = title;
    this.nodes = nodes;
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("\"" + title + "\" has no boxes; at least 1 is needed");
    }
  }

  Picture draw() {
    place();
    arrange();
    double widest =
        levels.stream().flatMap(List::stream).mapToDouble(p -> p.x + p.width / 2).max().orElse(0);
    int width = (int) Math.ceil(Math.max(widest + 20, titleWidth() + 40));
    int height = TOP + levels.size() * (BOX_HEIGHT + LEVEL_GAP) - LEVEL_GAP + 20;
    BufferedImage image = Ink.sheet(width, height, this::paint);
    return new Picture(
        image,
        title
            + ": "
            + nodes.size()
            + " boxes; "
            + String.join(
                "; ",
                nodes.stream()
                    .map(
                        n ->
                            n.name()
                                + (n.inputs().isEmpty()
                                    ? ""
                                    : " from " + String.join(", ", n.inputs()))
                                + (n.detail().isEmpty() ? "" : " " + n.detail()))
                    .toList()));
  }

  private void place() {
    var byName = new HashMap<String, Node>();
    for (Node node : nodes) {
      if (byName.put(node.name(), node) != null) {
        throw new IllegalArgumentException(
            "box \"" + node.name() + "\" stands twice in \"" + title + "\"");
      }
    }
    var depth = new HashMap<String, Integer>();
    for (Node node : nodes) {
      depth(node, byName, depth, new HashSet<>());
    }
    for (Node node : nodes) {
      int level = depth.getOrDefault(node.name(), 0);
      var box = new Place(node, level, boxWidth(node));
      boxes.put(node.name(), box);
      level(level).add(box);
    }
    for (Place box : List.copyOf(boxes.values())) {
      for (String input : box.node == null ? List.<String>of() : box.node.inputs()) {
        Place from = boxes.get(input);
        if (from != null) {
          connect(from, box);
        }
      }
    }
  }

  private int depth(
      Node node, Map<String, Node> byName, Map<String, Integer> depth, Set<String> path) {
    Integer known = depth.get(node.name());
    if (known != null) {
      return known;
    }
    if (!path.add(node.name())) {
      throw new IllegalArgumentException(
          "\"" + title + "\" goes in a circle through \"" + node.name() + "\"");
    }
    int deepest = 0;
    for (String input : node.inputs()) {
      Node from = byName.get(input);
      if (from == null) {
        throw new IllegalArgumentException(
            "\"" + node.name() + "\" has the input \"" + input + "\", which is no box");
      }
      deepest = Math.max(deepest, depth(from, byName, depth, path) + 1);
    }
    path.remove(node.name());
    depth.put(node.name(), deepest);
    return deepest;
  }

  private List<Place> level(int level) {
    while (levels.size() <= level) {
      levels.add(new ArrayList<>());
    }
    return levels.get(level);
  }

  private void connect(Place from, Place to) {
    var way = new ArrayList<Place>();
    way.add(from);
    Place last = from;
    for (int level = from.level + 1; level < to.level; level++) {
      var point = new Place(null, level, 8);
      level(level).add(point);
      link(last, point);
      way.add(point);
      last = point;
    }
    link(last, to);
    way.add(to);
    arrows.add(way);
  }

  private static void link(Place from, Place to) {
    from.below.add(to);
    to.above.add(from);
  }

  /** Orders each level by where its neighbours stand, then moves boxes towards them. */
  private void arrange() {
    spread();
    for (int round = 0; round < 12; round++) {
      boolean down = round % 2 == 0;
      for (int i = 0; i < levels.size(); i++) {
        List<Place> level = levels.get(down ? i : levels.size() - 1 - i);
        var wish = new HashMap<Place, Double>();
        for (Place place : level) {
          List<Place> neighbours = down ? place.above : place.below;
          wish.put(place, neighbours.stream().mapToDouble(p -> p.x).average().orElse(place.x));
        }
        level.sort(Comparator.comparingDouble(p -> wish.getOrDefault(p, 0.0)));
        settle(level, wish);
      }
    }
    double least =
        levels.stream().flatMap(List::stream).mapToDouble(p -> p.x - p.width / 2).min().orElse(0);
    levels.forEach(level -> level.forEach(p -> p.x += 20 - least));
  }

  private void spread() {
    for (List<Place> level : levels) {
      double x = 0;
      for (Place place : level) {
        place.x = x + place.width / 2;
        x += place.width + GAP;
      }
      double half = x / 2;
      level.forEach(p -> p.x -= half);
    }
  }

  /** Puts each box where it wishes to stand, and then as far aside as its neighbours need. */
  private static void settle(List<Place> level, Map<Place, Double> wish) {
    int n = level.size();
    double[] fromLeft = new double[n];
    double[] fromRight = new double[n];
    for (int i = 0; i < n; i++) {
      double wished = wish.getOrDefault(level.get(i), 0.0);
      fromLeft[i] =
          i == 0
              ? wished
              : Math.max(wished, fromLeft[i - 1] + distance(level.get(i - 1), level.get(i)));
    }
    for (int i = n - 1; i >= 0; i--) {
      double wished = wish.getOrDefault(level.get(i), 0.0);
      fromRight[i] =
          i == n - 1
              ? wished
              : Math.min(wished, fromRight[i + 1] - distance(level.get(i), level.get(i + 1)));
    }
    for (int i = 0; i < n; i++) {
      level.get(i).x = (fromLeft[i] + fromRight[i]) / 2;
    }
  }

  private static double distance(Place left, Place right) {
    return (left.width + right.width) / 2 + GAP;
  }

  private void paint(Graphics2D g) {
    g.setColor(Ink.TEXT);
    g.setFont(Ink.bold(15));
    g.drawString(title, 20, 28);
    g.setStroke(new BasicStroke(1.4f));
    for (List<Place> way : arrows) {
      arrow(g, way);
    }
    for (Place box : boxes.values()) {
      box(g, box);
    }
  }

  private static double top(Place place) {
    return TOP + place.level * (BOX_HEIGHT + LEVEL_GAP);
  }

  private static void arrow(Graphics2D g, List<Place> way) {
    var path = new Path2D.Double();
    Place first = way.get(0);
    double x = first.x;
    double y = top(first) + BOX_HEIGHT;
    path.moveTo(x, y);
    for (Place next : way.subList(1, way.size())) {
      double toY = top(next) - (next.node == null ? 0 : 6);
      double bend = (toY - y) / 2;
      path.curveTo(x, y + bend, next.x, toY - bend, next.x, toY);
      x = next.x;
      y = toY;
      if (next.node == null) {
        y = top(next) + BOX_HEIGHT;
        path.lineTo(x, y);
      }
    }
    g.setColor(Ink.QUIET);
    g.draw(path);
    var head = new Path2D.Double();
    head.moveTo(x, y + 6);
    head.lineTo(x - 4.5, y - 2);
    head.lineTo(x + 4.5, y - 2);
    head.closePath();
    g.fill(head);
  }

  private static void box(Graphics2D g, Place box) {
    Node node = box.node;
    if (node == null) {
      return;
    }
    var shape =
        new RoundRectangle2D.Double(box.x - box.width / 2, top(box), box.width, BOX_HEIGHT, 10, 10);
    g.setColor(node.inputs().isEmpty() ? SOURCE : BOX);
    g.fill(shape);
    g.setColor(new Color(0x90A4AE));
    g.draw(shape);
    g.setColor(Ink.TEXT);
    boolean two = !node.detail().isEmpty();
    text(g, Ink.font(14), node.name(), box.x, top(box) + (two ? 19 : 27));
    if (two) {
      g.setColor(Ink.QUIET);
      text(g, Ink.font(12), node.detail(), box.x, top(box) + 36);
    }
  }

  private static void text(Graphics2D g, Font font, String text, double x, double y) {
    g.setFont(font);
    String shown = Ink.drawable(font, text);
    double width = g.getFontMetrics().getStringBounds(shown, g).getWidth();
    g.drawString(shown, (float) (x - width / 2), (float) y);
  }

  private double titleWidth() {
    return Ink.measured(Ink.bold(15), title);
  }

  private static double boxWidth(Node node) {
    return Math.max(
        60,
        24
            + Math.max(
                Ink.measured(Ink.font(14), node.name()),
                Ink.measured(Ink.font(12), node.detail())));
  }
}
