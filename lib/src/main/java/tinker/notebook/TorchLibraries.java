package tinker.notebook;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tinker.data.Transfer;

/**
 * PyTorch's libraries for CUDA from where the engine would fetch them itself, in the same form: a
 * folder in its cache named {@code VERSION-FLAVOR-PLATFORM}. The engine says nothing meanwhile, and
 * begins anew when a download of gigabytes breaks off; here it is told how large it is before it
 * begins, files that are whole are kept, and {@code libtorch.so}, by which the engine knows that a
 * folder is whole, comes into it last.
 */
final class TorchLibraries {
  private static final int ATTEMPTS = 3;

  /** How long the server may take to begin an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String LAST = "libtorch.so";

  /** Libraries unpack to about twice what they are packed; a third more is left to spare. */
  private static final double UNPACKED = 2.3;

  /** How much room there is for files in a folder. */
  interface Room {
    long usableBytes(Path folder) throws IOException;
  }

  private final URI address;
  private final Path folder;
  private final Path part;
  private final String prefix;
  private final PrintStream told;
  private final Duration stall;
  private final Room room;
  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(Duration.ofSeconds(4))
          .build();

  private TorchLibraries(URI address, Path folder, PrintStream told, Duration stall, Room room) {
    // 2.7.1-cu128-linux-x86_64
    String[] named = folder.getFileName().toString().split("-", 3);
    if (named.length < 3) {
      throw new IllegalArgumentException(
          folder + " must be named VERSION-FLAVOR-PLATFORM, such as 2.7.1-cu128-linux-x86_64");
    }
    this.address = address.resolve(named[0] + "/");
    this.folder = folder.toAbsolutePath();
    this.part = this.folder.resolveSibling(folder.getFileName() + ".part");
    this.prefix = named[1] + "/" + named[2] + "/";
    this.told = told;
    this.stall = stall;
    this.room = room;
  }

  /**
   * @param address of the folder that has a folder for each version
   * @param told gets a line now and then
   */
  static TorchLibraries of(URI address, Path folder, PrintStream told) {
    return of(
        address, folder, told, Duration.ofSeconds(30), f -> Files.getFileStore(f).getUsableSpace());
  }

  /**
   * @param stall how long nothing may come before a connection counts as broken
   */
  static TorchLibraries of(URI address, Path folder, PrintStream told, Duration stall, Room room) {
    return new TorchLibraries(address, folder, told, stall, room);
  }

  /** Brings what is missing. */
  void fetch() throws GpuSetup.Declined, InterruptedException {
    if (Files.exists(folder.resolve(LAST))) {
      return;
    }
    Map<String, Long> missing;
    try {
      missing = missing();
    } catch (IOException e) {
      throw declined("cannot be reached", e);
    }
    long bytes = missing.values().stream().mapToLong(size -> size).sum();
    try {
      Files.createDirectories(part);
      long usable = room.usableBytes(part);
      if (usable < UNPACKED * bytes) {
        throw new GpuSetup.Declined(
            String.format(
                Locale.ROOT,
                "there is no room on the disk for PyTorch for CUDA: about %s are needed in %s, and"
                    + " %s are free",
                gigabytes((long) (UNPACKED * bytes)),
                folder.getParent(),
                gigabytes(usable)));
      }
      told.printf(
          Locale.ROOT,
          "tinker: fetching %d files, %s, from %s%n",
          missing.size(),
          gigabytes(bytes),
          address);
      long done = 0;
      for (Map.Entry<String, Long> file : missing.entrySet()) {
        bring(file.getKey());
        done += file.getValue();
        told.printf(Locale.ROOT, "tinker: %s of %s%n", gigabytes(done), gigabytes(bytes));
      }
      publish();
    } catch (IOException e) {
      throw declined("broke off, and goes on from there at the next start", e);
    }
  }

  /** Moves all files to where the engine looks; its own binding may lie there already. */
  private void publish() throws IOException {
    Files.createDirectories(folder);
    List<Path> files;
    try (Stream<Path> all = Files.list(part)) {
      files = all.filter(file -> !file.endsWith(LAST)).toList();
    }
    for (Path file : files) {
      Files.move(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(part.resolve(LAST), folder.resolve(LAST), StandardCopyOption.ATOMIC_MOVE);
    Files.delete(part);
  }

  private GpuSetup.Declined declined(String what, IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new GpuSetup.Declined(
        reason.contains("No space left")
            ? "there is no room left on the disk for PyTorch for CUDA in " + folder.getParent()
            : "the download of PyTorch for CUDA from "
                + address
                + " "
                + what
                + " ("
                + reason
                + ")");
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 1e8 ? "%.3f GB" : "%.1f GB", bytes / 1e9);
  }

  /** The files that are not here yet, as the server's list names them, and their packed sizes. */
  private Map<String, Long> missing() throws IOException, InterruptedException {
    String text;
    HttpResponse<String> list =
        client.send(request("files.txt").build(), HttpResponse.BodyHandlers.ofString());
    if (list.statusCode() != 200) {
      throw new IOException("status " + list.statusCode() + " for files.txt");
    }
    text = list.body();
    List<String> lines =
        text.lines().map(String::strip).filter(line -> line.startsWith(prefix)).toList();
    if (lines.isEmpty()) {
      throw new IOException("files.txt names nothing for " + prefix);
    }
    var missing = new LinkedHashMap<String, Long>();
    for (String line : lines) {
      if (!Files.exists(part.resolve(name(line))) && !Files.exists(folder.resolve(name(line)))) {
        HttpResponse<Void> head =
            client.send(
                request(line).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.discarding());
        missing.put(line, head.headers().firstValueAsLong("Content-Length").orElse(0));
      }
    }
    return missing;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path)).timeout(PATIENCE);
  }

  /** What a packed file is called here: its name without {@code .gz}. */
  private static String name(String line) {
    String packed = line.substring(line.lastIndexOf('/') + 1);
    String decoded = URLDecoder.decode(packed, StandardCharsets.UTF_8);
    String name = decoded.replaceFirst("\\.gz$", "");
    if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.startsWith(".")) {
      throw new IllegalArgumentException("the server's list has a file called " + decoded);
    }
    return name;
  }

  /** One file, unpacked; what was packed carries a checksum, so that a torn one is noticed. */
  private void bring(String line) throws IOException, InterruptedException {
    Path file = part.resolve(name(line));
    Path torn = part.resolve(name(line) + ".torn");
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<InputStream> response =
            Transfer.begin(client, HttpRequest.newBuilder(address.resolve(line)).build(), PATIENCE);
        try (InputStream body = response.body()) {
          if (response.statusCode() != 200) {
            throw new IOException("status " + response.statusCode() + " for " + line);
          }
          // What an earlier attempt left would look like growth.
          Files.deleteIfExists(torn);
          Transfer.run(name(line), body, torn, stall, () -> unpack(body, torn));
        }
        Files.move(torn, file, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (EOFException | ZipException e) {
        if (attempt == ATTEMPTS) {
          throw new IOException(name(line) + " arrived damaged " + attempt + " times", e);
        }
      } catch (IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (attempt == ATTEMPTS || reason.contains("No space left")) {
          throw e;
        }
      }
      Thread.sleep(500L * attempt);
    }
  }

  private static void unpack(InputStream body, Path torn) throws IOException {
    try (var unpacked = new GZIPInputStream(body, 1 << 16)) {
      Files.copy(unpacked, torn);
    }
  }
}
