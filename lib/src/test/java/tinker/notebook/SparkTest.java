package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkTest {
  @TempDir Path environment;
  private Path folder;

  @BeforeEach
  void layOut() throws IOException {
    folder = Files.createDirectory(environment.resolve(".lab")).resolve("spark");
  }

  @Test
  void theCommandOfTheEnvironmentFetchesIt() throws Exception {
    command(
        "mkdir -p \"$(dirname \"$0\")/.lab/spark\"; touch \"$(dirname \"$0\")/.lab/spark/a.jar\"");
    Spark.fetch(folder);
    assertThat(Spark.jars(folder)).isEqualTo(folder.resolve("a.jar").toString());
  }

  @Test
  void aFailureSaysWhatTheCommandSaid() throws Exception {
    command("echo the disk is full >&2; exit 3");
    assertThatThrownBy(() -> Spark.fetch(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(environment.resolve("spark").toString())
        .hasMessageEndingWith("the disk is full");
  }

  @Test
  void jarsComeInTheOrderOfTheirNamesAndNothingElseDoes() throws IOException {
    Files.createDirectory(folder);
    for (String name : new String[] {"b.jar", "notes.txt", "a.jar"}) {
      Files.createFile(folder.resolve(name));
    }
    assertThat(Spark.jars(folder).split(File.pathSeparator))
        .containsExactly(folder.resolve("a.jar").toString(), folder.resolve("b.jar").toString());
  }

  @Test
  void outsideOfANotebookOneSentenceSaysWhatToDo() {
    for (String place : new String[] {null, folder.toString()}) {
      assertThatThrownBy(() -> Spark.add(place))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("environment/lab");
    }
  }

  private void command(String script) throws IOException {
    Path command = environment.resolve("spark");
    Files.writeString(command, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
