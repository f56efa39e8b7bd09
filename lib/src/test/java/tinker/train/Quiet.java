package tinker.train;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the progress of fits out of what a test prints: {@link ExtendWith} it. */
final class Quiet implements BeforeEachCallback, AfterEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) {
    Progress.use(Progress::silent);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Progress.use(TerminalProgress::new);
  }
}
