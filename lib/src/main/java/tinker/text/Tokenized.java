package tinker.text;

/** Something that reads or writes text through a vocabulary. */
public interface Tokenized {
  /** The vocabulary that turns text into the token ids this object works with, and back. */
  Vocabulary vocabulary();
}
