package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tinker.text.Pair;

class PairLoadersTest {
  private static final String SICK =
      "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n";

  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static void needsMirror() {
    assumeTrue(System.getenv("TINKER_MIRROR") != null, "TINKER_MIRROR is not set");
  }

  @Test
  void bundledPairsCountAsTheirDescriptionSays() {
    Pairs pairs = Pairs.bundled();
    assertThat(pairs.size()).isEqualTo(800);
    assertThat(pairs.counts().toString())
        .isEqualTo("{entailment=283, neutral=260, contradiction=257}");
    assertThat(pairs.all().stream().map(Pair::group).collect(Collectors.toSet())).hasSize(14);
    assertThat(pairs.all().get(1).second())
        .isEqualTo("The black cat has not been seen by anybody since Easter.");
    assertThat(pairs.all().get(1).group()).isEqualTo("passive");
    assertThat(pairs.table().columnNames())
        .containsExactly("id", "first", "second", "label", "group", "firstWords", "secondWords");
    assertThat(pairs.table().intColumn("firstWords").get(1)).isEqualTo(9);
  }

  @Test
  void sickIsRead() throws IOException {
    Pairs pairs =
        Sick.read(
            file(
                "s.txt",
                "\uFEFF"
                    + SICK.replace("\n", "\r\n")
                    + "7\tA \"dog\" runs\tNo dog\t4.5\tCONTRADICTION\r"
                    + "8\ta\u0085b\tc\t1\tNEUTRAL\n"));
    assertThat(pairs.all())
        .containsExactly(
            new Pair("7", "A \"dog\" runs", "No dog", "contradiction", ""),
            new Pair("8", "a\u0085b", "c", "neutral", ""));
    assertThat(pairs.labels()).containsExactly("entailment", "neutral", "contradiction");
    assertThat(pairs.label(0)).isEqualTo(2);
  }

  @Test
  void whatIsWrongIsNamedWithFileAndLine() throws IOException {
    String good = "1\ta\tb\t3\tNEUTRAL\n";
    assertThatThrownBy(() -> Sick.read(file("s.txt", SICK + good + "2\ta\tb\t3\n")))
        .isInstanceOf(IOException.class)
        .hasMessage(folder.resolve("s.txt") + ", line 3: 4 columns; there must be 5");
    assertThatThrownBy(() -> Sick.read(file("s.txt", SICK + good + good + "2\ta\tb\t3\tMAYBE\n")))
        .hasMessage(
            folder.resolve("s.txt")
                + ", line 4: the label is \"MAYBE\"; it must be one of ENTAILMENT, NEUTRAL,"
                + " CONTRADICTION");
    assertThatThrownBy(() -> Sick.read(file("s.txt", "pair_ID\tsentence_A\n")))
        .hasMessageContaining("line 1: there is no column \"sentence_B\"; the columns are pair_ID");
    assertThatThrownBy(() -> Sick.read(file("s.txt", ""))).hasMessageContaining("empty");
  }

  @Test
  void brokenUtf8NamesLineAndByte() throws IOException {
    byte[] bytes =
        (SICK + "1\ta\tb\t3\tNEUTRAL\n2\ta\tb#\t3\tNEUTRAL\n").getBytes(StandardCharsets.UTF_8);
    int at = new String(bytes, StandardCharsets.UTF_8).indexOf('#');
    bytes[at] = (byte) 0xC3;
    Path file = Files.write(folder.resolve("s.txt"), bytes);
    assertThatThrownBy(() -> Sick.read(file))
        .hasMessage(file + ", line 3: byte " + at + " of the file is 0xC3, which is not UTF-8");
  }

  @Test
  void aLineOfAMillionCharactersIsRead() throws IOException {
    String longest = "x".repeat(1_000_000);
    Pairs pairs = Sick.read(file("s.txt", SICK + "1\t" + longest + "\tb\t3\tNEUTRAL"));
    assertThat(pairs.all().get(0).first()).isEqualTo(longest);
  }

  @Test
  void snliLeavesOutPairsWithoutAgreementAndCountsThem() throws IOException {
    String form =
        "{\"gold_label\": \"%s\", \"sentence1\": \"A \\u0041 \\\"b\\\".\", \"sentence2\": \"c\","
            + " \"pairID\": \"%s\", \"annotator_labels\": [\"neutral\"]}\n";
    Path file =
        file(
            "d.jsonl",
            form.formatted("neutral", "p1")
                + form.formatted("-", "p2")
                + "\n"
                + form.formatted("entailment", "p3"));
    Pairs pairs = Snli.read(file);
    assertThat(pairs.all())
        .containsExactly(
            new Pair("p1", "A A \"b\".", "c", "neutral", ""),
            new Pair("p3", "A A \"b\".", "c", "entailment", ""));
    assertThat(pairs.leftOut()).isEqualTo(1);
    assertThat(pairs.toString()).contains("1 without a label left out");

    assertThatThrownBy(() -> Snli.read(file("e.jsonl", form.formatted("x", "p"))))
        .hasMessageContaining("e.jsonl, line 1: the label is \"x\"");
    assertThatThrownBy(
            () -> Snli.read(file("e.jsonl", form.formatted("neutral", "p") + "{\"a\":1}")))
        .hasMessageContaining("e.jsonl, line 2: there is no text \"gold_label\"; the fields are a");
    assertThatThrownBy(() -> Snli.read(file("e.jsonl", "{\"gold_label\":")))
        .hasMessageContaining("e.jsonl, line 1: not JSON");
    assertThatThrownBy(() -> Snli.read(file("e.jsonl", "[1]"))).hasMessageContaining("line 1");
  }

  @Test
  void quoraIsReadInBothForms() throws IOException {
    Path split = file("dev.tsv", "1\tHow \"so ?\tWhy ?\t42\n0\ta\tb\t43\n");
    assertThat(Quora.read(split).all())
        .containsExactly(
            new Pair("42", "How \"so ?", "Why ?", "duplicate", ""),
            new Pair("43", "a", "b", "different", ""));
    Path official =
        file(
            "q.tsv",
            "\"id\"\t\"qid1\"\t\"qid2\"\t\"question1\"\t\"question2\"\t\"is_duplicate\"\n"
                + "\"0\"\t\"1\"\t\"2\"\t\"What is \"\"it\"\"?\"\t\"One\nTwo\tthree\"\t\"1\"\n");
    assertThat(Quora.read(official).all())
        .containsExactly(new Pair("0", "What is \"it\"?", "One\nTwo\tthree", "duplicate", ""));

    assertThatThrownBy(() -> Quora.read(file("x.tsv", "1\ta\tb\t1\n1\ta\tb\n")))
        .hasMessageContaining("x.tsv, line 2: 3 columns; there must be 4");
    assertThatThrownBy(() -> Quora.read(file("x.tsv", "2\ta\tb\t1\n")))
        .hasMessageContaining("x.tsv, line 1: the label is \"2\"; it must be one of 0, 1");
  }

  @Test
  void anyCsvIsRead() throws IOException {
    Path file =
        file("own.csv", "a,b,verdict,more\r\n\"x, y\",\"he said \"\"z\"\"\",yes,1\nc,d,no,\n");
    Pairs pairs = Pairs.csv(file, "a", "b", "verdict");
    assertThat(pairs.all())
        .containsExactly(
            new Pair("1", "x, y", "he said \"z\"", "yes", ""), new Pair("2", "c", "d", "no", ""));
    // By their names, so that another file of the same task numbers them alike.
    assertThat(pairs.labels()).containsExactly("no", "yes");
    Pairs other = Pairs.csv(file("o.csv", "a,b,c\n1,2,no\n3,4,yes\n"), "a", "b", "c");
    assertThat(other.labels()).isEqualTo(pairs.labels());
    assertThatThrownBy(() -> Pairs.csv(file, "a", "b", "label"))
        .hasMessageContaining("own.csv, line 1: there is no column \"label\"");
    assertThatThrownBy(() -> Pairs.csv(file("o.csv", "a,b,c\n1,2,3\n1,\"2,3\n4"), "a", "b", "c"))
        .hasMessageContaining("o.csv, line 3: a quotation mark is opened and never closed");
    assertThatThrownBy(() -> Pairs.csv(file("o.csv", "a,b,c\n1,\"2\"x,3\n"), "a", "b", "c"))
        .hasMessageContaining("o.csv, line 2: text follows the quotation mark");
    assertThatThrownBy(() -> Pairs.csv(file("o.csv", "a,b,c\n1,2,\n"), "a", "b", "c"))
        .hasMessageContaining("o.csv, line 2: the label is empty");
  }

  private void wikiQa(String questions, String sentences, String ids, String sims)
      throws IOException {
    file("a.toks", questions);
    file("b.toks", sentences);
    file("id.txt", ids);
    file("sim.txt", sims);
  }

  @Test
  void wikiQaIsReadWithItsQuestions() throws IOException {
    wikiQa("q\nq\nr\n", "s\nt\nu\n", "Q1-D1-0\nQ1-D1-1\nQ9-D3-0\n", "0\n1\n0\n");
    assertThat(WikiQa.read(folder).all())
        .containsExactly(
            new Pair("Q1-D1-0", "q", "s", "other", "Q1"),
            new Pair("Q1-D1-1", "q", "t", "answer", "Q1"),
            new Pair("Q9-D3-0", "r", "u", "other", "Q9"));
    wikiQa("q\nq\n", "s\nt\n", "Q1-1\nQ1-2\n", "0\n2\n");
    assertThatThrownBy(() -> WikiQa.read(folder))
        .hasMessageContaining("sim.txt, line 2: the label is \"2\"");
    wikiQa("q\nq\n", "s\n", "Q1-1\nQ1-2\n", "0\n1\n");
    assertThatThrownBy(() -> WikiQa.read(folder))
        .hasMessageContaining("b.toks, line 2: the file ends");
    wikiQa("q\nq\n", "s\nt\n", "Q1-1\n", "0\n1\n");
    assertThatThrownBy(() -> WikiQa.read(folder))
        .hasMessageContaining("a.toks, line 2: a line too many");
  }

  @Test
  void aFileWithoutAddressSaysWhereToPutIt() {
    var cache =
        new Cache(
            folder.resolve("c"), null, java.time.Duration.ZERO, java.time.Duration.ZERO, f -> 0);
    assertThatThrownBy(() -> cache.get(Quora.DOWNLOAD))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("quora-dev.tsv is not on this machine")
        .hasMessageContaining("no stable public address")
        .hasMessageContaining("github.com/zhiguowang/BiMPM")
        .hasMessageContaining("1,319,301 bytes")
        .hasMessageContaining("as quora/dev.tsv");
    assertThat(folder.resolve("c")).doesNotExist();
  }

  @Test
  void splitsShareNoSentence() {
    Pairs pairs = Pairs.bundled();
    PairSplit split = pairs.split(0.7, 0.1, 0.2, 7);
    assertThat(split.train().size() + split.validation().size() + split.test().size())
        .isEqualTo(800);
    assertThat(split.train().size()).isBetween(550, 570);
    assertThat(split.test().size()).isBetween(150, 170);
    assertThat(sentences(split.train())).doesNotContainAnyElementsOf(sentences(split.test()));
    assertThat(sentences(split.train())).doesNotContainAnyElementsOf(sentences(split.validation()));
    assertThat(pairs.split(0.7, 0.1, 0.2, 7).test().all()).isEqualTo(split.test().all());
    assertThat(pairs.split(0.7, 0.1, 0.2, 8).test().all()).isNotEqualTo(split.test().all());
    assertThatThrownBy(() -> pairs.split(0.7, 0.1, 0.3, 7)).hasMessageContaining("0.3");
  }

  @Test
  void sentencesSharedThroughOthersStayTogether() {
    var chain = new java.util.ArrayList<Pair>();
    for (int i = 0; i < 50; i++) {
      chain.add(new Pair("c" + i, "s" + i, "S" + (i + 1), "x", ""));
    }
    PairSplit split = Pairs.of("chain", java.util.List.of("x"), chain).split(0.5, 0, 0.5, 1);
    assertThat(java.util.List.of(split.train().size(), split.test().size()))
        .containsExactlyInAnyOrder(50, 0);
  }

  private static Set<String> sentences(Pairs pairs) {
    var sentences = new HashSet<String>();
    for (Pair pair : pairs.all()) {
      sentences.add(pair.firstWords().toString());
      sentences.add(pair.secondWords().toString());
    }
    return sentences;
  }

  @Test
  void theRealFilesHaveTheirKnownCounts() throws IOException {
    needsMirror();
    PairSplit sick = Sick.load();
    assertThat(sick.train().size()).isEqualTo(4500);
    assertThat(sick.validation().size()).isEqualTo(500);
    // The official majority: 56.7 % neutral.
    assertThat(Objects.requireNonNull(sick.test().counts().get("neutral")) / 4927.0)
        .isBetween(0.5665, 0.5675);
    PairSplit wiki = WikiQa.load();
    assertThat(wiki.train().size()).isEqualTo(8672);
    assertThat(wiki.test().all().stream().map(Pair::group).distinct()).hasSize(243);
    PairSplit snli = Snli.load();
    assertThat(snli.validation().size()).isEqualTo(9842);
    assertThat(snli.test().size()).isEqualTo(9824);
    Set<String> premises =
        snli.train().all().stream().map(p -> p.firstWords().toString()).collect(Collectors.toSet());
    assertThat(snli.test().all()).noneMatch(p -> premises.contains(p.firstWords().toString()));
    Pairs sample = Snli.read(Snli.SAMPLE.file());
    assertThat(sample.size()).isEqualTo(998);
    assertThat(sample.leftOut()).isEqualTo(2);
    PairSplit quora = Quora.load().split(0.8, 0.1, 0.1, 7);
    assertThat(sentences(quora.train())).doesNotContainAnyElementsOf(sentences(quora.test()));
    assertThat(quora.train().size()).isBetween(7900, 8100);
  }

  @Test
  void everyLoaderNamesFileAndLine() throws IOException {
    String json =
        "{\"gold_label\":\"neutral\",\"pairID\":\"p\",\"sentence1\":\"a\",\"sentence2\":\"b\"}\n";
    for (String field : List.of("gold_label", "pairID", "sentence1", "sentence2")) {
      Path broken = file("e.jsonl", json + json.replace('"' + field + '"', "\"other\""));
      assertThatThrownBy(() -> Snli.read(broken))
          .hasMessageContaining("e.jsonl, line 2: there is no text \"" + field + "\"");
    }
    String header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n";
    String good = "0\t1\t2\ta\tb\t1\n";
    assertThatThrownBy(() -> Quora.read(file("q.tsv", header + good + "1\t1\t2\ta\tb\n")))
        .hasMessageContaining("q.tsv, line 3: 5 columns; there must be 6");
    assertThatThrownBy(() -> Quora.read(file("q.tsv", header + good + "1\t1\t2\ta\tb\t2\n")))
        .hasMessageContaining("q.tsv, line 3: the label is \"2\"; it must be one of 0, 1");
    assertThatThrownBy(() -> Quora.read(file("q.tsv", header.replace("question2", "x") + good)))
        .hasMessageContaining("q.tsv, line 1: there is no column \"question2\"");
    assertThatThrownBy(() -> Pairs.csv(file("o.csv", "a,b,c\n1,2,x\n1,2\n"), "a", "b", "c"))
        .hasMessageContaining("o.csv, line 3: 2 columns; there must be 3");
    wikiQa("q\n", "s\n", " \n", "0\n");
    assertThatThrownBy(() -> WikiQa.read(folder)).hasMessageContaining("id.txt, line 1: the id");
  }

  @Test
  void aCsvCanBeToldItsLabels() throws IOException {
    Path labels = file("l.csv", "a,b,c\n1,2,yes\n1,2,yess\n");
    assertThatThrownBy(() -> Pairs.csv(labels, "a", "b", "c", List.of("no", "yes")))
        .hasMessageContaining("l.csv, line 3: the label is \"yess\"; it must be one of no, yes");
    Path one = file("l.csv", "a,b,c\n1,2,yes\n");
    assertThat(Pairs.csv(one, "a", "b", "c", List.of("no", "yes")).label(0)).isEqualTo(1);
  }
}
