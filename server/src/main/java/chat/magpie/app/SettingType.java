package chat.magpie.app;

import chat.magpie.kernel.Secret;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What the value of a setting has to be.
sealed interface SettingType {
  /// What is allowed, to follow "must be".
  String allowed();

  boolean accepts(String value);

  /// Whether a value may be shown.
  default boolean secret() {
    return false;
  }

  /// The type for the return type of a configuration method, limits included.
  static SettingType of(Class<?> type, long min, long max) {
    if (type == int.class || type == Integer.class) {
      return new Whole(min, Math.min(max, Integer.MAX_VALUE));
    }
    if (type == long.class || type == Long.class) {
      return new Whole(min, max);
    }
    if (type == boolean.class || type == Boolean.class) {
      return new Switch();
    }
    if (type == Duration.class) {
      return new Span(min);
    }
    if (type == Secret.class) {
      return new Text(true);
    }
    if (type == String.class) {
      return new Text(false);
    }
    if (type.isEnum()) {
      return new Choice(
          Arrays.stream(type.getEnumConstants())
              .map(constant ->
                  ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .toList());
    }
    throw new IllegalArgumentException("No setting can be a " + type);
  }

  /// A whole number.
  record Whole(long min, long max) implements SettingType {
    @Override
    public String allowed() {
      return max >= Integer.MAX_VALUE
          ? "a whole number of at least " + min
          : "a whole number between " + min + " and " + max;
    }

    @Override
    public boolean accepts(String value) {
      try {
        long number = Long.parseLong(value);
        return number >= min && number <= max;
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }

  /// True or false.
  record Switch() implements SettingType {
    @Override
    public String allowed() {
      return "true or false";
    }

    @Override
    public boolean accepts(String value) {
      return value.equals("true") || value.equals("false");
    }
  }

  /// A length of time of at least so many milliseconds; of at most a century, so that it has so and
  /// so many nanoseconds.
  record Span(long min) implements SettingType {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    @Override
    public String allowed() {
      String form = "a time such as 500ms, 15s, 5m, 24h or 30d";
      return min == 0 ? form : form + " of at least " + min + "ms";
    }

    @Override
    public boolean accepts(String value) {
      try {
        // Also control characters only are no value to the configuration.
        if (value.trim().isEmpty()) {
          return false;
        }
        Duration span = DurationConverter.parseDuration(value);
        return span.compareTo(Duration.ofMillis(min)) >= 0 && span.compareTo(LONGEST) <= 0;
      } catch (IllegalArgumentException | ArithmeticException e) {
        return false;
      }
    }
  }

  /// Any text; a secret one is never shown.
  record Text(boolean secret) implements SettingType {
    @Override
    public String allowed() {
      return "a text";
    }

    @Override
    public boolean accepts(String value) {
      return !value.isBlank();
    }
  }

  /// One of a few words.
  record Choice(List<String> words) implements SettingType {
    @Override
    public String allowed() {
      return "one of " + String.join(", ", words);
    }

    @Override
    public boolean accepts(String value) {
      return words.contains(value.toLowerCase(Locale.ROOT).replace('_', '-'));
    }
  }
}
