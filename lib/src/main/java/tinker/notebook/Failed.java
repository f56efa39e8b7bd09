package tinker.notebook;

/** A check that failed. It carries no stack trace: the cell that failed is marked already. */
final class Failed extends RuntimeException {
  private static final long serialVersionUID = 1;

  Failed(String message) {
    super(message, null, false, false);
  }
}
