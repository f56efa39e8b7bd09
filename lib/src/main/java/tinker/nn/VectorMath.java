package tinker.nn;

/**
 * Functions of one number that the just-in-time compiler turns into vector instructions inside a
 * loop, which it does not with those of {@link Math}.
 */
public final class VectorMath {
  private VectorMath() {}

  /**
   * tanh to within 4e-7: an odd polynomial of degree 13 over an even one of degree 6, with the
   * coefficients of the Eigen library. Beyond 7.9 it is 1 to the last bit.
   */
  public static float tanh(float value) {
    float x = Math.max(-7.90531110763549805f, Math.min(7.90531110763549805f, value));
    float x2 = x * x;
    float p = -2.76076847742355e-16f;
    p = p * x2 + 2.00018790482477e-13f;
    p = p * x2 - 8.60467152213735e-11f;
    p = p * x2 + 5.12229709037114e-08f;
    p = p * x2 + 1.48572235717979e-05f;
    p = p * x2 + 6.37261928875436e-04f;
    p = p * x2 + 4.89352455891786e-03f;
    float q = 1.19825839466702e-06f;
    q = q * x2 + 1.18534705686654e-04f;
    q = q * x2 + 2.26843463243900e-03f;
    q = q * x2 + 4.89352518554385e-03f;
    return x * p / q;
  }

  /** {@code 1 / (1 + exp(-value))} to within 2.5e-7, as {@code 0.5 + 0.5 tanh(0.5 value)}. */
  public static float sigmoid(float value) {
    return 0.5f + 0.5f * tanh(0.5f * value);
  }
}
