package tinker.plot;

import java.awt.RenderingHints;
import java.util.List;

/** Small multiples: pictures side by side. */
final class Grid {
  private static final int WIDTH = 960;

  private Grid() {}

  static Picture of(int columns, List<Picture> given) {
    if (columns < 1 || given.isEmpty()) {
      throw new IllegalArgumentException(
          columns + " columns of " + given.size() + " pictures; both must be at least 1");
    }
    int used = Math.min(columns, given.size());
    double width = WIDTH / (double) used;
    List<Picture> pictures = given.stream().map(p -> p.narrowed((int) width)).toList();
    int rows = (pictures.size() + used - 1) / used;
    double[] top = new double[rows + 1];
    for (int row = 0; row < rows; row++) {
      double highest = 0;
      for (int i = row * used; i < Math.min(pictures.size(), (row + 1) * used); i++) {
        Picture one = pictures.get(i);
        highest = Math.max(highest, one.height() * Math.min(1, width / one.width()));
      }
      top[row + 1] = top[row] + highest;
    }
    var image =
        Ink.sheet(
            WIDTH,
            (int) Math.ceil(top[rows]),
            g -> {
              g.setRenderingHint(
                  RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
              for (int i = 0; i < pictures.size(); i++) {
                Picture one = pictures.get(i);
                double scale = Math.min(1, width / one.width()) / Picture.SCALE;
                var place =
                    java.awt.geom.AffineTransform.getTranslateInstance(
                        i % used * width, top[i / used]);
                place.scale(scale, scale);
                g.drawImage(one.image(), place, null);
              }
            });
    return new Picture(
        image, String.join("; ", pictures.stream().map(Picture::description).toList()));
  }
}
