package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tinker.text.Corpus;
import tinker.text.Vocabulary;

class LoadersTest {
  @TempDir Path folder;

  private static void needsMirror() {
    assumeTrue(System.getenv("TINKER_MIRROR") != null, "TINKER_MIRROR is not set");
  }

  @Test
  void tinyShakespeare() throws IOException {
    needsMirror();
    Corpus corpus = TinyShakespeare.load();
    assertThat(corpus.characters()).isEqualTo(1_115_394);
    assertThat(corpus.text()).startsWith("First Citizen:\nBefore we proceed");
    assertThat(Vocabulary.ofCharacters(corpus).size()).isEqualTo(65 + 2);
  }

  @Test
  void blogReviewsLeaveDuplicatesOut() throws IOException {
    needsMirror();
    BlogReviews reviews = BlogReviews.load();
    assertThat(reviews.duplicates()).isEqualTo(49);
    assertThat(reviews.corpus().documents()).hasSize(1584 - 49);
    assertThat(new HashSet<>(reviews.corpus().documents())).hasSize(1584 - 49);
    assertThat(reviews.corpus().characters()).isEqualTo(1_408_650);
    assertThat(reviews.toString()).contains("49 duplicates left out");
    assertThat(reviews.split(0.8, 0, 0.2, 1).test().documents()).hasSize(307);
  }

  @Test
  void blogReviewsOfAnotherFormAreRefused() throws IOException {
    Path file = folder.resolve("x.json");
    Files.writeString(file, "[{\"content\":\"a\"},{\"title\":\"b\",\"url\":\"c\"}]");
    assertThatThrownBy(() -> BlogReviews.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("entry 2 has no text \"content\"; it has title, url");
    Files.writeString(file, "{\"content\":\"a\"}");
    assertThatThrownBy(() -> BlogReviews.read(file)).hasMessageContaining("no list");
    Files.writeString(file, "[{\"content\":");
    assertThatThrownBy(() -> BlogReviews.read(file)).hasMessageContaining("is not JSON");
    Files.writeString(file, "[{\"content\":\"a\"},{\"content\":\"b\"},{\"content\":\"a\"}]");
    assertThat(BlogReviews.read(file).corpus().documents()).containsExactly("a", "b");
    assertThat(BlogReviews.read(file).duplicates()).isEqualTo(1);
  }
}
