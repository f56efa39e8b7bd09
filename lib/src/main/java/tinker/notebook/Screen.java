package tinker.notebook;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Where outputs appear: a notebook page, or a terminal. */
interface Screen {
  /** Shows {@code output} below what is there. */
  void show(Rich output);

  /** Shows {@code output} in a place of its own, whose content can be exchanged. */
  Place place(Rich output);

  /** A place on the screen. */
  interface Place {
    void update(Rich output);
  }

  /** The screen in use. */
  static Screen current() {
    return Objects.requireNonNull(Holder.CURRENT.get());
  }

  static void use(Screen screen) {
    Holder.CURRENT.set(screen);
  }

  /** True if {@link #current} is a notebook page. */
  static boolean isPage() {
    return !(current() instanceof Terminal);
  }

  /** Text only; a place prints each content anew. */
  final class Terminal implements Screen {
    @Override
    public void show(Rich output) {
      System.out.println(output.text());
    }

    @Override
    public Place place(Rich output) {
      show(output);
      return this::show;
    }
  }

  /** Keeps the one changeable thing out of sight. */
  final class Holder {
    private static final AtomicReference<Screen> CURRENT = new AtomicReference<>(new Terminal());

    private Holder() {}
  }
}
