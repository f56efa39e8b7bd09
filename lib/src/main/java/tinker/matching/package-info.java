/**
 * Models that compare two sentences: BiMPM, layer by layer. Open {@link tinker.matching.BimpmModel}
 * first, then {@link tinker.matching.MatchingLayer}.
 */
@NullMarked
package tinker.matching;

import org.jspecify.annotations.NullMarked;
