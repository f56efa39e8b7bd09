package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.ColumnType;
import tinker.text.Split;
import tinker.text.Vocabulary;

class ReviewsTest {
  @TempDir Path folder;

  private Path file(String content) throws IOException {
    return Files.write(folder.resolve("some.csv"), content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theBundledReviewsAreATable() {
    Reviews reviews = Reviews.bundled();
    assertThat(reviews.columns())
        .containsExactly("id", "artist", "album", "genre", "year", "rating", "review");
    assertThat(reviews.table().types())
        .containsExactly(
            ColumnType.INTEGER,
            ColumnType.STRING,
            ColumnType.STRING,
            ColumnType.STRING,
            ColumnType.INTEGER,
            ColumnType.DOUBLE,
            ColumnType.STRING);
    assertThat(reviews.table().rowCount()).isEqualTo(1200);
    assertThat(reviews.table().missingValueCounts().columns())
        .allMatch(c -> c.getString(0).matches("0(\\.0)?"));
    assertThat(reviews.table().stringColumn("genre").countUnique()).isEqualTo(14);
    assertThat(reviews.table().intColumn("year").min()).isEqualTo(1968);
    assertThat(reviews.table().intColumn("year").max()).isEqualTo(2025);
    assertThat(reviews.table().doubleColumn("rating").min()).isGreaterThanOrEqualTo(0);
    assertThat(reviews.table().doubleColumn("rating").max()).isLessThanOrEqualTo(10);
    assertThat(reviews.table().doubleColumn("rating").mean()).isCloseTo(6.8, within(0.1));
    assertThat(reviews.corpus().documents()).hasSize(1200);
    assertThat(reviews.corpus().characters()).isEqualTo(649_642L);
    assertThat(reviews.corpus().documents().get(0)).startsWith("I bring grave tidings");
    assertThat(reviews.toString()).isEqualTo("album reviews: 1,200 documents, 649,642 characters");
  }

  @Test
  void theTableIsTheCallersToChange() {
    Reviews reviews = Reviews.bundled();
    reviews.table().removeColumns("review");
    assertThat(reviews.table().columnNames()).contains("review");
  }

  @Test
  void theSplitIsTheCorpusSplit() {
    Split split = Reviews.bundled().split(0.8, 0.1, 0.1, 7);
    assertThat(split.train().documents()).hasSize(960);
    assertThat(split.validation().documents()).hasSize(120);
    assertThat(split.test().documents()).hasSize(120);
    assertThat(Vocabulary.ofCharacters(split.train()).size()).isBetween(60, 100);
  }

  @Test
  void otherFilesAreReadByTheirColumn() throws IOException {
    Reviews own =
        Reviews.read(file("text,stars\n\"Good, \"\"very\"\" good\",5\n007,1\nNA,2\n"), "text");
    assertThat(own.corpus().documents()).containsExactly("Good, \"very\" good", "007", "NA");
    assertThat(own.table().intColumn("stars").sum()).isEqualTo(8);
  }

  @Test
  void aColumnThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
    Path file = file("title,body\na,b\n");
    assertThatThrownBy(() -> Reviews.read(file, "review"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + " has no column \"review\"; its columns are title, body");
  }

  @Test
  void rowsOfAnotherWidthAreRefused() throws IOException {
    assertThatThrownBy(() -> Reviews.read(file("a,b\n1,2\n1,2,3\n"), "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("some.csv is not a table");
    assertThatThrownBy(() -> Reviews.read(file("a,b\n1,2\n1\n"), "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("some.csv is not a table");
  }

  @Test
  void aRowOfAnotherWidthIsNamedWithItsLine() throws IOException {
    Path more = file("a,b\n1,2\n\"two\nlines\",2\n1,2,3\n");
    assertThatThrownBy(() -> Reviews.read(more, "a"))
        .isInstanceOf(IOException.class)
        .hasMessage(more + " is not a table, line 5: 3 columns; there must be 2");
    Path fewer = file("a,b\n1,2\n\n1\n");
    assertThatThrownBy(() -> Reviews.read(fewer, "a"))
        .isInstanceOf(IOException.class)
        .hasMessage(fewer + " is not a table, line 4: 1 column; there must be 2");
  }

  @Test
  void aQuotationMarkThatIsNeverClosedIsNamedWithItsLine() throws IOException {
    Path file = file("n,text\n1,good\n2,\"bad\n3,so so\n4,good\n");
    assertThatThrownBy(() -> Reviews.read(file, "text"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + " is not a table, line 3: a quotation mark is opened and never closed");
  }

  @Test
  void aLineThatBeginsWithANumberSignIsARow() throws IOException {
    Reviews rows = Reviews.read(file("text,n\n#1 record of the year,5\nfine,4\n"), "text");
    assertThat(rows.corpus().documents()).containsExactly("#1 record of the year", "fine");
    Reviews header = Reviews.read(file("#id,text\n1,good\n2,bad\n"), "text");
    assertThat(header.columns()).containsExactly("#id", "text");
    assertThat(header.corpus().documents()).containsExactly("good", "bad");
  }

  @Test
  void blankLinesAndBlanksAroundQuotationMarksDoNotMatter() throws IOException {
    Reviews own =
        Reviews.read(file("n,text\n\n1, \"a, b\" \n  \n \"2\" ,c\n3,\"d, \"\"e\"\"\"\n\n"), "text");
    assertThat(own.corpus().documents()).containsExactly("a, b", "c", "d, \"e\"");
  }

  @Test
  void aColumnNameThatStandsTwiceIsRefused() throws IOException {
    assertThatThrownBy(() -> Reviews.read(file("a,a\n1,2\n"), "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("some.csv is not a table");
  }

  @Test
  void aByteOrderMarkAndMixedLineEndsDoNotMatter() throws IOException {
    Reviews own =
        Reviews.read(file("\uFEFFtext,n\r\nfirst,1\nsecond,2\r\n\"two\nlines\",3"), "text");
    assertThat(own.corpus().documents()).containsExactly("first", "second", "two\nlines");
  }

  @Test
  void signsThatLookLikeLineEndsAreText() throws IOException {
    // NEL and the line separator: other programs break lines here.
    Reviews own = Reviews.read(file("text,n\na\u0085b\u2028c,1\n"), "text");
    assertThat(own.corpus().documents()).containsExactly("a\u0085b\u2028c");
  }

  @Test
  void aCellOfAMillionCharactersIsRead() throws IOException {
    String text = "long ".repeat(200_000).strip();
    assertThat(Reviews.read(file("text,n\n" + text + ",1\n"), "text").corpus().documents())
        .containsExactly(text);
  }

  @Test
  void brokenUtf8NamesTheByte() throws IOException {
    Path file = Files.write(folder.resolve("b.csv"), new byte[] {'a', '\n', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> Reviews.read(file, "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("byte 2, counted from 0, is 0xE9");
  }

  @Test
  void anEmptyFileAndOneWithoutRows() throws IOException {
    Path empty = file("");
    assertThatThrownBy(() -> Reviews.read(empty, "a")).hasMessageContaining("is empty");
    assertThat(Reviews.read(file("a,b\n"), "a").corpus().documents()).isEmpty();
    assertThatThrownBy(() -> Reviews.read(folder.resolve("no.csv"), "a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no.csv");
  }
}
