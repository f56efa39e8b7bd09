package tinker.plot;

import java.awt.Color;

/** Colours for the values of a heat map, chosen so that colour-blind people can read them too. */
public enum Palette {
  /** From pale (least) over green to dark blue (most): for values that begin at zero. */
  SEQUENTIAL(0xFFFFE5, 0xD9F0A3, 0x78C679, 0x1D91C0, 0x225EA8, 0x081D58),
  /** Blue below zero, white at zero, orange above: for values of both signs. */
  DIVERGING(
      0x053061, 0x2166AC, 0x67A9CF, 0xD1E5F0, 0xFFFFFF, 0xFEE0B6, 0xF1A340, 0xB35806, 0x5F2C02);

  private static final Color MISSING = new Color(0xBDBDBD);
  private final int[] anchors;

  Palette(int... anchors) {
    this.anchors = anchors;
  }

  /**
   * The colour at {@code fraction} of the way; grey for NaN.
   *
   * @param fraction in [0, 1]; what lies outside is taken as the nearer end
   */
  Color at(double fraction) {
    if (Double.isNaN(fraction)) {
      return MISSING;
    }
    double place = Math.max(0, Math.min(1, fraction)) * (anchors.length - 1);
    int below = (int) Math.min(Math.floor(place), anchors.length - 2);
    double weight = place - below;
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = anchors[below] >> shift & 0xFF;
      int to = anchors[below + 1] >> shift & 0xFF;
      rgb |= (int) Math.round(from + (to - from) * weight) << shift;
    }
    return new Color(rgb);
  }
}
