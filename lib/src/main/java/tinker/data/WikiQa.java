package tinker.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tinker.text.Pair;

/**
 * WikiQA (Yang, Yih and Meek 2015): questions asked of a search engine, each with the sentences of
 * the beginning of a Wikipedia article, of which some answer it. Labels {@code other} and {@code
 * answer}; the group of a pair is its question.
 *
 * <p>Only questions with at least one right answer are here, as in every published result: 873 to
 * train on, 126 to choose on, 243 to test. Of the 3,047 questions asked the others have none.
 * Sentences are lower-case and cut after 40 words.
 */
public final class WikiQa {
  private static final List<String> FILES = List.of("a.toks", "b.toks", "id.txt", "sim.txt");

  /** Four files each of train, dev and test. */
  public static final List<Download> DOWNLOADS =
      List.of(
          download(
              "train/a.toks",
              295_217,
              "b8c0957552be60dfc5eb646284ab3865b61d0d02b97f69ee73775870774c646e"),
          download(
              "train/b.toks",
              1_159_356,
              "dcb874190dfa99c42d90532455576d7459a898278f1831bfff7a8d90a3a306dd"),
          download(
              "train/id.txt",
              117_103,
              "03a515430d29216973cdec5bcb4fb2ac283f2dbb7e115af0378717bd7bd0cf23"),
          download(
              "train/sim.txt",
              17_344,
              "85ad83b8e3643ed7e5f9707ba628bafed6991f883e0283111282ba199ea9f908"),
          download(
              "dev/a.toks",
              40_762,
              "fae56c6879d39949832b043d9e60e25596d37bb45c5f30c815556ee8e1f9b135"),
          download(
              "dev/b.toks",
              145_882,
              "7d95d571928715985c9aa6ef9bb0a0609a342e909b3809cd280c599329bcf99e"),
          download(
              "dev/id.txt",
              15_440,
              "776236e6e968b75978ad559c0ba1abf5e7e08bc5ed0ba3383648b6aebc42aed9"),
          download(
              "dev/sim.txt",
              2_260,
              "0986e5b75578db43056ff0770443e1d40e789735958f0abf3054bca7cef550e3"),
          download(
              "test/a.toks",
              80_087,
              "3da499743c32db4f42a88cfef3287fe3641850a4c3c513e0d7bb88ea653342f9"),
          download(
              "test/b.toks",
              311_020,
              "116ee3d0d016e07582afec2453ad124ca8df7a5a124c2e92271068ba2332d9ff"),
          download(
              "test/id.txt",
              31_898,
              "95eedadb99750d569f671dde0996bc365bf672ce201d95b02634d49a7edc3183"),
          download(
              "test/sim.txt",
              4_702,
              "ff957f92f255fe5075e808dadbde64d9855cda218b9db75d2ba3eb73571fad4a"));

  private WikiQa() {}

  private static Download download(String path, long bytes, String sha256) {
    return Download.byHand(
        "wikiqa-" + path.replace('/', '-'),
        bytes,
        sha256,
        "Microsoft Research data licence",
        "wikiqa/" + path,
        "the corpus is at aka.ms/WikiQA; github.com/castorini/data tells how to bring it into this"
            + " form, which WikiQa.read reads");
  }

  /**
   * The official split.
   *
   * @throws IOException if it is not on this machine; the message says what to do
   */
  public static PairSplit load() throws IOException {
    var parts = new ArrayList<Pairs>();
    List<String> names = List.of("WikiQA train", "WikiQA dev", "WikiQA test");
    for (int part = 0; part < names.size(); part++) {
      var files = new ArrayList<Path>();
      for (Download download : DOWNLOADS.subList(4 * part, 4 * part + 4)) {
        files.add(download.file());
      }
      parts.add(read(names.get(part), files));
    }
    return new PairSplit(parts.get(0), parts.get(1), parts.get(2));
  }

  /**
   * A folder with four files that go together line by line: questions {@code a.toks}, sentences
   * {@code b.toks}, {@code id.txt}, which begins with the question's id (up to the first hyphen),
   * and {@code sim.txt}, 0 or 1.
   *
   * @throws IOException if one is of another form; the message names file and line
   */
  public static Pairs read(Path folder) throws IOException {
    return read(folder.getFileName().toString(), FILES.stream().map(folder::resolve).toList());
  }

  private static Pairs read(String name, List<Path> files) throws IOException {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("0", "other");
    labels.put("1", "answer");
    var pairs = new ArrayList<Pair>();
    try (Lines questions = Lines.of(files.get(0));
        Lines sentences = Lines.of(files.get(1));
        Lines ids = Lines.of(files.get(2));
        Lines sims = Lines.of(files.get(3))) {
      while (ids.next()) {
        for (Lines lines : List.of(questions, sentences, sims)) {
          if (!lines.next()) {
            throw lines.error(
                ids.number(), "the file ends, but " + files.get(2) + " has this line");
          }
        }
        String id = ids.text();
        if (id.isBlank()) {
          throw ids.error("the id is empty");
        }
        pairs.add(
            new Pair(
                id,
                questions.text(),
                sentences.text(),
                PairTable.label(sims, labels, sims.text()),
                id.split("-", 2)[0]));
      }
      for (Lines lines : List.of(questions, sentences, sims)) {
        if (lines.next()) {
          throw lines.error("a line too many; " + files.get(2) + " ends before it");
        }
      }
    }
    return Pairs.of(name, List.copyOf(labels.values()), pairs);
  }
}
