package tinker.nn;

import java.io.IOException;

/** A safetensors file that breaks the format, or does not fit what it is read into. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Fault {
    /** Fewer than the eight bytes that say how long the header is. */
    TOO_SHORT,
    /** More than this reader can hold. */
    TOO_LONG,
    /** The header is said to be longer than the file, or than 100 MB. */
    HEADER_LENGTH,
    /** The header is not UTF-8. */
    HEADER_ENCODING,
    /** The header is not JSON of the form that the format prescribes. */
    HEADER_FORM,
    /** A name stands twice in the header. */
    DUPLICATE_NAME,
    /** A type of numbers that the format, or this reader, does not know. */
    UNKNOWN_TYPE,
    /** A shape with a negative number, or with more numbers than can be counted. */
    SHAPE,
    /** A range of bytes that does not lie in the file, or runs backwards. */
    RANGE,
    /** Two ranges share bytes. */
    OVERLAP,
    /** Bytes that belong to no range: between two, or after the last. */
    HOLE,
    /** A range whose length is not what shape and type ask for. */
    SIZE,
    /** A parameter that the file lacks. */
    MISSING,
    /** A name in the file for which there is no parameter. */
    EXTRA,
    /** A parameter of another shape than the file's. */
    OTHER_SHAPE
  }

  private final Fault fault;

  SafetensorsException(Fault fault, String message) {
    super(message);
    this.fault = fault;
  }

  SafetensorsException(Fault fault, String message, Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** What is wrong, for a program; the message is for people. */
  public Fault fault() {
    return fault;
  }
}
