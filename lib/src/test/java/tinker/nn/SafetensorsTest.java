package tinker.nn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tinker.nn.SafetensorsException.Fault;

class SafetensorsTest {
  @TempDir Path folder;

  private static byte[] file(String header, int dataLength) {
    return file(header.getBytes(UTF_8), dataLength);
  }

  private static byte[] file(byte[] header, int dataLength) {
    return ByteBuffer.allocate(8 + header.length + dataLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static String entry(String name, String type, String shape, long begin, long end) {
    return String.format(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
        name, type, shape, begin, end);
  }

  static Stream<Arguments> faults() {
    String a = entry("a", "F32", "[2]", 0, 8);
    byte[] longHeader = file("{}", 0);
    ByteBuffer.wrap(longHeader).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001);
    byte[] negativeHeader = file("{}", 0);
    ByteBuffer.wrap(negativeHeader).order(ByteOrder.LITTLE_ENDIAN).putLong(-1);
    byte[] beyond = file("{}", 0);
    ByteBuffer.wrap(beyond).order(ByteOrder.LITTLE_ENDIAN).putLong(3);
    return Stream.of(
        Arguments.of(Fault.TOO_SHORT, new byte[0]),
        Arguments.of(Fault.TOO_SHORT, new byte[7]),
        Arguments.of(Fault.HEADER_LENGTH, beyond),
        Arguments.of(Fault.HEADER_LENGTH, longHeader),
        Arguments.of(Fault.HEADER_LENGTH, negativeHeader),
        Arguments.of(Fault.HEADER_FORM, file("", 0)),
        Arguments.of(Fault.HEADER_ENCODING, file(new byte[] {'{', '"', (byte) 0xFF, '"'}, 0)),
        Arguments.of(Fault.HEADER_FORM, file("{", 0)),
        Arguments.of(Fault.HEADER_FORM, file(" {}", 0)),
        Arguments.of(Fault.HEADER_FORM, file("[]", 0)),
        Arguments.of(Fault.HEADER_FORM, file("{} {}", 0)),
        Arguments.of(Fault.HEADER_FORM, file("{'a':1}", 0)),
        Arguments.of(Fault.HEADER_FORM, file("{\"a\":" + "[".repeat(100_000), 0)),
        Arguments.of(Fault.HEADER_FORM, file("{\"a\":" + "{\"a\":".repeat(100_000), 0)),
        Arguments.of(Fault.HEADER_FORM, file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("8]", "8,9]") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("\"F32\"", "7") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("[2]", "[\"2\"]") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("[2]", "{}") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("[2]", "null") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{" + a.replace("}", ",\"b\":1}") + "}", 8)),
        Arguments.of(Fault.HEADER_FORM, file("{\"__metadata__\":{\"a\":1}}", 0)),
        Arguments.of(Fault.DUPLICATE_NAME, file("{" + a + "," + a + "}", 8)),
        Arguments.of(
            Fault.DUPLICATE_NAME, file("{\"__metadata__\":{},\"__metadata__\":{}," + a + "}", 8)),
        Arguments.of(Fault.DUPLICATE_NAME, file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0)),
        Arguments.of(
            Fault.DUPLICATE_NAME, file("{" + a.replace("}", ",\"dtype\":\"F32\"}") + "}", 8)),
        Arguments.of(Fault.UNKNOWN_TYPE, file("{" + a.replace("F32", "F31") + "}", 8)),
        Arguments.of(Fault.SHAPE, file("{" + a.replace("[2]", "[-2]") + "}", 8)),
        Arguments.of(Fault.SHAPE, file("{" + a.replace("[2]", "[2.5]") + "}", 8)),
        Arguments.of(Fault.SHAPE, file("{" + a.replace("[2]", "[1e2]") + "}", 8)),
        Arguments.of(Fault.SHAPE, file("{" + a.replace("[2]", "[99999999999999999999]") + "}", 8)),
        Arguments.of(
            Fault.SHAPE,
            file("{" + a.replace("[2]", "[4294967296,4294967296,4294967296]") + "}", 8)),
        Arguments.of(
            Fault.SHAPE, file("{" + a.replace("[2]", "[1" + ",1".repeat(99) + "]") + "}", 8)),
        Arguments.of(Fault.RANGE, file("{" + entry("a", "F32", "[2]", 8, 0) + "}", 8)),
        Arguments.of(Fault.RANGE, file("{" + entry("a", "F32", "[2]", 0, 8) + "}", 4)),
        Arguments.of(Fault.RANGE, file("{" + entry("a", "F32", "[2]", -8, 0) + "}", 8)),
        Arguments.of(
            Fault.OVERLAP, file("{" + a + "," + entry("b", "F32", "[2]", 4, 12) + "}", 12)),
        Arguments.of(Fault.OVERLAP, file("{" + a + "," + entry("b", "F32", "[2]", 0, 8) + "}", 8)),
        Arguments.of(Fault.HOLE, file("{" + a + "," + entry("b", "F32", "[1]", 12, 16) + "}", 16)),
        Arguments.of(Fault.HOLE, file("{" + entry("a", "F32", "[1]", 4, 8) + "}", 8)),
        Arguments.of(Fault.HOLE, file("{" + a + "}", 9)),
        Arguments.of(Fault.HOLE, file("{}", 1)),
        Arguments.of(Fault.SIZE, file("{" + entry("a", "F32", "[3]", 0, 8) + "}", 8)),
        Arguments.of(Fault.SIZE, file("{" + entry("a", "F64", "[2]", 0, 8) + "}", 8)),
        Arguments.of(Fault.SIZE, file("{" + entry("a", "F32", "[0]", 0, 4) + "}", 4)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void saysWhichFaultItMet(Fault fault, byte[] bytes) {
    Throwable thrown = catchThrowable(() -> Safetensors.parse(bytes, "lstm.safetensors"));
    assertThat(thrown).isInstanceOf(SafetensorsException.class);
    assertThat(((SafetensorsException) thrown).fault()).isEqualTo(fault);
    assertThat(thrown.getMessage()).startsWith("lstm.safetensors").doesNotContain("\n");
  }

  @Test
  void acceptsPaddingScalarsNothingAndNaN() throws IOException {
    String header =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + entry("scalar", "F32", "[]", 0, 4)
            + ","
            + entry("nothing", "F32", "[0,3]", 4, 4)
            + ","
            + entry("no-one", "F64", "[4611686018427387904,0]", 0, 0)
                .replace("4611686018427387904", "7")
            + "}    ";
    byte[] bytes = file(header, 4);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Safetensors read = Safetensors.parse(bytes, "f");
    assertThat(read.tensor("scalar").floats()).containsExactly(Float.NaN);
    assertThat(read.tensor("scalar").shape()).isEmpty();
    assertThat(read.tensor("nothing").floats()).isEmpty();
    assertThat(read.metadata()).containsEntry("k", "v");
    assertThat(Safetensors.parse(file("{}", 0), "f").tensors()).isEmpty();
    assertThatThrownBy(() -> read.tensor("b")).hasMessageStartingWith("no tensor \"b\"");
  }

  @Test
  void readsEveryType() throws IOException {
    String header =
        "{"
            + entry("f16", "F16", "[5]", 0, 10)
            + ","
            + entry("bf16", "BF16", "[1]", 10, 12)
            + ","
            + entry("u8", "U8", "[2]", 12, 14)
            + ","
            + entry("i16", "I16", "[1]", 14, 16)
            + ","
            + entry("f64", "F64", "[1]", 16, 24)
            + "}";
    byte[] bytes = file(header, 24);
    ByteBuffer data =
        ByteBuffer.wrap(bytes, bytes.length - 24, 24).slice().order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3C00).putShort((short) 0xC000).putShort((short) 0x0001);
    data.putShort((short) 0x7BFF).putShort((short) 0xFC00).putShort((short) 0x3F80);
    data.put((byte) 255).put((byte) 1).putShort((short) -2).putDouble(Math.PI);
    Safetensors read = Safetensors.parse(bytes, "f");
    assertThat(read.tensor("f16").floats())
        .containsExactly(1, -2, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY);
    assertThat(read.tensor("bf16").floats()).containsExactly(1);
    assertThat(read.tensor("u8").longs()).containsExactly(255, 1);
    assertThat(read.tensor("i16").longs()).containsExactly(-2);
    assertThat(read.tensor("f64").doubles()).containsExactly(Math.PI);
    assertThatThrownBy(() -> read.tensor("f64").longs()).hasMessageContaining("F64");
  }

  @Test
  void writesWhatItReads() throws IOException {
    String name = "\u00e9\ud83d\ude00\"\\\n\ud800";
    Path file = folder.resolve("a").resolve("b.safetensors");
    new Safetensors.Builder()
        .text(name, name)
        .put(name, Tensor.of(new float[] {1, -0f, Float.NaN}, 3, 1))
        .put("long", Tensor.of(new long[] {Long.MIN_VALUE}, 1))
        .put("double", Tensor.of(new double[] {Math.E}))
        .put("nothing", Tensor.of(new float[0], 0, 2))
        .write(file);
    Safetensors read = Safetensors.read(file);
    assertThat(read.metadata()).containsOnlyKeys(name).containsEntry(name, name);
    assertThat(read.tensor(name)).isEqualTo(Tensor.of(new float[] {1, -0f, Float.NaN}, 3, 1));
    assertThat(read.tensor("long").longs()).containsExactly(Long.MIN_VALUE);
    assertThat(read.tensor("double").doubles()).containsExactly(Math.E);
    assertThat(read.tensor("nothing").shape()).containsExactly(0, 2);
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void moreThanTwoGigabytesCannotBeWritten() throws IOException {
    int most = Integer.MAX_VALUE - 8;
    assertThat(Safetensors.length(16, most - 24L)).isEqualTo(most);
    assertThatThrownBy(() -> Safetensors.length(16, most - 23L))
        .isInstanceOf(IOException.class)
        .hasMessage("the file would have 2,147,483,640 bytes; at most 2 GB can be written");
  }

  @Test
  void whatCannotBeWrittenLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("f");
    Files.writeString(file, "old");
    Path locked = Files.createDirectory(folder.resolve("is-a-folder"));
    var builder = new Safetensors.Builder().put("a", Tensor.of(new float[1], 1));
    assertThatThrownBy(() -> builder.write(locked)).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> builder.write(file.resolve("below-a-file")))
        .isInstanceOf(IOException.class);
    assertThat(Files.readString(file)).isEqualTo("old");
    Thread.currentThread().interrupt();
    builder.write(file);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(Safetensors.read(file).tensors()).containsOnlyKeys("a");
  }

  /** Random bytes, and whole files with random bytes changed: a typed error or a file, no more. */
  @Test
  void anyBytesGiveATypedErrorAtWorst() throws IOException {
    var random = new Random(17);
    byte[] whole =
        new Safetensors.Builder()
            .text("k", "v")
            .put("a", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2))
            .put("b", Tensor.of(new long[] {5}, 1))
            .bytes();
    int refused = 0;
    for (int round = 0; round < 30_000; round++) {
      byte[] bytes;
      if (round % 3 == 0) {
        bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        if (bytes.length > 8) {
          ByteBuffer.wrap(bytes)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(random.nextInt(bytes.length));
        }
      } else if (round % 3 == 1) {
        bytes = whole.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
      } else {
        bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
      }
      try {
        for (Tensor tensor : Safetensors.parse(bytes, "f").tensors().values()) {
          assertThat(tensor.data().remaining()).isEqualTo(tensor.count() * tensor.type().bytes());
        }
      } catch (SafetensorsException e) {
        assertThat(e.getMessage()).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(20_000);
  }
}
