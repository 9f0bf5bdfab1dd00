package chat.magpie.evaluate;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What is wrong with a data set, found while its fields are read: each with file and line. Reading
/// goes on after a fault, with an empty value in its place, so that all of them are told at once.
final class Faults {
  private final List<String> found = new ArrayList<>();
  private final Map<String, Located> ids = new HashMap<>();

  void add(String file, int line, String what) {
    found.add(file + ":" + line + ": " + what);
  }

  void add(Located where, String what) {
    add(where.file(), where.line(), what);
  }

  List<String> found() {
    return List.copyOf(found);
  }

  /// @throws BadData if there are any
  void check() {
    if (!found.isEmpty()) {
      throw new BadData(found());
    }
  }

  /// The required id of an object, which no other of the data set has.
  String id(Located object) {
    String id = text(object, "id");
    if (!id.isEmpty()) {
      Located earlier = ids.putIfAbsent(id, object);
      if (earlier != null) {
        add(
            object,
            "the id " + id + " was given before, at " + earlier.file() + ":" + earlier.line());
      }
    }
    return id;
  }

  /// A required string with something in it.
  String text(Located object, String name) {
    Located value = required(object, name);
    if (value == null) {
      return "";
    }
    return nonBlank(value, name);
  }

  Optional<String> textIfThere(Located object, String name) {
    Located value = object.fields().get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(nonBlank(value, name));
  }

  private String nonBlank(Located value, String name) {
    if (value.kind() != Located.Kind.TEXT || value.text().isBlank()) {
      add(value, name + " must be a string that is not empty");
      return "";
    }
    return value.text();
  }

  /// A required array of strings, which may be empty.
  List<String> texts(Located object, String name) {
    Located value = required(object, name);
    return value == null ? List.of() : strings(value, name);
  }

  List<String> textsIfThere(Located object, String name) {
    Located value = object.fields().get(name);
    return value == null || value.isNull() ? List.of() : strings(value, name);
  }

  private List<String> strings(Located value, String name) {
    return array(value, name).stream().map(item -> nonBlank(item, "each of " + name)).toList();
  }

  /// Arrays of strings in an array that need not be there.
  List<List<String>> textListsIfThere(Located object, String name) {
    Located value = object.fields().get(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    return array(value, name).stream().map(item -> strings(item, "each of " + name)).toList();
  }

  /// A required array of objects with at least one in it.
  List<Located> objects(Located object, String name) {
    Located value = required(object, name);
    if (value == null) {
      return List.of();
    }
    List<Located> items = array(value, name);
    if (items.isEmpty() && value.kind() == Located.Kind.ARRAY) {
      add(value, name + " must not be empty");
    }
    for (Located item : items) {
      if (item.kind() != Located.Kind.OBJECT) {
        add(item, "each of " + name + " must be an object");
      }
    }
    return items.stream().filter(item -> item.kind() == Located.Kind.OBJECT).toList();
  }

  /// A required time with offset; the epoch where it is none.
  OffsetDateTime time(Located object, String name) {
    return parsed(
            object,
            name,
            OffsetDateTime::parse,
            "a time with offset, such as 2025-03-03T21:10:00+08:00")
        .orElse(OffsetDateTime.MIN);
  }

  Optional<OffsetDateTime> timeIfThere(Located object, String name) {
    return textIfThere(object, name).isEmpty() ? Optional.empty() : Optional.of(time(object, name));
  }

  Optional<LocalDate> dayIfThere(Located object, String name) {
    return textIfThere(object, name).isEmpty()
        ? Optional.empty()
        : parsed(object, name, LocalDate::parse, "a day, such as 2025-03-03");
  }

  Optional<ZoneId> zoneIfThere(Located object, String name) {
    return textIfThere(object, name).isEmpty()
        ? Optional.empty()
        : parsed(object, name, ZoneId::of, "a zone, such as Europe/Berlin");
  }

  private <T> Optional<T> parsed(
      Located object, String name, Function<String, T> parse, String form) {
    String text = text(object, name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(text));
    } catch (DateTimeException e) {
      add(object.fields().getOrDefault(name, object), name + " must be " + form + ", not " + text);
      return Optional.empty();
    }
  }

  boolean flag(Located object, String name) {
    Located value = object.fields().get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (value.kind() != Located.Kind.BOOLEAN) {
      add(value, name + " must be true or false");
    }
    return value.text().equals("true");
  }

  /// One of some words; the first of them where it is another.
  String oneOf(Located object, String name, List<String> words, String otherwise) {
    String word = textIfThere(object, name).orElse(otherwise);
    if (!words.contains(word)) {
      add(object, name + " must be one of " + String.join(", ", words) + ", not " + word);
    }
    return word;
  }

  private List<Located> array(Located value, String name) {
    if (value.kind() != Located.Kind.ARRAY) {
      add(value, name + " must be an array");
    }
    return value.items();
  }

  private @Nullable Located required(Located object, String name) {
    Located value = object.fields().get(name);
    if (value == null) {
      add(object, name + " is missing");
    }
    return value;
  }

  /// A data set that cannot be used.
  static final class BadData extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 50;

    BadData(List<String> faults) {
      super(
          String.join("\n", faults.subList(0, Math.min(SHOWN, faults.size())))
              + (faults.size() > SHOWN ? "\n… and " + (faults.size() - SHOWN) + " more" : ""));
    }
  }
}
