package chat.magpie.bench;

import chat.magpie.conformance.server.Ports;
import chat.magpie.conformance.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The whole run: starts everything, loads it in turns, prints the figures and writes
/// `docs/figures.md`.
final class Bench implements AutoCloseable {
  private static final int START_PATIENCE_MILLIS = 60_000;
  private static final int IDLE_MILLIS = 10_000;

  private final Plan plan;
  private final Path folder;
  private final Deque<Child> children = new ArrayDeque<>();
  private final Reader reader = new Reader();
  private final Loads loads = new Loads(reader);
  private final Results results = new Results();
  private final long begun = System.nanoTime();

  private Bench(Plan plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
  }

  /// `[desk|memory|knowledge] [--quick]`: streams, or what [DeskBench], [MemoryBench] or
  /// [KnowledgeBench] measures; quick is a short run that only prints.
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> options = List.of(args);
    boolean quick = options.contains("--quick");
    List<String> kinds = options.stream().filter(option -> !option.equals("--quick")).toList();
    if (kinds.size() > 1
        || options.size() - kinds.size() > 1
        || !List.of("desk", "memory", "knowledge").containsAll(kinds)) {
      System.err.println(
          """
          bench: the options are
            desk       two nodes with sockets, lists and steady load instead of streams
            memory     recall from long-term memory instead
            knowledge  search of the knowledge base instead
            --quick    a short run that writes nothing\
          """);
      System.exit(2);
    }
    // What was started must not outlive an interrupted run.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy)));
    Path folder = Files.createTempDirectory("magpie-bench-");
    try {
      switch (kinds.isEmpty() ? "streams" : kinds.getFirst()) {
        case "desk" -> DeskBench.run(folder, quick);
        case "memory" -> MemoryBench.run(folder, quick);
        case "knowledge" -> KnowledgeBench.run(folder, quick);
        default -> streams(folder, quick);
      }
    } finally {
      delete(folder);
    }
    System.exit(0);
  }

  private static void streams(Path folder, boolean quick) throws IOException {
    Machine machine = Machine.read();
    Report report;
    try (Bench bench = new Bench(quick ? Plan.QUICK : Plan.FULL, folder)) {
      report = new Report(machine, bench.run());
    }
    IO.println(report.table());
    if (!quick) {
      report.write(Path.of(System.getProperty("magpie.root"), "docs", "figures.md"));
    }
  }

  private Results run() throws IOException {
    FloorDatabase commits = new FloorDatabase(folder.resolve("commit.db"));
    commits.commitMicros(plan.commits(), new Samples());
    Child upstream = started(Child.program("upstream", made("upstream"), Upstream.class));
    Child floorRedis = started(Child.redis("floor-redis", made("floor-redis")));
    Child magpieRedis = started(Child.redis("magpie-redis", made("magpie-redis")));
    Path floorFolder = made("floor");
    Child floor =
        started(
            Child.program(
                "floor",
                floorFolder,
                Floor.class,
                upstream.port(),
                floorRedis.port(),
                floorFolder.resolve("floor.db")));
    Map<String, String> alone = environment(upstream.port());
    Map<String, String> environment = new HashMap<>(alone);
    environment.put("REDIS_URL", "redis://127.0.0.1:" + magpieRedis.port());
    Child magpie = started(Child.magpie("magpie", made("magpie"), Ports.free(), environment));
    awaitOk(magpie);

    MagpieApi api = new MagpieApi(reader, magpie.port());
    Talks talks = new Talks(reader, api);
    Target direct = new Target.Direct(reader, upstream.port());
    Target floorTarget = new Target.Direct(reader, floor.port());
    try (RedisCounts floorCounts = new RedisCounts(floor, floorRedis);
        RedisCounts magpieCounts = new RedisCounts(magpie, magpieRedis)) {
      say("warming up");
      warmUp(direct, 3000);
      warmUp(floorTarget, plan.warmMillis());
      warmUp(api.oneRequest(), plan.warmMillis());
      warmUp(api.twoRequests(), plan.warmMillis() / 3);
      say("a conversation of " + 2 * plan.turns() + " messages");
      talks.prepare(plan.turns(), 120_000);
      results.longMessages = talks.longMessages();
      for (int round = 1; round <= plan.rounds(); round++) {
        say("round " + round + " of " + plan.rounds());
        commits.commitMicros(plan.commits(), results.commit);
        first(direct, results.upstream);
        first(floorTarget, results.floor);
        prepareGuests(api);
        first(api.oneRequest(), results.magpie);
        prepareGuests(api);
        results.twoRequests.add(loads.first(api.twoRequests(), Plan.PARALLEL, plan.firstMillis()));
        relay(direct, floorCounts, results.upstream);
        relay(floorTarget, floorCounts, results.floor);
        relay(api.oneRequest(), magpieCounts, results.magpie);
      }
      for (int round = 1; round <= plan.crowdRounds(); round++) {
        say("crowd " + round + " of " + plan.crowdRounds());
        crowd(direct, results.upstream);
        crowd(floorTarget, results.floor);
        Loads.await(reader.later(1, () -> api.prepare(Plan.CROWD).map(0)));
        crowd(api.oneRequest(), results.magpie);
      }
    }
    say("resuming");
    results.resumed = talks.resume(plan.resumes());
    say("short and long conversations");
    results.history = talks.history(plan.historyPairs());
    floor.close();
    magpie.close();
    say("starting");
    starts(alone);
    say("measured");
    return results;
  }

  private void warmUp(Target target, int millis) {
    if (millis >= 1000) {
      loads.first(target, Plan.PARALLEL, millis);
    }
  }

  private void prepareGuests(MagpieApi api) {
    int guests = Plan.PARALLEL * (plan.firstMillis() / 450 + 1);
    Loads.await(reader.later(1, () -> api.prepare(guests).map(0)));
  }

  private void first(Target target, Results.Server server) {
    Loads.First first = loads.first(target, Plan.PARALLEL, plan.firstMillis());
    say("  " + first);
    server.first.add(first);
  }

  private void relay(Target target, Loads.Probe probe, Results.Server server) {
    Loads.Relay relay = loads.relay(target, probe, Plan.RELAYED, plan.relayMillis());
    say("  " + relay);
    server.relay.add(relay);
  }

  private void crowd(Target target, Results.Server server) {
    Loads.First crowd = loads.crowd(target, Plan.CROWD, plan.crowdChunks());
    say("  " + crowd);
    server.crowd.add(crowd);
  }

  /// Starts in the same data folder again and again, without anything but itself, and rests after
  /// the last start.
  private void starts(Map<String, String> environment) throws IOException {
    Path home = made("starts");
    int port = Ports.free();
    for (int i = -1; i <= plan.starts(); i++) {
      long start = System.nanoTime();
      Child server = started(Child.magpie("magpie-" + (i + 1), home, port, environment));
      awaitOk(server);
      if (i >= 0 && i < plan.starts()) {
        results.startMillis.add((System.nanoTime() - start) / 1e6);
      }
      if (i == plan.starts()) {
        MagpieApi api = new MagpieApi(reader, port);
        loads.crowd(api.oneRequest(), 3, 10);
        Child.pause(IDLE_MILLIS);
        results.idleMegabytes = ProcFiles.residentKilobytes(server.pid()) / 1000.0;
      }
      server.close();
    }
  }

  private static Map<String, String> environment(int upstreamPort) {
    return Map.of(
        "OPENAI_BASE_URL", "http://127.0.0.1:" + upstreamPort + "/v1",
        "OPENAI_API_KEY", "bench",
        "OPENAI_MODEL", "upstream",
        "MAGPIE_API_REQUESTS_PER_SECOND", "0",
        "MAGPIE_API_ADDRESS_REQUESTS_PER_SECOND", "0",
        "MAGPIE_API_GUESTS_PER_MINUTE", "0");
  }

  /// Waits for the first 200 of a server that has just been started.
  private static void awaitOk(Child server) {
    byte[] request =
        "GET /health/readiness HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    long deadline = System.nanoTime() + START_PATIENCE_MILLIS * 1_000_000L;
    while (System.nanoTime() < deadline && server.process().isAlive()) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.getOutputStream().write(request);
        String answer =
            new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
        if (answer.equals("HTTP/1.1 200")) {
          return;
        }
      } catch (IOException notYet) {
        Child.pause(2);
      }
    }
    throw new IllegalStateException("Magpie did not start:\n" + server.output());
  }

  /// Processor time and commands of a server and its Redis.
  private static final class RedisCounts implements Loads.Probe, AutoCloseable {
    private final List<Child> processes;
    private final io.lettuce.core.RedisClient client;
    private final io.lettuce.core.api.StatefulRedisConnection<String, String> redis;

    RedisCounts(Child server, Child redis) {
      this.processes = List.of(server, redis);
      this.client = io.lettuce.core.RedisClient.create("redis://127.0.0.1:" + redis.port());
      this.redis = client.connect();
    }

    @Override
    public long cpuMillis() {
      return processes.stream().mapToLong(process -> ProcFiles.cpuMillis(process.pid())).sum();
    }

    @Override
    public CommandCounts commands() {
      return CommandCounts.parse(redis.sync().info("commandstats"));
    }

    @Override
    public void close() {
      redis.close();
      client.shutdown(0, 1, java.util.concurrent.TimeUnit.SECONDS);
    }
  }

  private Child started(Child child) {
    children.push(child);
    return child;
  }

  private Path made(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private void say(String what) {
    IO.println("%4d s  %s".formatted((System.nanoTime() - begun) / 1_000_000_000, what));
  }

  @Override
  public void close() {
    reader.close();
    children.forEach(Child::close);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
