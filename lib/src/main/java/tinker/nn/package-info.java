/** Parts of neural networks that the engine lacks or gets wrong. Open {@code Recurrent} first. */
@NullMarked
package tinker.nn;

import org.jspecify.annotations.NullMarked;
