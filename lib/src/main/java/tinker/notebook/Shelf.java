package tinker.notebook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All exercises, by their id. */
final class Shelf {
  private static final Map<String, Exercise> ALL = new LinkedHashMap<>();

  static {
    var exercises = new ArrayList<Exercise>();
    exercises.addAll(Exercises00.all());
    exercises.addAll(Exercises01.all());
    exercises.addAll(Exercises02.all());
    exercises.addAll(Exercises03.all());
    exercises.addAll(Exercises04.all());
    exercises.addAll(Exercises05.all());
    exercises.addAll(Exercises06.all());
    exercises.addAll(Exercises07.all());
    exercises.addAll(Exercises08.all());
    exercises.addAll(Exercises09.all());
    exercises.addAll(Exercises10.all());
    exercises.addAll(Exercises11.all());
    exercises.addAll(Exercises12.all());
    exercises.addAll(Exercises13.all());
    exercises.addAll(Exercises14.all());
    exercises.addAll(Exercises15.all());
    exercises.addAll(Exercises16.all());
    exercises.addAll(Exercises17.all());
    exercises.addAll(Exercises18.all());
    exercises.addAll(Exercises19.all());
    exercises.addAll(Exercises20.all());
    exercises.addAll(Exercises21.all());
    exercises.addAll(Exercises22.all());
    exercises.addAll(Exercises23.all());
    for (Exercise exercise : exercises) {
      if (ALL.put(exercise.id(), exercise) != null) {
        throw new IllegalStateException("exercise " + exercise.id() + " stands twice");
      }
    }
  }

  private Shelf() {}

  static List<Exercise> all() {
    return List.copyOf(ALL.values());
  }

  static Exercise find(String id) {
    Exercise found = ALL.get(id);
    if (found == null) {
      throw new IllegalArgumentException(
          "there is no exercise \"" + id + "\"; there are " + String.join(", ", ALL.keySet()));
    }
    return found;
  }
}
