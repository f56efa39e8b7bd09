package tinker.train;

/**
 * What a check found.
 *
 * @param check what was asked, such as {@code "gradients arrive"}
 * @param passed whether all is well
 * @param evidence one sentence with the numbers that say so
 */
public record Verdict(String check, boolean passed, String evidence) {
  @Override
  public String toString() {
    return (passed ? "passed: " : "FAILED: ") + check + ": " + evidence;
  }
}
