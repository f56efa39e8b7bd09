package tinker.nn;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tinker.nn.SafetensorsException.Fault;

/**
 * A file of named tensors in the safetensors format, which PyTorch models are exchanged in. Reading
 * one runs no code.
 *
 * <pre>{@code
 * Safetensors file = Safetensors.read(Path.of("lstm.safetensors"));
 * file.tensor("weight_ih_l0").shape();                              // {512, 65}
 * new Safetensors.Builder().put("bias", Tensor.of(values, 65)).write(Path.of("bias.safetensors"));
 * }</pre>
 *
 * <p>Checked on reading: length, encoding and form of the header, names that stand twice, types,
 * shapes, and that the ranges of bytes cover the file without overlap or hole.
 *
 * @see <a href="https://github.com/huggingface/safetensors">The format</a>
 */
public final class Safetensors {
  private static final int MAXIMAL_HEADER = 100_000_000;

  /** What fits an array: as much as can be written, and read again. */
  private static final int MAXIMAL_LENGTH = Integer.MAX_VALUE - 8;

  /** A guard for the memory, where a file of a few bytes claims a shape of thousands of axes. */
  private static final int MAXIMAL_AXES = 64;

  private static final AtomicLong WRITES = new AtomicLong();

  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    this.tensors = Collections.unmodifiableMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Reads a whole file.
   *
   * @throws SafetensorsException if it breaks the format; the message says where
   * @throws IOException if it cannot be read
   */
  public static Safetensors read(Path file) throws IOException {
    if (Files.size(file) > MAXIMAL_LENGTH) {
      throw new SafetensorsException(
          Fault.TOO_LONG, file + " is longer than 2 GB, which is as much as can be read here");
    }
    return parse(Files.readAllBytes(file), file.toString());
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name what messages call it
   * @throws SafetensorsException if they break the format; the message says where
   */
  public static Safetensors parse(byte[] bytes, String name) throws SafetensorsException {
    if (bytes.length < 8) {
      throw new SafetensorsException(
          Fault.TOO_SHORT,
          name + " has " + bytes.length + " bytes; a safetensors file has at least 8");
    }
    long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > MAXIMAL_HEADER || length > bytes.length - 8) {
      throw new SafetensorsException(
          Fault.HEADER_LENGTH,
          String.format(
              Locale.ROOT,
              "%s says that its header has %s bytes; the file has %d after the first 8, and 100 MB"
                  + " are allowed",
              name,
              Long.toUnsignedString(length),
              bytes.length - 8));
    }
    int headerLength = (int) length;
    String header;
    try {
      header = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 8, headerLength)).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          Fault.HEADER_ENCODING, name + " has a header that is not UTF-8", e);
    }
    if (!header.startsWith("{")) {
      throw new SafetensorsException(
          Fault.HEADER_FORM, name + " has a header that does not begin with \"{\"");
    }
    var metadata = new LinkedHashMap<String, String>();
    Map<String, Entry> entries = new Header(name, header, metadata).read();
    int dataStart = 8 + headerLength;
    checkCover(name, entries, bytes.length - dataStart);
    var tensors = new LinkedHashMap<String, Tensor>();
    entries.forEach(
        (key, e) -> {
          int size = (int) (e.end - e.begin);
          ByteBuffer data = ByteBuffer.wrap(bytes, dataStart + (int) e.begin, size).slice();
          tensors.put(key, new Tensor(e.type, e.shape, data));
        });
    return new Safetensors(tensors, metadata);
  }

  /** One line of the header. */
  private record Entry(Tensor.Type type, long[] shape, long begin, long end) {}

  private static void checkCover(String name, Map<String, Entry> entries, int dataLength)
      throws SafetensorsException {
    for (var e : entries.entrySet()) {
      Entry entry = e.getValue();
      if (entry.begin < 0 || entry.begin > entry.end || entry.end > dataLength) {
        throw new SafetensorsException(
            Fault.RANGE,
            String.format(
                Locale.ROOT,
                "%s: \"%s\" lies in the bytes %d to %d; there are %d",
                name,
                e.getKey(),
                entry.begin,
                entry.end,
                dataLength));
      }
      long size = entry.type.bytes();
      for (long axis : entry.shape) {
        if (axis < 0) {
          throw new SafetensorsException(
              Fault.SHAPE,
              String.format(
                  Locale.ROOT,
                  "%s: \"%s\" has the shape %s; no number in it may be negative",
                  name,
                  e.getKey(),
                  Arrays.toString(entry.shape)));
        }
        if (size != 0 && axis > Long.MAX_VALUE / size) {
          throw new SafetensorsException(
              Fault.SHAPE,
              String.format(
                  Locale.ROOT,
                  "%s: \"%s\" has the shape %s, which is more numbers than can be counted",
                  name,
                  e.getKey(),
                  Arrays.toString(entry.shape)));
        }
        size *= axis;
      }
      if (size != entry.end - entry.begin) {
        throw new SafetensorsException(
            Fault.SIZE,
            String.format(
                Locale.ROOT,
                "%s: \"%s\" of type %s and shape %s takes %d bytes, but has %d",
                name,
                e.getKey(),
                entry.type,
                Arrays.toString(entry.shape),
                size,
                entry.end - entry.begin));
      }
    }
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
            .thenComparingLong(e -> e.getValue().end));
    long at = 0;
    for (var e : inOrder) {
      if (e.getValue().begin != at) {
        boolean overlap = e.getValue().begin < at;
        throw new SafetensorsException(
            overlap ? Fault.OVERLAP : Fault.HOLE,
            String.format(
                Locale.ROOT,
                overlap
                    ? "%s: \"%s\" begins at byte %d, within the one before, which ends at %d"
                    : "%s: \"%s\" begins at byte %d, but the one before ends at %d",
                name,
                e.getKey(),
                e.getValue().begin,
                at));
      }
      at = e.getValue().end;
    }
    if (at != dataLength) {
      throw new SafetensorsException(
          Fault.HOLE,
          String.format(
              Locale.ROOT,
              "%s has %d bytes after its header, of which the last %d belong to no tensor",
              name,
              dataLength,
              dataLength - at));
    }
  }

  /** Reads the JSON header, and nothing that does not belong there. */
  private static final class Header {
    private final String name;
    private final Map<String, String> metadata;
    private final JsonReader reader;

    Header(String name, String text, Map<String, String> metadata) {
      this.name = name;
      this.metadata = metadata;
      this.reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
    }

    Map<String, Entry> read() throws SafetensorsException {
      try {
        var entries = new LinkedHashMap<String, Entry>();
        boolean metadataSeen = false;
        reader.beginObject();
        while (reader.hasNext()) {
          String key = reader.nextName();
          boolean twice = key.equals("__metadata__") ? metadataSeen : entries.containsKey(key);
          if (twice) {
            throw new SafetensorsException(
                Fault.DUPLICATE_NAME, name + ": the name \"" + key + "\" stands twice");
          }
          if (key.equals("__metadata__")) {
            metadataSeen = true;
            readMetadata();
          } else {
            entries.put(key, readEntry(key));
          }
        }
        reader.endObject();
        if (reader.peek() != JsonToken.END_DOCUMENT) {
          throw form("text after the closing brace", null);
        }
        return entries;
      } catch (SafetensorsException e) {
        throw e;
      } catch (EOFException | MalformedJsonException e) {
        throw form("it is not JSON (" + e.getMessage() + ")", e);
      } catch (IOException | IllegalStateException | NumberFormatException e) {
        throw form(String.valueOf(e.getMessage()), e);
      }
    }

    private SafetensorsException form(String what, @Nullable Throwable e) {
      String line = what.lines().findFirst().orElse("");
      String message = name + " has a header of the wrong form: " + line;
      return e == null
          ? new SafetensorsException(Fault.HEADER_FORM, message)
          : new SafetensorsException(Fault.HEADER_FORM, message, e);
    }

    private void readMetadata() throws IOException {
      reader.beginObject();
      while (reader.hasNext()) {
        String key = reader.nextName();
        if (reader.peek() != JsonToken.STRING) {
          throw form("the metadata \"" + key + "\" is not a text", null);
        }
        if (metadata.put(key, reader.nextString()) != null) {
          throw new SafetensorsException(
              Fault.DUPLICATE_NAME, name + ": the metadata \"" + key + "\" stands twice");
        }
      }
      reader.endObject();
    }

    private Entry readEntry(String key) throws IOException {
      Tensor.@Nullable Type type = null;
      long @Nullable [] shape = null;
      long @Nullable [] range = null;
      reader.beginObject();
      while (reader.hasNext()) {
        String field = reader.nextName();
        switch (field) {
          case "dtype" -> {
            if (type != null) {
              throw twice(key, field);
            }
            type = readType(key);
          }
          case "shape" -> {
            if (shape != null) {
              throw twice(key, field);
            }
            shape = readNumbers(key, field);
          }
          case "data_offsets" -> {
            if (range != null) {
              throw twice(key, field);
            }
            range = readNumbers(key, field);
          }
          default -> throw form("\"" + key + "\" has a field \"" + field + "\"", null);
        }
      }
      reader.endObject();
      if (type == null || shape == null || range == null || range.length != 2) {
        throw form("\"" + key + "\" must have dtype, shape and two data_offsets", null);
      }
      return new Entry(type, shape, range[0], range[1]);
    }

    private SafetensorsException twice(String key, String field) {
      return new SafetensorsException(
          Fault.DUPLICATE_NAME, name + ": \"" + key + "\" has \"" + field + "\" twice");
    }

    private Tensor.Type readType(String key) throws IOException {
      if (reader.peek() != JsonToken.STRING) {
        throw form("the dtype of \"" + key + "\" is not a text", null);
      }
      String text = reader.nextString();
      for (Tensor.Type type : Tensor.Type.values()) {
        if (type.name().equals(text)) {
          return type;
        }
      }
      throw new SafetensorsException(
          Fault.UNKNOWN_TYPE,
          String.format(
              Locale.ROOT,
              "%s: \"%s\" is of type \"%s\"; known are %s",
              name,
              key,
              text,
              Arrays.toString(Tensor.Type.values())));
    }

    private long[] readNumbers(String key, String field) throws IOException {
      var numbers = new ArrayList<Long>();
      reader.beginArray();
      while (reader.hasNext()) {
        if (reader.peek() != JsonToken.NUMBER) {
          throw form("\"" + field + "\" of \"" + key + "\" holds something not a number", null);
        }
        String digits = reader.nextString();
        if (!digits.matches("\\d{1,20}") || numbers.size() == MAXIMAL_AXES) {
          throw new SafetensorsException(
              field.equals("shape") ? Fault.SHAPE : Fault.RANGE,
              String.format(
                  Locale.ROOT,
                  "%s: \"%s\" of \"%s\" must be at most %d whole numbers of at least 0, not %s",
                  name,
                  field,
                  key,
                  MAXIMAL_AXES,
                  digits));
        }
        try {
          numbers.add(Long.parseLong(digits));
        } catch (NumberFormatException e) {
          throw new SafetensorsException(
              field.equals("shape") ? Fault.SHAPE : Fault.RANGE,
              String.format(
                  Locale.ROOT,
                  "%s: %s in \"%s\" of \"%s\" is more than can be counted",
                  name,
                  digits,
                  field,
                  key),
              e);
        }
      }
      reader.endArray();
      return numbers.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** The tensors by name, in the order of the header. */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** Texts that travel with the tensors; empty if there are none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The tensor of this name.
   *
   * @throws SafetensorsException if there is none
   */
  public Tensor tensor(String name) throws SafetensorsException {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new SafetensorsException(
          Fault.MISSING, "no tensor \"" + name + "\"; there are " + tensors.keySet());
    }
    return tensor;
  }

  @Override
  public String toString() {
    return tensors.toString();
  }

  /** Collects tensors and texts, and writes them as one file. */
  public static final class Builder {
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** An empty file. */
    public Builder() {}

    /**
     * Adds a tensor.
     *
     * @throws IllegalArgumentException if the name is taken
     */
    public Builder put(String name, Tensor tensor) {
      if (name.equals("__metadata__") || tensors.putIfAbsent(name, tensor) != null) {
        throw new IllegalArgumentException("the name \"" + name + "\" is taken");
      }
      return this;
    }

    /**
     * Adds a text.
     *
     * @throws IllegalArgumentException if the key is taken
     */
    public Builder text(String key, String value) {
      if (metadata.putIfAbsent(key, value) != null) {
        throw new IllegalArgumentException("the key \"" + key + "\" is taken");
      }
      return this;
    }

    /**
     * The file as bytes.
     *
     * @throws UncheckedIOException if there would be more than 2 GB
     */
    public byte[] bytes() {
      try {
        return content();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /**
     * The same for those who write them.
     *
     * @throws IOException if there would be more than 2 GB
     */
    byte[] content() throws IOException {
      var header = new StringBuilder("{");
      if (!metadata.isEmpty()) {
        header.append("\"__metadata__\":{");
        metadata.forEach(
            (key, value) -> header.append(quote(key)).append(':').append(quote(value)).append(','));
        header.setCharAt(header.length() - 1, '}');
        header.append(',');
      }
      // Wide numbers first, so that each tensor lies at a multiple of the size of its numbers.
      List<Map.Entry<String, Tensor>> inOrder = new ArrayList<>(tensors.entrySet());
      inOrder.sort(Comparator.comparingInt(e -> -e.getValue().type().bytes()));
      long at = 0;
      for (var e : inOrder) {
        Tensor tensor = e.getValue();
        long end = at + tensor.data().remaining();
        header
            .append(quote(e.getKey()))
            .append(":{\"dtype\":\"")
            .append(tensor.type())
            .append("\",\"shape\":")
            .append(Arrays.toString(tensor.shape()).replace(" ", ""))
            .append(",\"data_offsets\":[")
            .append(at)
            .append(',')
            .append(end)
            .append("]},");
        at = end;
      }
      if (header.length() > 1) {
        header.setLength(header.length() - 1);
      }
      header.append('}');
      while (header.length() % 8 != 0) {
        header.append(' ');
      }
      if (header.length() > MAXIMAL_HEADER) {
        throw new IllegalArgumentException(
            "the header has " + header.length() + " bytes; the format allows " + MAXIMAL_HEADER);
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(length(header.length(), at)).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(header.length()).put(header.toString().getBytes(US_ASCII));
      inOrder.forEach(e -> bytes.put(e.getValue().data()));
      return bytes.array();
    }

    /** JSON's form of a text, with everything outside ASCII escaped: no text is lost on the way. */
    private static String quote(String text) {
      var quoted = new StringBuilder(text.length() + 2).append('"');
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '"' || c == '\\') {
          quoted.append('\\').append(c);
        } else if (c < ' ' || c > '~') {
          quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
          quoted.append(c);
        }
      }
      return quoted.append('"').toString();
    }

    /**
     * Writes the file. Whatever happens on the way, {@code file} is either as it was or complete.
     *
     * @throws IOException if it cannot be written, or would be longer than 2 GB
     */
    public void write(Path file) throws IOException {
      writeWhole(file, content());
    }
  }

  /**
   * How many bytes a file has.
   *
   * @param header bytes of its header
   * @param data bytes of all its tensors
   * @throws IOException if there are more than can be written
   */
  static int length(int header, long data) throws IOException {
    long length = 8L + header + data;
    if (length > MAXIMAL_LENGTH) {
      throw new IOException(
          String.format(
              Locale.ROOT, "the file would have %,d bytes; at most 2 GB can be written", length));
    }
    return (int) length;
  }

  /** Writes to a temporary name beside {@code file}, brings it to the disk, then moves it. */
  static void writeWhole(Path file, byte[] bytes) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new IOException(file + " is a folder; a file name is needed");
    }
    // A link to a folder, such as /tmp on macOS, is refused by createDirectories before 17.0.14.
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    // A name of its own for every writer, in this process and in others.
    Path temporary =
        folder.resolve(
            String.format(
                Locale.ROOT,
                ".%s.%d-%d.part",
                target.getFileName(),
                ProcessHandle.current().pid(),
                WRITES.incrementAndGet()));
    try {
      // Not a channel, which an interrupt would close half-way.
      try (var out = new FileOutputStream(temporary.toFile())) {
        out.write(bytes);
        out.getFD().sync();
      }
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
