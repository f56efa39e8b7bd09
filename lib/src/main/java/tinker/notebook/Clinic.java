package tinker.notebook;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tinker.nn.Recurrent;
import tinker.notebook.Patient.Case;
import tinker.train.Fault;

/**
 * Training set-ups to diagnose: one for each {@link Fault}, in an order that gives nothing away,
 * and healthy ones beside them.
 *
 * <pre>{@code
 * var patient = Clinic.patient(3);
 * patient.curve();
 * patient.diagnose("dead ReLUs")
 * }</pre>
 */
public final class Clinic {
  private static final long ORDER = 2017;

  private Clinic() {}

  /** How many patients there are. */
  public static int size() {
    return Fault.values().length;
  }

  /**
   * One patient.
   *
   * @param number from 1 to {@link #size}
   * @throws IllegalArgumentException if there is none of this number
   */
  public static Patient patient(int number) {
    check(number, size(), "patient");
    return new Patient("Patient " + number, sick(number));
  }

  /**
   * The same set-up as patient {@code number}, without the fault.
   *
   * @param number from 1 to {@link #size}
   */
  public static Patient healthyTwin(int number) {
    check(number, size(), "patient");
    return new Patient("Healthy twin of patient " + number, sick(number).healthy());
  }

  private static void check(int number, int most, String what) {
    if (number < 1 || number > most) {
      throw new IllegalArgumentException(
          "there is no " + what + " " + number + "; the numbers go from 1 to " + most);
    }
  }

  /** What patient {@code number} has. */
  static Fault fault(int number) {
    var order = new ArrayList<>(List.of(Fault.values()));
    Collections.shuffle(order, new Random(ORDER));
    return order.get(number - 1);
  }

  private static Case sick(int number) {
    Fault fault = fault(number);
    Recurrent.Kind kind =
        fault == Fault.NO_CLIPPING
            ? Recurrent.Kind.RNN_TANH
            : List.of(Recurrent.Kind.LSTM, Recurrent.Kind.GRU, Recurrent.Kind.RNN_TANH)
                .get(number % 3);
    return Case.of(fault, kind, number);
  }
}
