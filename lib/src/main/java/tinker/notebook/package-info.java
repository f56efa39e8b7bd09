/** What a notebook adds: display, progress, predictions, exercises. Open {@code Lab} first. */
@NullMarked
package tinker.notebook;

import org.jspecify.annotations.NullMarked;
