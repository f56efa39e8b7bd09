/** Pictures of data, curves and models. Open {@code Plots} first. */
@NullMarked
package tinker.plot;

import org.jspecify.annotations.NullMarked;
