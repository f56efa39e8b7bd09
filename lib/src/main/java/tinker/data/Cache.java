package tinker.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A folder of downloaded files. A file has its final name only when it is whole and its checksum is
 * right; until then it is {@code NAME.*.part}, from which a broken download goes on. One thread of
 * one process at a time fills in a file.
 */
final class Cache {
  private static final int ATTEMPTS = 5;
  private static final long SPARE_BYTES = 1 << 20;
  private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  /** How much room there is for files in a folder. */
  interface Room {
    long usableBytes(Path folder) throws IOException;

    /** Writes all of {@code bytes}. */
    default void write(FileChannel file, ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    }
  }

  private final Path folder;
  private final @Nullable Path mirror;
  private final Duration patience;
  private final Duration stall;
  private final Room room;

  /**
   * @param mirror looked in first; null for none
   * @param patience how long to wait before the second attempt; doubled with each one
   * @param stall how long nothing may come before a connection counts as broken
   */
  Cache(Path folder, @Nullable Path mirror, Duration patience, Duration stall, Room room) {
    this.folder = folder.toAbsolutePath().normalize();
    this.mirror = mirror;
    this.patience = patience;
    this.stall = stall;
    this.room = room;
  }

  static Cache ofEnvironment() {
    String mirror = System.getenv("TINKER_MIRROR");
    return new Cache(
        folder(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home")),
        mirror == null || mirror.isBlank() ? null : Path.of(mirror),
        Duration.ofMillis(500),
        Duration.ofSeconds(30),
        f -> Files.getFileStore(f).getUsableSpace());
  }

  /** {@code TINKER_CACHE}, or else where the operating system wants such files. */
  static Path folder(Map<String, String> environment, String system, String home) {
    String asked = environment.getOrDefault("TINKER_CACHE", "");
    if (!asked.isBlank()) {
      return Path.of(asked);
    }
    String os = system.toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return local.isBlank()
          ? Path.of(home, "AppData", "Local", "tinker")
          : Path.of(local, "tinker");
    }
    if (os.startsWith("mac")) {
      return Path.of(home, "Library", "Caches", "tinker");
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return cache.isBlank() ? Path.of(home, ".cache", "tinker") : Path.of(cache, "tinker");
  }

  Path get(Download download) throws IOException {
    if (mirror != null) {
      Path mirrored = mirror.resolve(download.mirrorPath());
      if (Files.isRegularFile(mirrored)) {
        verify(mirrored, download, "replace it, or unset TINKER_MIRROR");
        return mirrored;
      }
    }
    Path file = folder.resolve(download.name());
    if (Files.isRegularFile(file)) {
      verify(file, download, "delete it, and it will be downloaded again");
      return file;
    }
    if (download.address() == null) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s is not on this machine, and no stable public address gives this very file (%s);"
                  + " put it (%,d bytes, SHA-256 %s) at %s, or into a folder that TINKER_MIRROR"
                  + " names, as %s",
              download.name(),
              download.origin(),
              download.bytes(),
              download.sha256(),
              file,
              download.mirrorPath()));
    }
    ReentrantLock lock = LOCKS.computeIfAbsent(file, f -> new ReentrantLock());
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted(download);
    }
    try {
      return fill(download, file);
    } finally {
      lock.unlock();
    }
  }

  private Path fill(Download download, Path file) throws IOException {
    prepareFolder(download);
    Path lockFile = folder.resolve("." + download.name() + ".lock");
    try (FileChannel channel = openLock(lockFile, download);
        var held = channel.lock()) {
      if (!held.isValid()) {
        throw new IOException(lockFile + " cannot be locked");
      }
      // Someone else may have been faster.
      if (!Files.isRegularFile(file)) {
        Path part = claimPart(download);
        fetch(download, part, file);
        publish(part, file);
      }
    }
    verify(file, download, "delete it, and it will be downloaded again");
    return file;
  }

  private void prepareFolder(Download download) throws IOException {
    if (Files.isRegularFile(folder)) {
      throw new IOException(
          "the cache "
              + folder
              + " is a file; set TINKER_CACHE to a folder, or move the file away");
    }
    try {
      // Older JDKs refuse a link to a folder.
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw notWritable(download, e);
    }
  }

  private FileChannel openLock(Path lockFile, Download download) throws IOException {
    try {
      return FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw notWritable(download, e);
    }
  }

  private IOException notWritable(Download download, IOException e) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "the cache %s cannot be written to (%s); set TINKER_CACHE to a folder of yours%s",
            folder,
            reason(e),
            orPlace(download)),
        e);
  }

  private String orPlace(Download download) {
    return String.format(
        Locale.ROOT,
        ", or put the file %s (%,d bytes, SHA-256 %s) there by hand, or into a folder that"
            + " TINKER_MIRROR names, as %s",
        download.name(),
        download.bytes(),
        download.sha256(),
        download.mirrorPath());
  }

  private static String reason(Exception e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null || reason.isBlank() ? e.getClass().getSimpleName() : reason;
  }

  /** A temporary file of our own; it continues the longest one that a broken download left. */
  private Path claimPart(Download download) throws IOException {
    List<Path> left = new ArrayList<>();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.part")) {
      for (Path part : parts) {
        if (part.getFileName().toString().startsWith(download.name() + ".")) {
          left.add(part);
        }
      }
    }
    Path longest = null;
    for (Path part : left) {
      if (Files.size(part) <= download.bytes()
          && (longest == null || Files.size(part) > Files.size(longest))) {
        longest = part;
      }
    }
    Path own = folder.resolve(download.name() + "." + UUID.randomUUID() + ".part");
    if (longest != null) {
      Files.move(longest, own, StandardCopyOption.ATOMIC_MOVE);
    }
    for (Path part : left) {
      Files.deleteIfExists(part);
    }
    return own;
  }

  /** Returns when {@code part} is whole and its checksum right. */
  private void fetch(Download download, Path part, Path file) throws IOException {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(15))
            .build();
    long wait = patience.toMillis();
    IOException last = null;
    boolean reached = false;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) {
        pause(wait, download);
        wait *= 2;
      }
      try {
        if (size(part) < download.bytes()) {
          once(client, download, part);
          reached = true;
        }
        String found = sha256(part);
        if (found.equals(download.sha256())) {
          return;
        }
        Files.delete(part);
        if (attempt == 0 && !reached) {
          // A leftover of an earlier time was as long as the whole, but not the same.
          continue;
        }
        throw new WrongContent(
            String.format(
                Locale.ROOT,
                "%s has SHA-256 %s, but %s should have %s: the file there has changed, or was"
                    + " damaged on its way; nothing was kept",
                download.address(),
                found,
                download.name(),
                download.sha256()));
      } catch (WrongContent e) {
        throw e;
      } catch (ConnectException | HttpConnectTimeoutException e) {
        last = e;
        if (!reached) {
          break;
        }
      } catch (Unwritten e) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "cannot write %s: %s; it needs %,d more bytes, and %,d are free in the cache %s;"
                    + " make room, or set TINKER_CACHE to a folder on another disk; what was"
                    + " downloaded so far is kept",
                part,
                reason(e),
                download.bytes() - size(part),
                room.usableBytes(folder),
                folder),
            e);
      } catch (FileSystemException e) {
        throw new IOException(
            "cannot write " + part + ": " + reason(e) + "; what was downloaded so far is kept", e);
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw interrupted(download);
        }
        reached = true;
        last = e;
      }
    }
    long have = size(part);
    throw new IOException(
        String.format(
            Locale.ROOT,
            "%s is not on this machine, and %s %s (%s); put the file (%,d bytes, SHA-256 %s) at %s,"
                + " or into a folder that TINKER_MIRROR names, as %s",
            download.name(),
            download.address(),
            have > 0
                ? String.format(Locale.ROOT, "broke off after %,d bytes, which are kept", have)
                : "cannot be reached",
            last == null ? "no answer" : reason(last),
            download.bytes(),
            download.sha256(),
            file,
            download.mirrorPath()),
        last);
  }

  /** The server sends something else than was promised; trying again would not help. */
  private static final class WrongContent extends IOException {
    private static final long serialVersionUID = 1;

    WrongContent(String message) {
      super(message);
    }
  }

  /** What came could not be written: no fault of the connection, so trying again is of no use. */
  private static final class Unwritten extends IOException {
    private static final long serialVersionUID = 1;

    Unwritten(IOException cause) {
      super(reason(cause), cause);
    }
  }

  private void once(HttpClient client, Download download, Path part) throws IOException {
    long have = size(part);
    checkRoom(download, have);
    var request = HttpRequest.newBuilder(Objects.requireNonNull(download.address()));
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response;
    try {
      response = Transfer.begin(client, request.build(), Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      throw interrupted(download);
    }
    try (InputStream body = response.body()) {
      switch (response.statusCode()) {
        case 200 -> {
          // The server ignores ranges: what we have is of no use.
          have = 0;
          checkLength(response, download, download.bytes());
        }
        case 206 -> {
          String range = response.headers().firstValue("Content-Range").orElse("");
          if (!range.startsWith("bytes " + have + "-")) {
            Files.deleteIfExists(part);
            throw new IOException("the server sent another part than the one asked for");
          }
          if (!range.endsWith("/" + download.bytes()) && !range.endsWith("/*")) {
            throw new WrongContent(
                String.format(
                    Locale.ROOT,
                    "%s offers \"%s\", but %s should have %,d bytes: the file there has changed",
                    download.address(),
                    range,
                    download.name(),
                    download.bytes()));
          }
          checkLength(response, download, download.bytes() - have);
        }
        case 416 -> {
          Files.deleteIfExists(part);
          throw new IOException("the server refused to go on where it broke off");
        }
        case 429, 500, 502, 503, 504 ->
            throw new IOException("the server answers with status " + response.statusCode());
        default ->
            throw new WrongContent(
                String.format(
                    Locale.ROOT,
                    "%s answers with status %d instead of the file%s",
                    download.address(),
                    response.statusCode(),
                    orPlace(download)));
      }
      receive(body, part, have, download);
    }
  }

  private void receive(InputStream body, Path part, long have, Download download)
      throws IOException {
    try {
      Transfer.run(download.name(), body, part, stall, () -> write(body, part, have, download));
    } catch (InterruptedException e) {
      throw interrupted(download);
    }
  }

  private void checkRoom(Download download, long have) throws IOException {
    long needed = download.bytes() - have + SPARE_BYTES;
    long free = room.usableBytes(folder);
    if (free < needed) {
      throw new WrongContent(
          String.format(
              Locale.ROOT,
              "%s needs %,d more bytes in the cache %s, where %,d are free; make room, or set"
                  + " TINKER_CACHE to a folder on another disk",
              download.name(),
              download.bytes() - have,
              folder,
              free));
    }
  }

  private static void checkLength(
      HttpResponse<InputStream> response, Download download, long expected) throws IOException {
    long announced = response.headers().firstValueAsLong("Content-Length").orElse(expected);
    if (announced != expected) {
      throw new WrongContent(
          String.format(
              Locale.ROOT,
              "%s announces %,d bytes, but %,d of %s should come: the file there has changed",
              download.address(),
              announced,
              expected,
              download.name()));
    }
  }

  /** Appends to the first {@code have} bytes of {@code part}. */
  private void write(InputStream body, Path part, long have, Download download) throws IOException {
    try (FileChannel out =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.truncate(have);
      out.position(have);
      byte[] buffer = new byte[1 << 16];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        if (out.position() + n > download.bytes()) {
          out.truncate(0);
          throw new WrongContent(
              String.format(
                  Locale.ROOT,
                  "%s sends more than the %,d bytes that %s should have: the file there has"
                      + " changed; nothing was kept",
                  download.address(),
                  download.bytes(),
                  download.name()));
        }
        try {
          room.write(out, ByteBuffer.wrap(buffer, 0, n));
        } catch (IOException e) {
          throw new Unwritten(e);
        }
      }
      out.force(true);
      if (out.position() < download.bytes()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "the answer ended after %,d of %,d bytes",
                out.position(),
                download.bytes()));
      }
    }
  }

  private static void publish(Path part, Path file) throws IOException {
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void verify(Path file, Download download, String advice) throws IOException {
    long size = Files.size(file);
    if (size != download.bytes()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, but should have %,d; %s",
              file,
              size,
              download.bytes(),
              advice));
    }
    String found = sha256(file);
    if (!found.equals(download.sha256())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has SHA-256 %s, but should have %s; %s",
              file,
              found,
              download.sha256(),
              advice));
    }
  }

  private static void pause(long millis, Download download) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw interrupted(download);
    }
  }

  private static IOException interrupted(Download download) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException(
        "the download of " + download.name() + " was interrupted; what has come is kept");
  }

  /** Bytes of a file, 0 if there is none. */
  static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
