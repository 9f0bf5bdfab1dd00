package chat.magpie.conformance.faults;

import chat.magpie.conformance.RedisCluster;
import chat.magpie.conformance.RedisServer;
import chat.magpie.conformance.SentinelSet;
import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Load.Plan;
import chat.magpie.conformance.faults.Mischief.Replicated;
import chat.magpie.conformance.faults.Verdict.Rules;
import chat.magpie.conformance.faults.Verdict.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Three nodes under load and under faults without a pause, for as long as it takes; then the
/// verdict.
///
/// [SoakOptions] says which, how long and where. It ends with exit code 1 where a promise was
/// broken, and with 2 where it was asked for something that it does not know.
public final class Soak {
  private static final String BEGIN = "<!-- soak: begin -->";
  private static final String END = "<!-- soak: end -->";
  private static final Rules RULES = new Rules(Duration.ofMinutes(3), false);

  private final SoakOptions options;
  private final Set<String> struck = new HashSet<>();
  private final Map<FaultKind, Integer> kinds = new TreeMap<>();

  private Soak(SoakOptions options) {
    this.options = options;
  }

  /// Runs it; see the class.
  public static void main(String[] args) throws Exception {
    if (List.of(args).contains("--help")) {
      IO.print(SoakOptions.HELP);
      return;
    }
    SoakOptions options;
    try {
      options = SoakOptions.parse(args);
    } catch (SoakOptions.Misuse e) {
      System.err.println("soak: " + e.getMessage());
      System.exit(2);
      return;
    }
    System.exit(new Soak(options).run() ? 0 : 1);
  }

  private boolean run() throws Exception {
    return switch (options.redis()) {
      case AOF -> run(Relay.AOF, Map.of(), Optional.empty());
      case NONE -> run(Relay.VOLATILE, Map.of(), Optional.empty());
      case SENTINEL -> {
        try (SentinelSet redis = SentinelSet.start()) {
          yield run(redis.url(), redis::master, redis::heal);
        }
      }
      case CLUSTER -> {
        try (RedisCluster redis = RedisCluster.start()) {
          yield run(redis.url(), () -> redis.master("reply:{b7}:any"), redis::heal);
        }
      }
    };
  }

  private boolean run(String url, Supplier<RedisServer> master, Runnable heal) throws Exception {
    return run(Relay.EMBEDDED, Map.of("REDIS_URL", url), Optional.of(new Replicated(master, heal)));
  }

  private boolean run(Relay relay, Map<String, String> settings, Optional<Replicated> replicated)
      throws Exception {
    Instant begun = Instant.now();
    try (Deployment deployment = Deployment.start(new Shape(options.sql(), relay, 3), settings)) {
      long deadline = System.nanoTime() + options.duration().toNanos();
      TakeOvers takeOvers = deployment.takeOvers();
      Mischief mischief =
          new Mischief(deployment, takeOvers, options.only(), replicated, options.seed());
      Random random = new Random(options.seed() + 1);
      Plan plan = new Plan(options.users(), 0, "chunks=25 interval=40", 2);
      try (Load load = Load.start(deployment, plan, options.seed())) {
        load.awaitRead(1);
        while (System.nanoTime() < deadline && !enough()) {
          Thread.sleep(200 + random.nextInt(1_500));
          strike(deployment, mischief);
        }
        deployment.healNodes();
        load.stop();
        load.awaitEnd();
      }
      return report(deployment, takeOvers, begun);
    }
  }

  /// Whether as many faults and struck replies as were asked for have come together.
  private boolean enough() {
    return faults() >= options.faults() && struck.size() >= options.generations();
  }

  private int faults() {
    return kinds.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void strike(Deployment deployment, Mischief mischief) throws InterruptedException {
    Set<String> before = deployment.running();
    FaultKind kind = mischief.next();
    // Those that were under way when it began and those that began meanwhile and have not ended.
    struck.addAll(before);
    struck.addAll(deployment.running());
    kinds.merge(kind, 1, Integer::sum);
    IO.println(
        "%s %-30s %d struck"
            .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS), kind, struck.size()));
  }

  private boolean report(Deployment deployment, TakeOvers takeOvers, Instant begun)
      throws IOException {
    Stored stored = deployment.settled(RULES.deadline());
    List<Violation> violations = deployment.judge(RULES);
    Journal journal = deployment.journal();
    List<Duration> taken = takeOvers.sorted();
    Map<String, Long> ends =
        stored.replies().stream()
            .collect(Collectors.groupingBy(Stored.Reply::status, Collectors.counting()));
    long acknowledged = journal.sent().stream().filter(sent -> !sent.acks().isEmpty()).count();
    String figures =
        """
        | figure | value |
        |---|---|
        | run | %s, seed %d, %d minutes, %s, %s, three nodes on %d cores |
        | faults | %d: %s |
        | generations under way when a fault struck | %d of %d |
        | how they ended | %s |
        | messages acknowledged | %d |
        | lost, stored twice or under other ids | %d |
        | out of order | %d |
        | readers compared | %d, with %d connections |
        | unequal, refused or without an end | %d |
        | logs with an older epoch's entry, a gap or two ends | %d |
        | replies without an end in time | %d |
        | model calls that no attempt accounts for | %d |
        | take-over after `kill -9`, %d replies | p50 %d ms, p95 %d ms, longest %d ms |
        """
            .formatted(
                begun.truncatedTo(ChronoUnit.SECONDS),
                options.seed(),
                Duration.between(begun, Instant.now()).toMinutes(),
                options.sql() == Sql.MARIADB ? "MariaDB" : "PostgreSQL",
                options.redis().title(),
                Runtime.getRuntime().availableProcessors(),
                faults(),
                kinds.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(kind -> kind.getKey().title() + " " + kind.getValue())
                    .collect(Collectors.joining(", ")),
                struck.size(),
                stored.replies().size(),
                ends,
                acknowledged,
                count(violations, 1),
                count(violations, 2),
                journal.read().size(),
                journal.read().stream().mapToInt(Read::connections).sum(),
                count(violations, 3),
                count(violations, 4),
                count(violations, 5),
                count(violations, 6),
                taken.size(),
                TakeOvers.percentile(taken, 50).toMillis(),
                TakeOvers.percentile(taken, 95).toMillis(),
                TakeOvers.percentile(taken, 100).toMillis());
    IO.println(figures);
    if (!violations.isEmpty()) {
      Path dump = Files.createTempFile("magpie-soak-", ".txt");
      journal.dump(dump);
      IO.println(Verdict.describe(violations));
      IO.println("journal: " + dump);
      for (int i = 0; i < deployment.nodes(); i++) {
        IO.println("node: " + deployment.node(i).process().folder());
      }
    }
    if (options.write()) {
      write(figures);
    }
    return violations.isEmpty();
  }

  private static long count(List<Violation> violations, int rule) {
    return violations.stream().filter(violation -> violation.rule() == rule).count();
  }

  private static void write(String figures) throws IOException {
    Path page = Path.of(System.getProperty("magpie.root", ".")).resolve("docs/reliability.md");
    String text = Files.readString(page);
    int from = text.indexOf(BEGIN) + BEGIN.length();
    int to = text.indexOf(END);
    Files.writeString(page, text.substring(0, from) + "\n" + figures + text.substring(to));
  }
}
