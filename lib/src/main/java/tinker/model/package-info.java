/**
 * Language models, counted and trained, behind one contract. Open {@link
 * tinker.model.LanguageModel} first.
 */
@NullMarked
package tinker.model;

import org.jspecify.annotations.NullMarked;
