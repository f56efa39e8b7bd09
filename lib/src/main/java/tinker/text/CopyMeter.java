package tinker.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures how much of a text is copied from a training text: the characters that lie inside runs
 * of at least 20 characters which stand there word for word.
 *
 * <pre>{@code
 * var meter = CopyMeter.of(split.train());
 * meter.measure(generated);                     // share, runs, and the longest with its place
 * meter.measure(split.test().text()).share();   // what people who wrote alike have in common
 * }</pre>
 *
 * <p>Some agreement is no copying: measure held-out text as well and compare.
 */
public final class CopyMeter {
  private static final int USUAL = 20;

  private final Corpus training;
  private final int atLeast;

  private CopyMeter(Corpus training, int atLeast) {
    this.training = training;
    this.atLeast = atLeast;
  }

  /** A meter that counts runs of at least 20 characters as copied. */
  public static CopyMeter of(Corpus training) {
    return new CopyMeter(training, USUAL);
  }

  /**
   * The same with another shortest run.
   *
   * @param characters at least 1
   */
  CopyMeter atLeast(int characters) {
    if (characters < 1) {
      throw new IllegalArgumentException(
          "shortest run is " + characters + "; it must be at least 1 character");
    }
    return new CopyMeter(training, characters);
  }

  /**
   * Compares {@code text} with the whole training text; a run never reaches over the end of a
   * training document. Takes time in proportion to the two lengths together.
   */
  public Copying measure(String text) {
    int[] points = text.codePoints().toArray();
    var automaton = new SuffixAutomaton(points);
    for (int document = 0; document < training.documents().size(); document++) {
      automaton.read(training.documents().get(document), document);
    }
    automaton.spread();

    List<Copying.Run> runs = new ArrayList<>();
    Copying.Run longest = new Copying.Run("", 0, 0, 0, 0);
    int copied = 0;
    int copiedTo = 0;
    for (int end = 0; end < points.length; end++) {
      int length = automaton.longest(end);
      boolean goesOn = end + 1 < points.length && automaton.longest(end + 1) == length + 1;
      if (goesOn || length == 0) {
        continue;
      }
      boolean counts = length >= atLeast;
      if (counts || length > longest.length()) {
        int start = end + 1 - length;
        var run =
            new Copying.Run(
                new String(points, start, length),
                start,
                length,
                automaton.document(end),
                automaton.position(end));
        if (length > longest.length()) {
          longest = run;
        }
        if (counts) {
          runs.add(run);
          copied += end + 1 - Math.max(start, copiedTo);
          copiedTo = end + 1;
        }
      }
    }
    return new Copying(text, atLeast, points.length, copied, runs, longest);
  }

  /**
   * The smallest automaton that knows every part of a text (Blumer et al. 1985). The longer
   * training text is read through the automaton of the shorter one, so nothing of the training text
   * needs to be indexed.
   */
  private static final class SuffixAutomaton {
    private final int[] prefix;
    private final int[] length;
    private final int[] link;
    private int states = 1;

    // The transitions of a state are a linked list; most states have one.
    private final int[] firstEdge;
    private final int[] nextEdge;
    private final int[] symbol;
    private final int[] target;
    private int edges;
    // The first state has many transitions: a table of its own, by code point.
    private final int[] fromRoot;

    // For each state: the longest of its parts that was read, and where.
    private final int[] best;
    private final int[] document;
    private final int[] endPosition;

    SuffixAutomaton(int[] text) {
      int most = 2 * text.length + 2;
      prefix = new int[text.length];
      length = new int[most];
      link = new int[most];
      firstEdge = new int[most];
      Arrays.fill(firstEdge, -1);
      nextEdge = new int[3 * text.length + 4];
      symbol = new int[nextEdge.length];
      target = new int[nextEdge.length];
      fromRoot = new int[Arrays.stream(text).max().orElse(0) + 1];
      best = new int[most];
      document = new int[most];
      endPosition = new int[most];
      link[0] = -1;
      int last = 0;
      for (int i = 0; i < text.length; i++) {
        last = append(last, text[i]);
        prefix[i] = last;
      }
    }

    private int append(int last, int c) {
      int added = states++;
      length[added] = length[last] + 1;
      int state = last;
      while (state >= 0 && follow(state, c) < 0) {
        addEdge(state, c, added);
        state = link[state];
      }
      if (state < 0) {
        return added;
      }
      int next = follow(state, c);
      if (length[next] == length[state] + 1) {
        link[added] = next;
        return added;
      }
      int copy = states++;
      length[copy] = length[state] + 1;
      link[copy] = link[next];
      for (int e = firstEdge[next]; e >= 0; e = nextEdge[e]) {
        addEdge(copy, symbol[e], target[e]);
      }
      while (state >= 0 && follow(state, c) == next) {
        redirect(state, c, copy);
        state = link[state];
      }
      link[next] = copy;
      link[added] = copy;
      return added;
    }

    private int follow(int state, int c) {
      if (state == 0) {
        return c < fromRoot.length && fromRoot[c] > 0 ? fromRoot[c] : -1;
      }
      int e = edge(state, c);
      return e < 0 ? -1 : target[e];
    }

    private int edge(int state, int c) {
      int e = firstEdge[state];
      while (e >= 0 && symbol[e] != c) {
        e = nextEdge[e];
      }
      return e;
    }

    private void addEdge(int state, int c, int to) {
      if (state == 0) {
        fromRoot[c] = to;
        return;
      }
      symbol[edges] = c;
      target[edges] = to;
      nextEdge[edges] = firstEdge[state];
      firstEdge[state] = edges++;
    }

    private void redirect(int state, int c, int to) {
      if (state == 0) {
        fromRoot[c] = to;
      } else {
        target[edge(state, c)] = to;
      }
    }

    /** Reads a training text: notes at each state how long a part of it was met there. */
    void read(String training, int number) {
      int state = 0;
      int matched = 0;
      int position = 0;
      for (int i = 0; i < training.length(); position++) {
        int c = training.codePointAt(i);
        i += Character.charCount(c);
        int next = follow(state, c);
        while (next < 0 && state > 0) {
          state = link[state];
          matched = length[state];
          next = follow(state, c);
        }
        if (next < 0) {
          continue;
        }
        state = next;
        matched++;
        if (matched > best[state]) {
          best[state] = matched;
          document[state] = number;
          endPosition[state] = position;
        }
      }
    }

    /** A part that was met takes its ends along: they were met, too. And what was not, looks up. */
    void spread() {
      int[] byLength = byLength();
      for (int i = states - 1; i > 0; i--) {
        int state = byLength[i];
        int shorter = link[state];
        if (best[state] > 0 && shorter > 0 && best[shorter] < length[shorter]) {
          best[shorter] = length[shorter];
          document[shorter] = document[state];
          endPosition[shorter] = endPosition[state];
        }
      }
      for (int i = 1; i < states; i++) {
        int state = byLength[i];
        if (best[state] == 0 && link[state] > 0) {
          best[state] = best[link[state]];
          document[state] = document[link[state]];
          endPosition[state] = endPosition[link[state]];
        }
      }
    }

    private int[] byLength() {
      int longest = 0;
      for (int s = 0; s < states; s++) {
        longest = Math.max(longest, length[s]);
      }
      int[] starts = new int[longest + 2];
      for (int s = 0; s < states; s++) {
        starts[length[s] + 1]++;
      }
      for (int i = 1; i < starts.length; i++) {
        starts[i] += starts[i - 1];
      }
      int[] order = new int[states];
      for (int s = 0; s < states; s++) {
        order[starts[length[s]]++] = s;
      }
      return order;
    }

    /** Length of the longest part of the training text that ends at this place of the text. */
    int longest(int end) {
      return best[prefix[end]];
    }

    int document(int end) {
      return document[prefix[end]];
    }

    int position(int end) {
      return endPosition[prefix[end]] + 1 - longest(end);
    }
  }
}
