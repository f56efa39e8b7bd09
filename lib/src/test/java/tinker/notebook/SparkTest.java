package tinker.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SparkTest {
  @TempDir Path environment;
  private Path folder;

  @BeforeEach
  void layOut() throws IOException {
    folder = Files.createDirectory(environment.resolve(".lab")).resolve("spark");
  }

  @AfterEach
  void forget() {
    System.clearProperty("org.slf4j.simpleLogger.log.org.apache");
    System.clearProperty("org.slf4j.simpleLogger.log.org.sparkproject");
  }

  @Test
  @Timeout(30)
  void whoStopsWaitingEndsWhatTheCommandStarted() throws Exception {
    command("cd \"$(dirname \"$0\")\"; sleep 60 & echo $! >new; mv new child; wait");
    Path child = environment.resolve("child");
    var thrown = new AtomicReference<Throwable>();
    var thread = new Thread(() -> thrown.set(catchThrowable(() -> Spark.fetch(folder))));
    thread.start();
    while (!Files.exists(child)) {
      Thread.sleep(5);
    }
    thread.interrupt();
    thread.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    long id = Long.parseLong(Files.readString(child).strip());
    while (ProcessHandle.of(id).map(ProcessHandle::isAlive).orElse(false)) {
      Thread.sleep(5);
    }
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
