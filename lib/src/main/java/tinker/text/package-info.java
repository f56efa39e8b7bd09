/** Text becomes tokens and numbers, and back. Open {@link tinker.text.Vocabulary} first. */
@NullMarked
package tinker.text;

import org.jspecify.annotations.NullMarked;
