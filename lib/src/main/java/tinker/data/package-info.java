/** Where text comes from, and how it is cut into batches. Open {@code Reviews} first. */
@NullMarked
package tinker.data;

import org.jspecify.annotations.NullMarked;
