/** Writing text from a model. Open {@code Generator} first. */
@NullMarked
package tinker.generate;

import org.jspecify.annotations.NullMarked;
