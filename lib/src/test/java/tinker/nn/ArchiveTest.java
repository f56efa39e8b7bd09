package tinker.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @TempDir Path folder;
  private Path file;
  private byte[] bytes;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("a.tinker");
    Archive.write(
        Archive.builder("test")
            .text("configuration", "{\"sha256\":\"" + "0".repeat(64) + "\"}")
            .put("weight", Tensor.of(new float[] {1, 2}, 2)),
        file);
    bytes = Files.readAllBytes(file);
  }

  @Test
  void comesBack() throws IOException {
    Safetensors read = Archive.read(file);
    assertThat(read.metadata())
        .containsEntry("kind", "test")
        .containsEntry("configuration", "{\"sha256\":\"" + "0".repeat(64) + "\"}");
    assertThat(read.tensor("weight").floats()).containsExactly(1, 2);
  }

  @Test
  void theSignatureIsSoughtInTheHeaderAlone() throws IOException {
    // Numbers whose bytes read like it.
    String signature = "\"sha256\":\"" + "0".repeat(64) + "\"";
    byte[] alike = Arrays.copyOf(signature.getBytes(StandardCharsets.US_ASCII), 80);
    long[] numbers = new long[10];
    ByteBuffer.wrap(alike).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(numbers);
    var unsigned = new Safetensors.Builder().put("w", Tensor.of(numbers, 10));
    assertThatThrownBy(() -> Archive.write(unsigned, file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the builder must come from Archive.builder");
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    Archive.write(Archive.builder("test").put("w", Tensor.of(numbers, 10)), file);
    assertThat(Archive.read(file).tensor("w").longs()).containsExactly(numbers);
  }

  @Test
  void whatStandsTwiceInTheHeaderIsNotFound() {
    String header = "{\"a\":\"1\",\"b\":\"2\",\"a\":\"1\"}";
    String data = "\"b\":\"2\"";
    byte[] both = (header + data).getBytes(StandardCharsets.US_ASCII);
    byte[] made =
        ByteBuffer.allocate(8 + both.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length())
            .put(both)
            .array();
    assertThat(Archive.find(made, "\"a\":\"1\"")).isEqualTo(-1);
    assertThat(Archive.find(made, data)).isEqualTo(8 + header.indexOf(data));
    assertThat(Archive.find(made, "\"c\"")).isEqualTo(-1);
  }

  @Test
  void isASafetensorsFileToo() throws IOException {
    assertThat(Safetensors.read(file).tensor("weight").floats()).containsExactly(1, 2);
  }

  @Test
  void refusesItWhereverItIsCut() throws IOException {
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Archive.read(file))
          .as("cut at %d", length)
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("a.tinker");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> Archive.read(file)).isInstanceOf(ArchiveException.class);
  }

  @Test
  void refusesItWhicheverBitIsFlipped() throws IOException {
    for (int i = 0; i < bytes.length; i++) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= (byte) (1 << (i % 8));
      Files.write(file, flipped);
      assertThatThrownBy(() -> Archive.read(file))
          .as("byte %d", i)
          .isInstanceOf(ArchiveException.class)
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void refusesAnotherVersionAndOtherPrograms() throws IOException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(
        file,
        text.replace("\"version\":\"1\"", "\"version\":\"2\"")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Archive.read(file))
        .hasMessageEndingWith("has the format version 2; this version of tinker reads 1");
    new Safetensors.Builder().put("w", Tensor.of(new float[1], 1)).write(file);
    assertThatThrownBy(() -> Archive.read(file))
        .hasMessageEndingWith("not one that tinker wrote; read it with Safetensors");
    Files.writeString(file, "PK\u0003\u0004 and more of another program's bytes");
    assertThatThrownBy(() -> Archive.read(file))
        .hasMessage(
            file
                + " is no file that tinker wrote: it does not begin as a saved model or a saved run"
                + " does (with a safetensors header)");
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> Archive.read(file)).hasMessageContaining("is no file that tinker");
    // One that begins as it should and ends too soon is another thing.
    Archive.write(Archive.builder("model").put("w", Tensor.of(new float[9], 9)), file);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, 40));
    assertThatThrownBy(() -> Archive.read(file))
        .hasMessageStartingWith("not a file that tinker wrote, or a damaged one")
        .hasMessageContaining("the file has 32 after the first 8");
    Files.delete(file);
    assertThatThrownBy(() -> Archive.read(file)).hasMessageStartingWith("there is no file");
    Files.createDirectory(file);
    assertThatThrownBy(() -> Archive.read(file)).hasMessageContaining("is a folder");
  }
}
