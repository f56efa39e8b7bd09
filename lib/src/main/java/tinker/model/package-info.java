/**
 * Language models and text classifiers, counted and trained, each kind behind one contract. Open
 * {@link tinker.model.LanguageModel} or {@link tinker.model.Classifier} first.
 */
@NullMarked
package tinker.model;

import org.jspecify.annotations.NullMarked;
