/** Fitting a model, and the checks that make one believe it. Open {@code Fit} first. */
@NullMarked
package tinker.train;

import org.jspecify.annotations.NullMarked;
