package tinker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.Charset;
import java.time.ZoneId;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The tests of text and data run a second time as on another machine; this checks that they do. */
class ElsewhereTest {
  @Test
  void theSecondRunIsInTurkishWithAnOldCharsetAtTheDateLine() {
    assumeTrue(Boolean.getBoolean("tinker.elsewhere"), "the first run is as on this machine");
    assertThat(Locale.getDefault()).isEqualTo(new Locale("tr", "TR"));
    assertThat("title".toUpperCase(Locale.getDefault())).isEqualTo("T\u0130TLE");
    assertThat(ZoneId.systemDefault().getId()).isEqualTo("Pacific/Kiritimati");
    assertThat(Charset.defaultCharset().name()).isEqualTo("windows-1252");
  }
}
