package tinker.data;

import java.io.IOException;
import java.net.URI;
import tinker.text.Corpus;
import tinker.text.Utf8;

/**
 * Tiny Shakespeare: 1,115,394 characters of plays in one text, put together by Andrej Karpathy for
 * char-rnn (2015). The text is in the public domain.
 *
 * <pre>{@code
 * var split = TinyShakespeare.load().split(0.9, 0, 0.1, 1);   // first 90 %, last 10 %
 * }</pre>
 */
public final class TinyShakespeare {
  /** The file, its origin and its checksum. */
  public static final Download DOWNLOAD =
      new Download(
          "tinyshakespeare.txt",
          URI.create(
              "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"),
          1_115_394,
          "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
          "public domain",
          "tinyshakespeare/input.txt");

  private TinyShakespeare() {}

  /**
   * The text, downloaded at first use.
   *
   * @throws IOException if it is not to be had; the message says what to do
   */
  public static Corpus load() throws IOException {
    return Corpus.ofText("tiny-shakespeare", Utf8.read(DOWNLOAD.file()));
  }
}
