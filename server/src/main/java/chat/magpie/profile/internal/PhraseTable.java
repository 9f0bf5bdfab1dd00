package chat.magpie.profile.internal;

import chat.magpie.profile.Slot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The ways to say something about oneself in a language, read from a file that comes with the
/// server; its head says how it is written. A file that cannot be understood fails at once.
final class PhraseTable {
  private static final Pattern PART = Pattern.compile("^(\\w+) = (.*)$");
  private static final Pattern LINE =
      Pattern.compile(
          "^(?<not>not )?(?<slot>\\w+) :: (?<filter>[\\w-]+)(?: -> (?<instead>.+?))?(?: unless (?<unless>.+?))? :: (?<pattern>.+)$");
  private static final Pattern REFERS =
      Pattern.compile("^refers :: (?<clause>.+) :: (?<before>.+) :: (?<meant>.+)$");
  private static final Pattern NAMED = Pattern.compile("(?<!\\\\[pP])\\{([A-Z][A-Z_]*)}");

  private final Map<String, String> parts = new HashMap<>();
  private final List<Phrase> phrases = new ArrayList<>();
  private final List<Reference> references = new ArrayList<>();
  private final Map<String, UnaryOperator<String>> filters;
  private final int flags;

  private PhraseTable(Map<String, UnaryOperator<String>> filters, int flags) {
    this.filters = filters;
    this.flags = flags;
  }

  /// @param filters how a value is written down, by name; empty text where it is none
  /// @param flags of the patterns
  static PhraseTable read(String name, Map<String, UnaryOperator<String>> filters, int flags) {
    PhraseTable table = new PhraseTable(filters, flags);
    String path = "/profile/" + name;
    try (InputStream file = PhraseTable.class.getResourceAsStream(path)) {
      if (file == null) {
        throw new IllegalStateException(path + " is missing");
      }
      new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .forEach(table::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  List<Phrase> phrases() {
    return List.copyOf(phrases);
  }

  /// The clause with what it refers to in place of the word that refers to it; as it is where it
  /// refers to nothing.
  ///
  /// @param before the clause before it
  String resolved(String clause, String before) {
    for (Reference reference : references) {
      Matcher here = reference.clause.matcher(clause);
      if (here.find()) {
        Matcher there = reference.before.matcher(before);
        if (there.find()) {
          return reference.meant.replace("{c}", here.group("c")).replace("{v}", there.group("v"));
        }
      }
    }
    return clause;
  }

  /// A clause that means something only with the one before it.
  private record Reference(Pattern clause, Pattern before, String meant) {}

  /// A pattern that the file names.
  Pattern part(String name) {
    return Pattern.compile(named(name), flags);
  }

  private String named(String name) {
    String part = parts.get(name);
    if (part == null) {
      throw new IllegalStateException("No part of a pattern is called " + name);
    }
    return part;
  }

  private void add(String line) {
    Matcher part = PART.matcher(line);
    if (part.matches()) {
      parts.put(part.group(1), whole(part.group(2)));
      return;
    }
    Matcher refers = REFERS.matcher(line);
    if (refers.matches()) {
      references.add(
          new Reference(
              Pattern.compile(whole(refers.group("clause")), flags),
              Pattern.compile(whole(refers.group("before")), flags),
              refers.group("meant")));
      return;
    }
    Matcher phrase = LINE.matcher(line);
    if (!phrase.matches()) {
      throw new IllegalStateException("Not understood: " + line);
    }
    Slot slot = Slot.of(phrase.group("slot")).orElseThrow();
    UnaryOperator<String> filter =
        Optional.ofNullable(filters.get(phrase.group("filter"))).orElseThrow();
    String instead = phrase.group("instead");
    Pattern unless =
        Pattern.compile(Optional.ofNullable(phrase.group("unless")).orElse("(?!)"), flags);
    phrases.add(
        new Phrase(
            slot,
            phrase.group("not") != null,
            Pattern.compile(whole(phrase.group("pattern")), flags),
            value -> {
              String kept = unless.matcher(value).matches() ? "" : filter.apply(value);
              return kept.isEmpty() || instead == null ? kept : instead.replace("{v}", kept);
            }));
  }

  private String whole(String pattern) {
    return NAMED
        .matcher(pattern)
        .replaceAll(match -> Matcher.quoteReplacement(named(match.group(1))));
  }
}
