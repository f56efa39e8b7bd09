package tinker.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A server's answer on its way into a file, given up where nothing comes any more. */
public final class Transfer {
  private Transfer() {}

  /** Writes what a server sends into a file. */
  @FunctionalInterface
  public interface Writer {
    void write() throws IOException;
  }

  /**
   * Sends a request and waits for the head of its answer. A timeout of the request itself would,
   * from Java 26 on, end the body as well, however steadily it comes.
   *
   * @param patience how long the server may take to begin its answer
   * @throws IOException if it takes longer, or cannot be reached
   * @throws InterruptedException if this thread is interrupted; the request is given up
   */
  public static HttpResponse<InputStream> begin(
      HttpClient client, HttpRequest request, Duration patience)
      throws IOException, InterruptedException {
    var answer = client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("no answer for " + patience.toSeconds() + " seconds");
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      // Nothing, if it is here.
      answer.cancel(true);
    }
  }

  /**
   * Writes the answer on a thread of its own: reading it cannot be interrupted on every Java, and
   * may wait for ever. Closes {@code body} in the end.
   *
   * @param name of what is fetched
   * @param body what {@code writer} reads
   * @param file what it writes
   * @param stall how long the file may stay as long as it is before the connection counts as broken
   * @throws IOException what {@code writer} threw, or if nothing came for that long
   * @throws InterruptedException if this thread is interrupted; what has come stays in the file
   */
  public static void run(String name, InputStream body, Path file, Duration stall, Writer writer)
      throws IOException, InterruptedException {
    var task =
        new FutureTask<@Nullable Void>(
            () -> {
              writer.write();
              return null;
            });
    var thread = new Thread(task, "download of " + name);
    thread.setDaemon(true);
    thread.start();
    try {
      long before = -1;
      for (long size = Cache.size(file); size != before; size = Cache.size(file)) {
        before = size;
        try {
          task.get(stall.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          // Still coming?
        }
      }
      throw new IOException("nothing came for " + stall.toSeconds() + " seconds");
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      body.close();
      waitFor(thread);
    }
  }

  private static IOException cause(ExecutionException e) {
    return e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
  }

  private static void waitFor(Thread thread) {
    boolean interrupted = Thread.interrupted();
    try {
      thread.join(5000);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
