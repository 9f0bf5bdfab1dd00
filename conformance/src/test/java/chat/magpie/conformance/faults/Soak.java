package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;
import chat.magpie.conformance.faults.Journal.Read;
import chat.magpie.conformance.faults.Load.Plan;
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
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Three nodes under load and under faults without a pause, for as long as it takes; then the
/// verdict.
///
/// `--seed N` says which faults, `--duration 30m` how long at most, `--generations 3000` how many
/// replies have to be struck while they are being made; `--users 30` how many talk at once. It ends
/// with exit code 1 where a promise was broken, and writes its figures into `docs/reliability.md`
/// with `--write`.
public final class Soak {
  private static final String BEGIN = "<!-- soak: begin -->";
  private static final String END = "<!-- soak: end -->";
  private static final Rules RULES = new Rules(Duration.ofMinutes(3), false);

  private final Map<String, String> options;
  private final Set<String> struck = new HashSet<>();
  private final Map<String, Integer> kinds = new TreeMap<>();

  private Soak(Map<String, String> options) {
    this.options = options;
  }

  /// Runs it; see the class.
  public static void main(String[] args) throws Exception {
    Map<String, String> options =
        new TreeMap<>(
            Map.of("--seed", "1", "--duration", "40m", "--generations", "3000", "--users", "30"));
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--write")) {
        options.put("--write", "");
      } else if (options.containsKey(args[i]) && i + 1 < args.length) {
        options.put(args[i], args[++i]);
      } else {
        IO.println(
            "soak: unknown option "
                + args[i]
                + "; there are --seed N, --duration 40m, --generations N, --users N and --write");
        System.exit(2);
      }
    }
    System.exit(new Soak(options).run() ? 0 : 1);
  }

  private long number(String option) {
    return Long.parseLong(options.getOrDefault(option, "0"));
  }

  private Duration duration() {
    String text = options.getOrDefault("--duration", "40m");
    return Duration.parse("PT" + text);
  }

  private boolean run() throws Exception {
    Instant begun = Instant.now();
    long deadline = System.nanoTime() + duration().toNanos();
    try (Deployment deployment =
        Deployment.start(new Shape(Sql.POSTGRES, Relay.AOF, 3), Map.of())) {
      TakeOvers takeOvers = deployment.takeOvers();
      Mischief mischief = new Mischief(deployment, takeOvers, number("--seed"));
      Random random = new Random(number("--seed") + 1);
      Plan plan = new Plan(Math.toIntExact(number("--users")), 0, "chunks=25 interval=40", 2);
      try (Load load = Load.start(deployment, plan, number("--seed"))) {
        while (System.nanoTime() < deadline && struck.size() < number("--generations")) {
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

  private void strike(Deployment deployment, Mischief mischief) throws InterruptedException {
    Set<String> before = deployment.running();
    String kind = mischief.next();
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
        | run | %s, seed %s, %d minutes, PostgreSQL, Redis with AOF, three nodes on %d cores |
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
                options.get("--seed"),
                Duration.between(begun, Instant.now()).toMinutes(),
                Runtime.getRuntime().availableProcessors(),
                kinds.values().stream().mapToInt(Integer::intValue).sum(),
                kinds.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(kind ->
                        kind.getKey().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                            + " "
                            + kind.getValue())
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
    if (options.containsKey("--write")) {
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
