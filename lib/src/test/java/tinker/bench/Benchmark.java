package tinker.bench;

import java.util.concurrent.Callable;

/**
 * One number worth comparing. Its name is {@code area/what-size}, such as {@code train/lstm-2x128}.
 * A new one is added to the list of a class like {@link TextBenchmarks}, and that list to {@link
 * Bench#all()}.
 */
public interface Benchmark {
  /** {@code area/what-size}, as written on the command line. */
  String name();

  /** What is measured, in one line for {@code --list}. */
  String what();

  /** Whether it runs when no name is given: it takes less than about ten seconds. */
  boolean quick();

  /** Measures. */
  Row run() throws Exception;

  /** Thrown by a benchmark that cannot be had on this machine; the message says why. */
  final class Skipped extends Exception {
    private static final long serialVersionUID = 1;

    public Skipped(String why) {
      super(why);
    }
  }

  /** A benchmark that runs when no name is given. */
  static Benchmark quick(String name, String what, Callable<Row> run) {
    return new Simple(name, what, true, run);
  }

  /** A benchmark that runs only when it is named. */
  static Benchmark slow(String name, String what, Callable<Row> run) {
    return new Simple(name, what, false, run);
  }

  /** The usual form of a benchmark. */
  record Simple(String name, String what, boolean quick, Callable<Row> measure)
      implements Benchmark {
    @Override
    public Row run() throws Exception {
      return measure.call();
    }
  }
}
