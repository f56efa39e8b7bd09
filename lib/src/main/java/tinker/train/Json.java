package tinker.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tinker.nn.OneCycle;
import tinker.nn.Schedule;

/** How the records of this package go to JSON and back. Infinity and NaN keep their names. */
final class Json {
  private static final Map<String, Class<? extends Schedule>> SCHEDULES =
      Map.of(
          "constant", Schedule.Constant.class,
          "warmup", Schedule.Warmup.class,
          "one-cycle", OneCycle.class);

  private static final Gson PLAIN =
      new GsonBuilder().serializeSpecialFloatingPointValues().create();

  static final Gson GSON =
      new GsonBuilder()
          .serializeSpecialFloatingPointValues()
          .registerTypeAdapter(
              Schedule.class,
              (JsonSerializer<Schedule>) (schedule, type, context) -> schedule(schedule))
          .registerTypeAdapter(
              Schedule.class,
              (JsonDeserializer<Schedule>)
                  (json, type, context) -> schedule(json.getAsJsonObject()))
          .registerTypeHierarchyAdapter(
              Path.class,
              (JsonSerializer<Path>) (path, type, context) -> new JsonPrimitive(path.toString()))
          .registerTypeHierarchyAdapter(
              Path.class,
              (JsonDeserializer<Path>) (json, type, context) -> Path.of(json.getAsString()))
          .create();

  private Json() {}

  private static JsonElement schedule(Schedule schedule) {
    JsonObject json = PLAIN.toJsonTree(schedule).getAsJsonObject();
    SCHEDULES.forEach(
        (name, type) -> {
          if (type.isInstance(schedule)) {
            json.addProperty("kind", name);
          }
        });
    return json;
  }

  private static Schedule schedule(JsonObject json) {
    JsonElement kind = json.remove("kind");
    Class<? extends Schedule> type = kind == null ? null : SCHEDULES.get(kind.getAsString());
    if (type == null) {
      throw new JsonParseException("no schedule " + kind + "; there are " + SCHEDULES.keySet());
    }
    return PLAIN.fromJson(json, type);
  }

  /**
   * Reads a record.
   *
   * @throws JsonParseException if the text is none, or one that the record's constructor refuses
   */
  static <T> T read(@Nullable String json, Class<T> type) {
    T value;
    try {
      value = GSON.fromJson(json, type);
    } catch (JsonParseException e) {
      throw e;
    } catch (RuntimeException e) {
      // What a record's constructor throws comes wrapped, in exceptions of no type of their own.
      throw new JsonParseException(reason(e), e);
    }
    if (value == null) {
      throw new JsonParseException("nothing there");
    }
    return value;
  }

  /** What lies at the bottom of it. */
  private static String reason(Throwable thrown) {
    Throwable root = thrown;
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    String message = root instanceof NullPointerException ? "a part is missing" : root.getMessage();
    return message == null ? root.toString() : message;
  }
}
