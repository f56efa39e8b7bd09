package tinker.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tinker.bench.Child;

class CacheTest {
  private static final byte[] CONTENT = new byte[300_000];

  private static final Duration STALL = Duration.ofSeconds(30);

  static {
    new Random(1).nextBytes(CONTENT);
  }

  @TempDir Path temporary;
  private Path folder;
  private HttpServer server;
  // What each request asked for: "all", or its range.
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile Handler handler = CacheTest::answerWithRanges;

  private interface Handler {
    void answer(HttpExchange exchange, String range) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    folder = temporary.resolve("cache folder");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/file",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(range == null ? "all" : range);
          try (exchange) {
            handler.answer(exchange, range == null ? "" : range);
          }
        });
    server.start();
  }

  @Test
  void theHeadIsWaitedForAndTheBodyMayTakeLonger() throws Exception {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, 3);
          for (int i = 0; i < 3; i++) {
            exchange.getResponseBody().write('a');
            exchange.getResponseBody().flush();
            LockSupport.parkNanos(700_000_000);
          }
        };
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(address()).build();
    try (InputStream body = Transfer.begin(client, request, Duration.ofSeconds(1)).body()) {
      assertThat(body.readAllBytes()).hasSize(3);
    }
    handler = (exchange, range) -> LockSupport.parkNanos(3_000_000_000L);
    assertThatThrownBy(() -> Transfer.begin(client, request, Duration.ofMillis(200)))
        .isInstanceOf(HttpTimeoutException.class);
  }

  @AfterEach
  void stop() {
    server.stop(0);
    ((ExecutorService) server.getExecutor()).shutdownNow();
  }

  private static void answerWithRanges(HttpExchange exchange, String range) throws IOException {
    int from = from(range);
    if (from >= CONTENT.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    send(exchange, from, CONTENT.length);
  }

  private static int from(String range) {
    return range.isEmpty() ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
  }

  /** Announces the rest of the content, and sends it up to {@code to}. */
  private static void send(HttpExchange exchange, int from, int to) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range", "bytes " + from + "-" + (CONTENT.length - 1) + "/" + CONTENT.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, CONTENT.length - from);
    OutputStream out = exchange.getResponseBody();
    out.write(CONTENT, from, to - from);
    out.flush();
  }

  private URI address() {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/file");
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private Download download() {
    return new Download(
        "thing.bin", address(), CONTENT.length, sha256(CONTENT), "CC0", "things/thing.bin");
  }

  private Cache cache() {
    return new Cache(folder, null, Duration.ofMillis(1), STALL, f -> Long.MAX_VALUE);
  }

  private List<String> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).filter(n -> !n.endsWith(".lock")).toList();
    }
  }

  private void isWhole(Path file) throws IOException {
    assertThat(Files.readAllBytes(file)).isEqualTo(CONTENT);
    assertThat(files()).containsExactly("thing.bin");
  }

  @Test
  void aFileIsDownloadedOnceAndThenComesFromTheCache() throws IOException {
    isWhole(cache().get(download()));
    isWhole(cache().get(download()));
    assertThat(requests).containsExactly("all");
  }

  @Test
  void aConnectionThatDropsTwiceGoesOnWhereItWas() throws IOException {
    handler =
        (exchange, range) -> {
          int from = from(range);
          send(exchange, from, requests.size() <= 2 ? from + 100_000 : CONTENT.length);
        };
    isWhole(cache().get(download()));
    assertThat(requests).hasSize(3);
    assertThat(requests.get(0)).isEqualTo("all");
    assertThat(from(requests.get(1))).isPositive();
    assertThat(from(requests.get(2))).isGreaterThan(from(requests.get(1)));
  }

  @Test
  void aServerThatIgnoresRangesStartsFromZero() throws IOException {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange
              .getResponseBody()
              .write(CONTENT, 0, requests.size() == 1 ? 100_000 : CONTENT.length);
          exchange.getResponseBody().flush();
        };
    isWhole(cache().get(download()));
    assertThat(requests).hasSize(2);
    assertThat(requests.get(1)).startsWith("bytes=");
  }

  @Test
  void aServerThatSendsAnotherRangeThanAskedForIsNotSpliced() throws IOException {
    leave("thing.bin.old.part", Arrays.copyOf(CONTENT, 1000));
    handler =
        (exchange, range) -> {
          if (range.isEmpty()) {
            send(exchange, 0, CONTENT.length);
          } else {
            send(exchange, 500, CONTENT.length);
          }
        };
    isWhole(cache().get(download()));
    assertThat(requests).containsExactly("bytes=1000-", "all");
  }

  @Test
  void anAnnouncedLengthThatDiffersIsAnError() throws IOException {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, 7);
          exchange.getResponseBody().write(new byte[7]);
        };
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("announces 7 bytes")
        .hasMessageContaining("300,000");
    assertThat(files()).doesNotContain("thing.bin");
    assertThat(requests).hasSize(1);
  }

  @Test
  void aRangeOfAnotherFileIsAnError() throws IOException {
    leave("thing.bin.old.part", Arrays.copyOf(CONTENT, 1000));
    handler =
        (exchange, range) -> {
          exchange.getResponseHeaders().add("Content-Range", "bytes 1000-1999/2000");
          exchange.sendResponseHeaders(206, 1000);
          exchange.getResponseBody().write(new byte[1000]);
        };
    assertThatThrownBy(() -> cache().get(download())).hasMessageContaining("1000-1999/2000");
    assertThat(files()).doesNotContain("thing.bin");
  }

  @Test
  void noLengthGivenIsFine() throws IOException {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(CONTENT);
          exchange.getResponseBody().close();
        };
    isWhole(cache().get(download()));
  }

  @Test
  void noLengthGivenAndTooLongIsAnErrorAndNothingIsKept() throws IOException {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(CONTENT);
          exchange.getResponseBody().write(CONTENT);
          exchange.getResponseBody().close();
        };
    assertThatThrownBy(() -> cache().get(download())).hasMessageContaining("more than the 300,000");
    assertThat(files()).doesNotContain("thing.bin");
    // The next one, from a better server, works.
    handler = CacheTest::answerWithRanges;
    isWhole(cache().get(download()));
  }

  @Test
  void noLengthGivenAndTooShortIsAnErrorAtTheEnd() throws IOException {
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(CONTENT, 0, 1000);
          exchange.getResponseBody().close();
        };
    assertThatThrownBy(() -> cache().get(download()))
        .hasMessageContaining("ended after 1,000 of 300,000 bytes");
    assertThat(files()).doesNotContain("thing.bin");
  }

  @Test
  void anotherChecksumIsAnErrorAndNothingIsKept() throws IOException {
    byte[] other = CONTENT.clone();
    other[123_456] ^= 1;
    handler =
        (exchange, range) -> {
          exchange.sendResponseHeaders(200, other.length);
          exchange.getResponseBody().write(other);
        };
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(sha256(other))
        .hasMessageContaining(sha256(CONTENT))
        .hasMessageContaining("nothing was kept");
    assertThat(files()).isEmpty();
    assertThat(requests).hasSize(1);
  }

  @Test
  void aDamagedFileInTheCacheIsAnErrorAndStays() throws IOException {
    byte[] other = CONTENT.clone();
    other[0] ^= 1;
    leave("thing.bin", other);
    assertThatThrownBy(() -> cache().get(download()))
        .hasMessageContaining("thing.bin has SHA-256 " + sha256(other))
        .hasMessageContaining("delete it");
    leave("thing.bin", new byte[5]);
    assertThatThrownBy(() -> cache().get(download())).hasMessageContaining("has 5 bytes");
    assertThat(requests).isEmpty();
  }

  private void leave(String name, byte[] content) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve(name), content);
  }

  @Test
  void aLeftoverPartIsContinued() throws IOException {
    leave("thing.bin.old.part", Arrays.copyOf(CONTENT, 200_000));
    leave("thing.bin.older.part", Arrays.copyOf(CONTENT, 10));
    isWhole(cache().get(download()));
    assertThat(requests).containsExactly("bytes=200000-");
  }

  @Test
  void aLeftoverThatIsWholeNeedsNoServer() throws IOException {
    server.stop(0);
    leave("thing.bin.old.part", CONTENT);
    isWhole(cache().get(download()));
  }

  @Test
  void aLeftoverAsLongAsTheWholeButWrongIsDownloadedAnew() throws IOException {
    leave("thing.bin.old.part", new byte[CONTENT.length]);
    isWhole(cache().get(download()));
    assertThat(requests).containsExactly("all");
  }

  @Test
  void aLeftoverThatIsTooLongIsDropped() throws IOException {
    leave("thing.bin.old.part", new byte[CONTENT.length + 1]);
    isWhole(cache().get(download()));
    assertThat(requests).containsExactly("all");
  }

  @Test
  void aLeftoverOfWrongContentIsFoundByTheChecksumAndTheNextCallIsGood() throws IOException {
    leave("thing.bin.old.part", new byte[1000]);
    assertThatThrownBy(() -> cache().get(download())).hasMessageContaining("nothing was kept");
    assertThat(files()).isEmpty();
    isWhole(cache().get(download()));
  }

  @Test
  void anotherFilesLeftoverIsLeftAlone() throws IOException {
    leave("other.bin.x.part", new byte[10]);
    cache().get(download());
    assertThat(files()).containsExactlyInAnyOrder("thing.bin", "other.bin.x.part");
  }

  @Test
  void aBusyServerIsAskedAgain() throws IOException {
    handler =
        (exchange, range) -> {
          if (requests.size() < 3) {
            exchange.sendResponseHeaders(503, -1);
          } else {
            answerWithRanges(exchange, range);
          }
        };
    isWhole(cache().get(download()));
  }

  @Test
  void aFileThatIsNotThereIsAnErrorAtOnce() {
    handler = (exchange, range) -> exchange.sendResponseHeaders(404, -1);
    assertThatThrownBy(() -> cache().get(download()))
        .hasMessageContaining("status 404")
        .hasMessageContaining(address().toString());
    assertThat(requests).hasSize(1);
  }

  @Test
  void withoutNetworkTheMessageSaysWhichFileToPutWhere() throws IOException {
    server.stop(0);
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("thing.bin is not on this machine")
        .hasMessageContaining("cannot be reached")
        .hasMessageContaining(folder.resolve("thing.bin").toString())
        .hasMessageContaining("300,000 bytes")
        .hasMessageContaining(sha256(CONTENT))
        .hasMessageContaining("TINKER_MIRROR")
        .hasMessageContaining("things/thing.bin")
        .message()
        .doesNotContain("\n");
    leave("thing.bin", CONTENT);
    isWhole(cache().get(download()));
  }

  @Test
  void aServerThatIsNotThereByNameIsTheSame() {
    var download =
        new Download(
            "x.bin",
            URI.create("http://no-such-host.invalid/x"),
            10,
            sha256(CONTENT),
            "CC0",
            "x.bin");
    assertThatThrownBy(() -> cache().get(download)).hasMessageContaining("cannot be reached");
  }

  @Test
  void aServerThatNeverGetsFartherGivesUpAndKeepsWhatCame() throws IOException {
    handler = (exchange, range) -> send(exchange, from(range), from(range) + 1000);
    assertThatThrownBy(() -> cache().get(download()))
        .hasMessageContaining("broke off after")
        .hasMessageContaining("kept");
    assertThat(files()).hasSize(1).allMatch(n -> n.endsWith(".part"));
    handler = CacheTest::answerWithRanges;
    isWhole(cache().get(download()));
    assertThat(requests.get(requests.size() - 1)).startsWith("bytes=");
  }

  @Test
  void theMirrorComesFirst() throws IOException {
    Path mirror = temporary.resolve("mirror");
    Files.createDirectories(mirror.resolve("things"));
    Files.write(mirror.resolve("things/thing.bin"), CONTENT);
    var cache = new Cache(folder, mirror, Duration.ofMillis(1), STALL, f -> Long.MAX_VALUE);
    assertThat(cache.get(download())).isEqualTo(mirror.resolve("things/thing.bin"));
    assertThat(requests).isEmpty();
    assertThat(folder).doesNotExist();

    Files.write(mirror.resolve("things/thing.bin"), new byte[] {1});
    assertThatThrownBy(() -> cache.get(download())).hasMessageContaining("unset TINKER_MIRROR");
    Files.delete(mirror.resolve("things/thing.bin"));
    isWhole(cache.get(download()));
  }

  @Test
  void aCacheThatIsAFileIsSaid() throws IOException {
    Files.writeString(folder, "a file");
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder + " is a file")
        .hasMessageContaining("TINKER_CACHE");
    folder = folder.resolve("below");
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be written to");
  }

  @Test
  void aReadOnlyCacheIsSaidUnlessTheFileIsThere() throws IOException {
    // A place where nobody may create a folder, whoever runs the test.
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "needs /proc");
    folder = Path.of("/proc/self/tinker");
    assertThatThrownBy(() -> cache().get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/proc/self/tinker cannot be written to")
        .hasMessageContaining("TINKER_CACHE");

    folder = temporary.resolve("read only");
    leave("thing.bin", CONTENT);
    assumeTrue(folder.toFile().setWritable(false));
    try {
      isWhole(cache().get(download()));
      assumeTrue(!Files.isWritable(folder), "the administrator may write anywhere");
      var other =
          new Download("other.bin", address(), CONTENT.length, sha256(CONTENT), "CC0", "x/y");
      assertThatThrownBy(() -> cache().get(other)).hasMessageContaining("cannot be written to");
    } finally {
      assertThat(folder.toFile().setWritable(true)).isTrue();
    }
  }

  @Test
  void aDiskNearlyFullIsSaidBeforeAnythingIsWritten() throws IOException {
    var cache = new Cache(folder, null, Duration.ofMillis(1), STALL, f -> 250_000);
    assertThatThrownBy(() -> cache.get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("needs 300,000 more bytes")
        .hasMessageContaining("250,000 are free");
    assertThat(requests).isEmpty();
    assertThat(files()).isEmpty();
  }

  @Test
  void aDiskThatFillsUpWhileWritingIsSaidAndNotTakenForABrokenConnection() throws IOException {
    var room =
        new Cache.Room() {
          private long free = Long.MAX_VALUE;

          @Override
          public long usableBytes(Path folder) {
            return free;
          }

          @Override
          public void write(FileChannel file, ByteBuffer bytes) throws IOException {
            if (file.position() > 100_000) {
              free = 12;
              // What Linux says of a full disk.
              throw new IOException("No space left on device");
            }
            Cache.Room.super.write(file, bytes);
          }
        };
    var cache = new Cache(folder, null, Duration.ofMillis(1), STALL, room);
    assertThatThrownBy(() -> cache.get(download()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left on device; it needs ")
        .hasMessageContaining("more bytes, and 12 are free in the cache")
        .hasMessageContaining("what was downloaded so far is kept")
        .hasMessageNotContaining("broke off");
    assertThat(requests).containsExactly("all");
    // With room again it goes on from there.
    isWhole(cache().get(download()));
    assertThat(requests).hasSize(2).last().asString().startsWith("bytes=");
  }

  @Test
  void manyThreadsFillOneCacheOnce() throws Exception {
    var pool = Executors.newFixedThreadPool(8);
    try {
      Callable<Path> job = () -> cache().get(download());
      for (Future<Path> result : pool.invokeAll(Collections.nCopies(8, job))) {
        isWhole(result.get());
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(requests).containsExactly("all");
  }

  /** What the processes of the next test run. */
  static final class Filler {
    private Filler() {}

    public static void main(String[] arguments) throws IOException {
      var download =
          new Download(
              "thing.bin",
              URI.create(arguments[1]),
              CONTENT.length,
              sha256(CONTENT),
              "CC0",
              "things/thing.bin");
      Path file =
          new Cache(Path.of(arguments[0]), null, Duration.ofMillis(1), STALL, f -> Long.MAX_VALUE)
              .get(download);
      if (!Arrays.equals(Files.readAllBytes(file), CONTENT)) {
        throw new IllegalStateException("not the content");
      }
    }
  }

  @Test
  void twoProcessesFillOneCacheOnce() throws Exception {
    var bothRun = new CountDownLatch(1);
    handler =
        (exchange, range) -> {
          // Slow enough that the second process comes while the first is at it.
          await(bothRun);
          answerWithRanges(exchange, range);
        };
    var processes = new ArrayList<Process>();
    for (int i = 0; i < 2; i++) {
      processes.add(
          new ProcessBuilder(
                  Child.command(List.of(), Filler.class, folder.toString(), address().toString()))
              .redirectErrorStream(true)
              .start());
    }
    while (requests.isEmpty() && processes.get(0).isAlive() && processes.get(1).isAlive()) {
      Thread.sleep(10);
    }
    Thread.sleep(500);
    bothRun.countDown();
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
    }
    isWhole(folder.resolve("thing.bin"));
    assertThat(requests).containsExactly("all");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anInterruptEndsTheWaitAndKeepsWhatCame() throws Exception {
    var forever = new CountDownLatch(1);
    var begun = new CountDownLatch(1);
    handler =
        (exchange, range) -> {
          send(exchange, from(range), from(range) + 100_000);
          begun.countDown();
          await(forever);
        };
    var pool = Executors.newSingleThreadExecutor();
    try {
      var failure = new AtomicReference<Throwable>();
      Future<?> job =
          pool.submit(
              () -> {
                try {
                  cache().get(download());
                } catch (IOException e) {
                  failure.set(e);
                }
              });
      begun.await();
      while (files().isEmpty()) {
        Thread.sleep(5);
      }
      job.cancel(true);
      pool.shutdown();
      assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
      assertThat(failure.get()).isInstanceOf(InterruptedIOException.class);
    } finally {
      forever.countDown();
      pool.shutdownNow();
    }
    assertThat(files()).hasSize(1).allMatch(n -> n.endsWith(".part"));
  }

  @Test
  void aConnectionThatFallsSilentIsGivenUpAndTriedAgain() throws IOException {
    var forever = new CountDownLatch(1);
    handler =
        (exchange, range) -> {
          if (requests.size() == 1) {
            send(exchange, 0, 100_000);
            await(forever);
          } else {
            answerWithRanges(exchange, range);
          }
        };
    var cache =
        new Cache(folder, null, Duration.ofMillis(1), Duration.ofMillis(500), f -> Long.MAX_VALUE);
    isWhole(cache.get(download()));
    forever.countDown();
    assertThat(requests).hasSize(2);
    assertThat(requests.get(1)).startsWith("bytes=");
  }

  @Test
  void theFolderFollowsTheOperatingSystem() {
    assertThat(Cache.folder(Map.of("TINKER_CACHE", "/x"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/x"));
    assertThat(Cache.folder(Map.of(), "Linux", "/home/a"))
        .isEqualTo(Path.of("/home/a/.cache/tinker"));
    assertThat(Cache.folder(Map.of("XDG_CACHE_HOME", "/c"), "Linux", "/home/a"))
        .isEqualTo(Path.of("/c/tinker"));
    assertThat(Cache.folder(Map.of(), "Mac OS X", "/Users/a"))
        .isEqualTo(Path.of("/Users/a/Library/Caches/tinker"));
    assertThat(Cache.folder(Map.of("LOCALAPPDATA", "/l"), "Windows 11", "/u"))
        .isEqualTo(Path.of("/l/tinker"));
  }

  @Test
  void aDownloadIsDescribedCompletely() {
    assertThatThrownBy(() -> new Download("../x", address(), 1, sha256(CONTENT), "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("../x");
    assertThatThrownBy(() -> new Download("x", address(), 0, sha256(CONTENT), "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes is 0");
    assertThatThrownBy(() -> new Download("x", address(), 1, "abc", "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("abc");
  }
}
