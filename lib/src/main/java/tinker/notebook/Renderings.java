package tinker.notebook;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import java.io.PrintStream;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.internal.chartpart.Chart;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tinker.model.Evaluation;
import tinker.model.LanguageModel;
import tinker.nn.Layer;
import tinker.nn.Trainable;
import tinker.nn.Weights;
import tinker.plot.Html;
import tinker.plot.Picture;
import tinker.plot.Plots;
import tinker.text.Corpus;
import tinker.text.Split;
import tinker.text.Vocabulary;
import tinker.train.Doctor;
import tinker.train.Fit;
import tinker.train.History;

/** How each kind of thing is shown. Knows nothing of kernels. */
final class Renderings {
  private static final int TABLE_ROWS = 10;
  private static final int CELL_CHARACTERS = 90;
  private static final int TEXT_CELL = 40;
  private static final int TOKENS = 120;
  private static final int LIST_ROWS = 50;

  private Renderings() {}

  /** The forms of {@code value}; something unknown is its own {@code toString}. */
  static Rich of(@Nullable Object value) {
    if (value instanceof Rich rich) {
      return rich;
    }
    if (value instanceof Html html) {
      return Rich.html(html.html(), html.text());
    }
    if (value instanceof Verdict verdict) {
      return verdict.rich();
    }
    if (value instanceof Picture picture) {
      return Rich.picture(picture.png(), picture.width(), picture.toString());
    }
    if (value instanceof Chart<?, ?> chart) {
      return of(Plots.of(chart));
    }
    if (value instanceof NDArray array) {
      ArrayExcerpt excerpt = ArrayExcerpt.of(array);
      return Rich.html(excerpt.html(), excerpt.text());
    }
    if (value instanceof Table table) {
      return table(table);
    }
    if (value instanceof PrintStream) {
      return Rich.text("");
    }
    return ofOurs(value);
  }

  private static Rich ofOurs(@Nullable Object value) {
    if (value instanceof Trainable model) {
      return model(model.toString(), model.block());
    }
    if (value instanceof LanguageModel model) {
      return languageModel(model);
    }
    if (value instanceof Block block) {
      return model(block.getClass().getSimpleName(), block);
    }
    if (value instanceof Vocabulary vocabulary) {
      return vocabulary(vocabulary);
    }
    if (value instanceof Corpus corpus) {
      return corpus(corpus);
    }
    if (value instanceof Split split) {
      return split(split);
    }
    if (value instanceof Evaluation evaluation) {
      return records(List.of(evaluation), evaluation.toString());
    }
    if (value instanceof History history) {
      return records(history.epochs(), lines(history.epochs()));
    }
    if (value instanceof Fit fit) {
      Rich epochs = of(fit.history());
      return Rich.html(
          Markup.caption(fit.stopped().sentence()) + (epochs.html() == null ? "" : epochs.html()),
          fit.toString());
    }
    if (value instanceof Doctor.Report report) {
      Rich exams = records(report.exams(), String.valueOf(report.exams()));
      return Rich.html(
          Markup.caption(report.toString()) + (exams.html() == null ? "" : exams.html()),
          report.toString());
    }
    if (value instanceof List<?> list) {
      return records(list, String.valueOf(list));
    }
    return Rich.text(String.valueOf(value));
  }

  private static String lines(List<?> values) {
    return String.join("\n", values.stream().map(String::valueOf).toList());
  }

  private static Rich table(Table table) {
    int shown = Math.min(TABLE_ROWS, table.rowCount());
    Table excerpt = table.first(shown);
    boolean[] right = new boolean[table.columnCount()];
    var head = new ArrayList<String>();
    for (int c = 0; c < right.length; c++) {
      Column<?> column = table.column(c);
      head.add(column.name());
      right[c] = column instanceof tech.tablesaw.api.NumericColumn;
    }
    var rows = new ArrayList<List<String>>();
    for (int r = 0; r < shown; r++) {
      var row = new ArrayList<String>();
      for (int c = 0; c < right.length; c++) {
        row.add(cell(excerpt.column(c), r));
      }
      rows.add(row);
    }
    String name = table.name() == null || table.name().isBlank() ? "" : table.name() + ": ";
    String size =
        name
            + Numbers.count(table.rowCount(), "row", "rows")
            + ", "
            + Numbers.count(table.columnCount(), "column", "columns")
            + (shown < table.rowCount() ? "; the first " + shown : "");
    return Rich.html(
        Markup.caption(size) + Markup.table(head, right, rows),
        size + "\n" + plain(head, right, rows));
  }

  /** A table in text; wide columns are cut. */
  private static String plain(List<String> head, boolean[] right, List<List<String>> rows) {
    var all = new ArrayList<List<String>>();
    all.add(head);
    all.addAll(rows);
    int[] widths = new int[right.length];
    for (List<String> row : all) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.min(TEXT_CELL, Math.max(widths[c], row.get(c).length()));
      }
    }
    var text = new StringBuilder();
    for (List<String> row : all) {
      text.append(text.isEmpty() ? "" : "\n");
      for (int c = 0; c < widths.length; c++) {
        String cell = shortened(row.get(c), TEXT_CELL);
        String pad = " ".repeat(Math.max(0, widths[c] - cell.length()));
        text.append(c == 0 ? "" : "  ").append(right[c] ? pad + cell : cell + pad);
      }
    }
    return text.toString();
  }

  private static String cell(Column<?> column, int row) {
    if (column.isMissing(row)) {
      return "";
    }
    Object value = column.get(row);
    if (value instanceof Double || value instanceof Float) {
      double[] all = ((tech.tablesaw.api.NumericColumn<?>) column).asDoubleArray();
      return Numbers.among(((Number) value).doubleValue(), all);
    }
    return shortened(String.valueOf(value), CELL_CHARACTERS);
  }

  static String shortened(String text, int most) {
    String line = text.replaceAll("\\s+", " ");
    int points = line.codePointCount(0, line.length());
    return points <= most
        ? line
        : line.substring(0, line.offsetByCodePoints(0, most - 1)).stripTrailing() + "\u2026";
  }

  private static Rich model(String name, Block block) {
    List<Layer> layers;
    try {
      layers = Weights.table(block);
    } catch (IllegalStateException | UnsupportedOperationException e) {
      return Rich.text(name);
    }
    var rows = new ArrayList<List<String>>();
    var text = new StringBuilder(name);
    long total = 0;
    int width = layers.stream().mapToInt(l -> l.name().length()).max().orElse(0);
    for (Layer layer : layers) {
      String count = String.format(Locale.ROOT, "%,d", layer.count());
      rows.add(List.of(layer.name(), layer.shape().toString(), count));
      text.append(
          String.format(
              Locale.ROOT,
              "\n  %-" + Math.max(1, width) + "s  %-14s %12s",
              layer.name(),
              layer.shape(),
              count));
      total += layer.count();
    }
    rows.add(List.of("all together", "", String.format(Locale.ROOT, "%,d", total)));
    text.append(String.format(Locale.ROOT, "\n  %,d parameters", total));
    return Rich.html(
        Markup.caption(name)
            + Markup.table(
                List.of("parameter", "shape", "numbers"), new boolean[] {false, false, true}, rows),
        text.toString());
  }

  private static Rich languageModel(LanguageModel model) {
    String line =
        String.format(
            Locale.ROOT,
            "%s: %s, %,d parameters",
            model.name(),
            model.vocabulary(),
            model.parameters());
    return Rich.html("<div style=\"" + Markup.TEXT + "\">" + Markup.escape(line) + "</div>", line);
  }

  private static Rich vocabulary(Vocabulary vocabulary) {
    int shown = Math.min(TOKENS, vocabulary.size() - 2);
    var html = new StringBuilder(Markup.caption(vocabulary.toString()));
    var text = new StringBuilder(vocabulary.toString()).append(':');
    html.append("<div style=\"line-height:1.8;word-spacing:4px;").append(Markup.TEXT).append("\">");
    for (int id = 2; id < 2 + shown; id++) {
      String token = vocabulary.show(id);
      html.append("<code title=\"id ")
          .append(id)
          .append("\">")
          .append(Markup.escape(token))
          .append("</code> ");
      text.append(' ').append(token);
    }
    if (shown < vocabulary.size() - 2) {
      html.append('\u2026');
      text.append(" \u2026");
    }
    return Rich.html(html.append("</div>").toString(), text.toString());
  }

  private static Rich corpus(Corpus corpus) {
    var rows = new ArrayList<List<String>>();
    var text = new StringBuilder(corpus.toString());
    for (String document : corpus.documents().stream().limit(3).toList()) {
      String line = shortened(document.substring(0, Math.min(document.length(), 2000)), 200);
      rows.add(List.of(line));
      text.append("\n  ").append(line);
    }
    return Rich.html(
        Markup.caption(corpus.toString()) + Markup.table(List.of(), new boolean[1], rows),
        text.toString());
  }

  private static Rich split(Split split) {
    var rows = new ArrayList<List<String>>();
    part(rows, "train", split.train());
    part(rows, "validation", split.validation());
    part(rows, "test", split.test());
    return Rich.html(
        Markup.table(
            List.of("part", "documents", "characters"), new boolean[] {false, true, true}, rows),
        split.toString());
  }

  private static void part(List<List<String>> rows, String name, Corpus corpus) {
    rows.add(
        List.of(
            name,
            String.format(Locale.ROOT, "%,d", corpus.documents().size()),
            String.format(Locale.ROOT, "%,d", corpus.characters())));
  }

  /** Records of one kind as a table; anything else as {@code text}. */
  static Rich records(List<?> list, String text) {
    if (list.isEmpty() || list.get(0) == null || !list.get(0).getClass().isRecord()) {
      return Rich.text(text);
    }
    Class<?> type = list.get(0).getClass();
    if (!list.stream().allMatch(type::isInstance)) {
      return Rich.text(text);
    }
    if (type == Evaluation.class) {
      return evaluations(list.stream().map(Evaluation.class::cast).toList(), lines(list));
    }
    // What an exam saw is what its table is for; it is not cut.
    int most = type == tinker.train.Verdict.class ? Integer.MAX_VALUE : CELL_CHARACTERS;
    RecordComponent[] parts = type.getRecordComponents();
    var head = Arrays.stream(parts).map(p -> words(p.getName())).toList();
    boolean[] right = new boolean[parts.length];
    var rows = new ArrayList<List<String>>();
    try {
      for (Object one : list.subList(0, Math.min(list.size(), LIST_ROWS))) {
        var row = new ArrayList<String>();
        for (int i = 0; i < parts.length; i++) {
          var accessor = parts[i].getAccessor();
          accessor.setAccessible(true);
          Object value = accessor.invoke(one);
          right[i] |= value instanceof Number;
          row.add(
              value instanceof Double || value instanceof Float
                  ? Numbers.plain(((Number) value).doubleValue())
                  : value instanceof Number n
                      ? String.format(Locale.ROOT, "%,d", n.longValue())
                      : shortened(String.valueOf(value), most));
        }
        rows.add(row);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      return Rich.text(text);
    }
    String more =
        list.size() > LIST_ROWS
            ? Markup.caption("the first " + LIST_ROWS + " of " + list.size())
            : "";
    return Rich.html(more + Markup.table(head, right, rows), text);
  }

  private static Rich evaluations(List<Evaluation> all, String text) {
    boolean impossible = all.stream().anyMatch(e -> e.impossible() > 0);
    boolean unknown = all.stream().anyMatch(e -> e.unknown() > 0);
    var head =
        new ArrayList<>(
            List.of("model", "nats a token", "perplexity", "bits a character", "tokens"));
    if (impossible) {
      head.add("held for impossible");
    }
    if (unknown) {
      head.add("unknown");
    }
    boolean[] right = new boolean[head.size()];
    Arrays.fill(right, 1, right.length, true);
    var rows = new ArrayList<List<String>>();
    for (Evaluation one : all) {
      var row = new ArrayList<String>();
      row.add(one.model());
      row.add(decimals(one.nats(), "%.3f"));
      row.add(decimals(one.perplexity(), "%,.2f"));
      row.add(decimals(one.bitsPerCharacter(), "%.3f"));
      row.add(String.format(Locale.ROOT, "%,d", one.tokens()));
      if (impossible) {
        row.add(String.format(Locale.ROOT, "%,d", one.impossible()));
      }
      if (unknown) {
        row.add(String.format(Locale.ROOT, "%,d", one.unknown()));
      }
      rows.add(row);
    }
    return Rich.html(Markup.table(head, right, rows), text);
  }

  private static String decimals(double value, String format) {
    return Double.isInfinite(value) ? "\u221E" : String.format(Locale.ROOT, format, value);
  }

  /** {@code tokensPerSecond} as "tokens per second". */
  private static String words(String name) {
    return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }
}
