package tinker.plot;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * A finished picture and a sentence that says what is on it. It is drawn with {@value #SCALE} dots
 * per page pixel, so that it stays sharp on fine screens; a notebook shows it at page size.
 *
 * <pre>{@code
 * var curves = Plots.loss(fit.history());
 * curves                                   // as the last expression: the picture
 * curves.save(Path.of("curves.png"));
 * }</pre>
 */
public final class Picture {
  /** Dots per page pixel. */
  static final int SCALE = 2;

  private final BufferedImage image;
  private final String description;

  private final @Nullable IntFunction<Picture> redraw;

  Picture(BufferedImage image, String description) {
    this(image, description, null);
  }

  /**
   * @param redraw draws the same at another width in page pixels, with letters as large as here
   */
  Picture(BufferedImage image, String description, @Nullable IntFunction<Picture> redraw) {
    this.image = image;
    this.description = description;
    this.redraw = redraw;
  }

  /** The same picture for a narrower place, drawn anew if it can be. */
  Picture narrowed(int width) {
    return redraw == null ? this : redraw.apply(width);
  }

  /** The picture, {@value #SCALE} dots to a page pixel. */
  public BufferedImage image() {
    return image;
  }

  /** What can be seen, for those who cannot see it. */
  public String description() {
    return description;
  }

  /** Width on the page, in page pixels. */
  public int width() {
    return image.getWidth() / SCALE;
  }

  /** Height on the page, in page pixels. */
  public int height() {
    return image.getHeight() / SCALE;
  }

  /** The picture as a PNG file's bytes. */
  public byte[] png() {
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes the picture as PNG, first under a temporary name, so that a failure leaves what was
   * there before.
   *
   * @return {@code file}
   * @throws IOException if the folder does not exist or cannot be written
   */
  public Path save(Path file) throws IOException {
    // Not a temporary file of the system's making, which nobody else could read.
    Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.write(temporary, png());
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return file;
  }

  @Override
  public String toString() {
    return description + " (a picture of " + width() + " x " + height() + ")";
  }
}
