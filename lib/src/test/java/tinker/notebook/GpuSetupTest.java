package tinker.notebook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class GpuSetupTest {
  private static final String PREFIX = "/2.7.1/cu128/linux-x86_64/native/lib/";

  @TempDir Path cache;
  private HttpServer server;
  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  /** How many bytes of each answer are sent; fewer than there are for a broken line. */
  private int sent = Integer.MAX_VALUE;

  /** How many files come to a stop after their first byte, while the line stays open. */
  private int stalls;

  private Duration stall = Duration.ofSeconds(30);

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    files.put(
        "/2.7.1/files.txt",
        ("cpu/linux-x86_64/native/lib/libtorch.so.gz\n"
                + "cu128/linux-x86_64/native/lib/libtorch.so.gz\n"
                + "cu128/linux-x86_64/native/lib/libcudart-c3a75b33.so.12.gz\n"
                + "cu128/linux-x86_64/native/lib/lib%2B%2B.so.gz\n"
                + "cu128/win-x86_64/native/lib/torch.dll.gz\n")
            .getBytes(UTF_8));
    files.put(PREFIX + "libtorch.so.gz", packed("the torch"));
    files.put(PREFIX + "libcudart-c3a75b33.so.12.gz", packed("the runtime"));
    files.put(PREFIX + "lib%2B%2B.so.gz", packed("the rest"));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static byte[] packed(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    asked.add(exchange.getRequestMethod() + " " + path);
    byte[] body = files.get(path);
    if (stalls > 0 && path.endsWith(".gz") && exchange.getRequestMethod().equals("GET")) {
      stalls--;
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write(0x1F);
      exchange.getResponseBody().flush();
      return; // never closed
    }
    try (exchange) {
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().add("Content-Length", String.valueOf(body.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body, 0, Math.min(body.length, sent));
      }
    }
  }

  private TorchLibraries libraries(long room) {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    return TorchLibraries.of(
        address, folder(), new PrintStream(told, true, UTF_8), stall, ignored -> room);
  }

  private Path folder() {
    return cache.resolve("pytorch").resolve("2.7.1-cu128-linux-x86_64");
  }

  @Test
  void theEnginesOwnBindingMayLieThereAlready() throws Exception {
    Files.createDirectories(folder());
    Files.writeString(folder().resolve("0.35.1-libdjl_torch.so"), "binding");
    libraries(1L << 40).fetch();
    assertThat(folder().resolve("libtorch.so")).hasContent("the torch");
    assertThat(folder().resolve("0.35.1-libdjl_torch.so")).hasContent("binding");
    try (var left = Files.list(cache.resolve("pytorch"))) {
      assertThat(left).containsExactly(folder());
    }
  }

  @Test
  void bringsTheFilesOfOnePlatformUnderTheNamesThatTheEngineLooksFor() throws Exception {
    libraries(1L << 40).fetch();
    try (var found = Files.list(folder())) {
      assertThat(found.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("libtorch.so", "libcudart-c3a75b33.so.12", "lib++.so");
    }
    assertThat(folder().resolve("libtorch.so")).hasContent("the torch");
    assertThat(told.toString(UTF_8)).contains("fetching 3 files, 0.000 GB");
    asked.clear();
    libraries(1L << 40).fetch();
    assertThat(asked).isEmpty();
  }

  @Test
  void whatIsWholeIsNotFetchedAgainAfterABreak() throws Exception {
    byte[] kept = Objects.requireNonNull(files.remove(PREFIX + "lib%2B%2B.so.gz"));
    assertThatThrownBy(() -> libraries(1L << 40).fetch())
        .isInstanceOf(GpuSetup.Declined.class)
        .hasMessageContaining("broke off, and goes on from there at the next start")
        .hasMessageContaining("status 404");
    assertThat(folder().resolve("libtorch.so")).doesNotExist();
    files.put(PREFIX + "lib%2B%2B.so.gz", kept);
    asked.clear();
    libraries(1L << 40).fetch();
    assertThat(asked)
        .containsExactly(
            "GET /2.7.1/files.txt",
            "HEAD " + PREFIX + "lib%2B%2B.so.gz",
            "GET " + PREFIX + "lib%2B%2B.so.gz");
    assertThat(folder().resolve("libtorch.so")).hasContent("the torch");
  }

  @Test
  void aTornFileIsNeverTakenForAWholeOne() {
    sent = 200;
    files.put("/2.7.1/files.txt", "cu128/linux-x86_64/native/lib/libtorch.so.gz".getBytes(UTF_8));
    files.put(PREFIX + "libtorch.so.gz", new byte[300]);
    assertThatThrownBy(() -> libraries(1L << 40).fetch()).isInstanceOf(GpuSetup.Declined.class);
    assertThat(folder()).doesNotExist();
    assertThat(folder().resolveSibling("2.7.1-cu128-linux-x86_64.part").resolve("libtorch.so"))
        .doesNotExist();
  }

  @Test
  @Timeout(60)
  void aDownloadThatStandsStillIsTriedAgainAndGivenUp() throws Exception {
    stall = Duration.ofSeconds(1);
    stalls = 3;
    files.put("/2.7.1/files.txt", "cu128/linux-x86_64/native/lib/libtorch.so.gz".getBytes(UTF_8));
    assertThatThrownBy(() -> libraries(1L << 40).fetch())
        .isInstanceOf(GpuSetup.Declined.class)
        .hasMessageContaining("broke off, and goes on from there at the next start")
        .hasMessageContaining("nothing came for 1 seconds");
    stalls = 1;
    asked.clear();
    libraries(1L << 40).fetch();
    assertThat(asked)
        .containsExactly(
            "GET /2.7.1/files.txt",
            "HEAD " + PREFIX + "libtorch.so.gz",
            "GET " + PREFIX + "libtorch.so.gz",
            "GET " + PREFIX + "libtorch.so.gz");
    assertThat(folder().resolve("libtorch.so")).hasContent("the torch");
  }

  @Test
  void aFullDiskIsSaidBeforeAnythingIsFetched() {
    assertThatThrownBy(() -> libraries(100).fetch())
        .isInstanceOf(GpuSetup.Declined.class)
        .hasMessageContaining("there is no room on the disk")
        .hasMessageContaining("0.000 GB are free");
    assertThat(asked).noneMatch(a -> a.startsWith("GET /2.7.1/cu128"));
  }

  @Test
  void aServerThatDoesNotAnswerIsSaidInOneSentence() {
    server.stop(0);
    assertThatThrownBy(() -> libraries(1L << 40).fetch())
        .isInstanceOf(GpuSetup.Declined.class)
        .hasMessageMatching(
            "the download of PyTorch for CUDA from http://\\S+ cannot be reached .*");
  }

  @Test
  void aNameThatLeadsOutOfTheFolderIsRefused() {
    files.put(
        "/2.7.1/files.txt", "cu128/linux-x86_64/native/lib/..%2F..%2Fevil.gz".getBytes(UTF_8));
    assertThatThrownBy(() -> libraries(1L << 40).fetch())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("../../evil");
  }

  @Test
  void everyFailureOfTheEngineIsExplained() {
    Map<String, String> sentences =
        Map.of(
            "libcuda.so.1: cannot open shared object file", "the driver's library libcuda.so.1",
            "CUDA out of memory. Tried to allocate 20.00 MiB", "the card is full",
            "CUDA driver version is insufficient for CUDA runtime version", "driver is too old",
            "CUDA error: no kernel image is available for execution", "no longer knows",
            "No space left on device", "no room left on the disk",
            "something else\nentirely", "does not start: something else entirely");
    sentences.forEach(
        (message, expected) ->
            assertThat(
                    GpuSetup.explain(
                        new EngineException(
                            "Failed to load PyTorch native library",
                            new UnsatisfiedLinkError(message))))
                .contains(expected)
                .doesNotContain("\n"));
    assertThat(GpuSetup.explain(new IllegalStateException())).contains("IllegalStateException");
  }

  @Test
  void theTrialComparesWithTheCpu() {
    assertThat(GpuSetup.apart(Device.cpu())).isZero();
  }
}
