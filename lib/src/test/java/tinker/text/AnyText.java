package tinker.text;

import java.util.SplittableRandom;

/** Random texts of everything that Java's strings may hold. */
final class AnyText {
  private static final String[] PIECES = {
    "the cat's 3rd hat, isn't it?  Two  spaces ",
    "e\u0301a\u0308\u0323", // combining marks
    "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\uD83C\uDFFD", // a family, a skin tone
    "\uD83C\uDDE9\uD83C\uDDEA", // a flag
    "\u05E9\u05DC\u05D5\u05DD \u0645\u0631\u062D\u0628\u0627\u200F", // right to left
    "\u0130\u0131Iıß\u1E9E\uFB01", // what changes its length with its case
    "\r\n\n\r\t\u000B\f\u0085\u2028\u2029\u00A0\u3000\u200B\uFEFF", // kinds of space
    "\u0000\u0001\u001B\u007F\u009F", // control characters
    "\uFFFD\uFFFE\uFFFF\u23F9", // not characters, and what special tokens look like
    "\uD83D", // half a character
    "\uDE00",
    "\uDE00\uD83D",
    "12\u0663\u2167\u00BD",
    "'''\u2019\u2019a'b'c'"
  };

  private AnyText() {}

  static String random(SplittableRandom random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> text.append(PIECES[random.nextInt(PIECES.length)]);
        case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
        case 2 -> text.append((char) random.nextInt(Character.MAX_VALUE + 1));
        default -> {
          String piece = PIECES[random.nextInt(PIECES.length)];
          int cut = random.nextInt(piece.length());
          text.append(piece, cut, piece.length());
        }
      }
    }
    return text.toString();
  }
}
