package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Sql;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a soak is asked for on its command line.
///
/// @param duration how long at most
/// @param generations how many replies have to be struck; 0 where only the faults count
/// @param users how many talk at once
/// @param only the kinds that happen
/// @param faults how many have to happen; 0 where only the generations count
/// @param write whether the figures go into the documentation
record SoakOptions(
    long seed,
    Duration duration,
    int generations,
    int users,
    Sql sql,
    Topology redis,
    Set<FaultKind> only,
    int faults,
    boolean write) {
  static final String HELP =
      """
      ./magpie soak [options]: three nodes under load and faults, then the verdict

        --seed N           which faults happen, and in which order (1)
        --duration T       how long at most, such as 90s, 40m, 2h (40m)
        --generations N    end once so many replies were struck while they were made (3000)
        --faults N         end after so many faults, however many replies they struck
        --users N          how many talk at once (30)
        --sql NAME         postgres or mariadb (postgres)
        --redis NAME       aof, none (nothing kept), sentinel or cluster (aof)
        --only KINDS       these kinds of faults only, separated by commas
        --write            put the figures into docs/reliability.md

      Kinds of faults: %s.
      """
          .formatted(names(FaultKind.values(), FaultKind::option));

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "--seed", "1",
          "--duration", "40m",
          "--generations", "3000",
          "--faults", "0",
          "--users", "30",
          "--sql", "postgres",
          "--redis", "aof",
          "--only", "");

  /// What Redis is made of.
  enum Topology {
    AOF("Redis with AOF"),
    NONE("Redis without persistence"),
    SENTINEL("Redis behind Sentinels"),
    CLUSTER("Redis Cluster");

    private final String title;

    Topology(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }

    boolean replicas() {
      return this == SENTINEL || this == CLUSTER;
    }
  }

  /// The command line cannot be understood; the message says why.
  static final class Misuse extends RuntimeException {
    Misuse(String message) {
      super(message);
    }
  }

  /// Reads the command line; throws [Misuse].
  static SoakOptions parse(String... args) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      if (name.equals("--write")) {
        given.put(name, "");
      } else if (!DEFAULTS.containsKey(name)) {
        throw new Misuse("unknown option " + name + "; see ./magpie soak --help");
      } else if (i + 1 == args.length || args[i + 1].startsWith("--")) {
        throw new Misuse(name + " needs a value; see ./magpie soak --help");
      } else {
        given.put(name, args[++i]);
      }
    }
    Topology redis = one("--redis", value(given, "--redis"), Topology.values(), SoakOptions::name);
    boolean byFaults = given.containsKey("--faults") && !given.containsKey("--generations");
    return new SoakOptions(
        number("--seed", value(given, "--seed"), 0),
        duration(value(given, "--duration")),
        byFaults ? 0 : Math.toIntExact(number("--generations", value(given, "--generations"), 1)),
        Math.toIntExact(number("--users", value(given, "--users"), 1)),
        one(
            "--sql",
            value(given, "--sql"),
            new Sql[] {Sql.POSTGRES, Sql.MARIADB},
            SoakOptions::name),
        redis,
        kinds(value(given, "--only"), redis),
        Math.toIntExact(
            number("--faults", value(given, "--faults"), given.containsKey("--faults") ? 1 : 0)),
        given.containsKey("--write"));
  }

  private static String value(Map<String, String> given, String option) {
    return Objects.requireNonNull(given.getOrDefault(option, DEFAULTS.get(option)));
  }

  private static long number(String option, String text, long least) {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= Integer.MAX_VALUE) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new Misuse(option + " needs a number from " + least + " on, not '" + text + "'");
  }

  private static Duration duration(String text) {
    try {
      Duration duration = Duration.parse("PT" + text);
      if (duration.isPositive()) {
        return duration;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw new Misuse("--duration needs a time such as 90s, 40m or 2h, not '" + text + "'");
  }

  private static Set<FaultKind> kinds(String text, Topology redis) {
    if (text.isEmpty()) {
      return Stream.of(FaultKind.values())
          .filter(kind -> kind.possible(redis.replicas()))
          .collect(Collectors.toCollection(() -> EnumSet.noneOf(FaultKind.class)));
    }
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    for (String name : text.split(",", -1)) {
      FaultKind kind = one("--only", name, FaultKind.values(), FaultKind::option);
      if (!kind.possible(redis.replicas())) {
        throw new Misuse("--only " + name + " cannot happen with --redis " + name(redis));
      }
      kinds.add(kind);
    }
    return kinds;
  }

  private static <T> T one(String option, String text, T[] values, Function<T, String> name) {
    return Arrays.stream(values)
        .filter(value -> name.apply(value).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new Misuse(option + " is one of " + names(values, name) + ", not '" + text + "'"));
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <T> String names(T[] values, Function<T, String> name) {
    return String.join(", ", List.of(values).stream().map(name).toList());
  }
}
