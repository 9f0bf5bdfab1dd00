package chat.magpie.conformance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.conformance.Processes;
import chat.magpie.conformance.RedisServer;
import chat.magpie.conformance.Shared;
import chat.magpie.conformance.faults.Verdict.Rules;
import chat.magpie.conformance.faults.Verdict.Violation;
import chat.magpie.conformance.server.MagpieProcess;
import chat.magpie.conformance.upstream.Upstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;

/// Server nodes with their database, Redis and model, every link but the model's through a proxy of
/// its own, and the journal of what clients do with them.
public final class Deployment implements AutoCloseable {
  /// Which database.
  public enum Sql {
    SQLITE,
    POSTGRES,
    MARIADB
  }

  /// Which Redis.
  public enum Relay {
    EMBEDDED,
    AOF,
    VOLATILE
  }

  /// What to start.
  ///
  /// @param nodes how many servers; more than one need a database and a Redis of their own
  public record Shape(Sql sql, Relay relay, int nodes) {
    public static final Shape ALONE = new Shape(Sql.SQLITE, Relay.EMBEDDED, 1);
  }

  /// How long a node under load may own nothing. Under the loads of this suite it owns something
  /// again within a second.
  private static final Duration OWNING = Duration.ofSeconds(60);

  private final Upstream upstream = Upstream.start(0);
  private final Map<String, Integer> modelCalls = new ConcurrentHashMap<>();
  private final Optional<SqlServer> sql;
  private final Optional<RedisServer> redis;
  private final Optional<FaultProxy> sqlLink;
  private final Optional<FaultProxy> redisLink;
  private final List<Node> nodes = new ArrayList<>();
  private final String jdbcUrl;
  private Journal journal = new Journal();

  private Deployment(Shape shape, Map<String, String> settings, List<Map<String, String>> ofNodes) {
    count(upstream);
    sql =
        switch (shape.sql()) {
          case SQLITE -> Optional.empty();
          case POSTGRES -> Optional.of(SqlServer.postgres());
          case MARIADB -> Optional.of(SqlServer.mariadb());
        };
    redis =
        switch (shape.relay()) {
          case EMBEDDED -> Optional.empty();
          case AOF -> Optional.of(RedisServer.alone(true));
          case VOLATILE -> Optional.of(RedisServer.alone(false));
        };
    sqlLink = sql.map(server -> FaultProxy.to(server.port()));
    redisLink = redis.map(server -> FaultProxy.to(server.port()));
    Map<String, String> common = new HashMap<>();
    common.put("MAGPIE_LIVE_HEARTBEAT", "500ms");
    common.put("MAGPIE_REPLY_MAX_ATTEMPTS", "20");
    common.putAll(settings);
    Optional<SqlServer.SqlDatabase> database = sql.map(SqlServer::create);
    database.ifPresent(made -> common.put("DATABASE_URL", made.url(sqlLink.orElseThrow().port())));
    redisLink.ifPresent(link -> common.put("REDIS_URL", "redis://127.0.0.1:" + link.port()));
    Path folder = newFolder();
    jdbcUrl =
        database
            .map(SqlServer.SqlDatabase::jdbcUrl)
            .orElse(
                "jdbc:sqlite:"
                    + Path.of(
                            settings.getOrDefault("MAGPIE_DATA", folder.resolve("data").toString()))
                        .resolve("magpie.db"));
    start(shape.nodes(), folder, common, ofNodes);
  }

  /// Starts everything and waits until all nodes are ready.
  public static Deployment start(Shape shape, Map<String, String> settings) {
    return new Deployment(shape, settings, List.of());
  }

  /// As [#start(Shape, Map)], with settings for single nodes, in their order.
  public static Deployment start(
      Shape shape, Map<String, String> settings, List<Map<String, String>> ofNodes) {
    return new Deployment(shape, settings, ofNodes);
  }

  /// Lets the judge know of every call to this model too, which nodes were told of in another way.
  public void count(Upstream other) {
    other.listen(asked -> modelCalls.merge(asked.question(), 1, Integer::sum));
  }

  private static Path newFolder() {
    try {
      return Files.createTempDirectory("magpie-faults-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(
      int count, Path first, Map<String, String> common, List<Map<String, String>> ofNodes) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Node>> started = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Path folder = i == 0 ? first : newFolder();
        Map<String, String> settings = new HashMap<>(Shared.withModel(upstream, common));
        if (i < ofNodes.size()) {
          settings.putAll(ofNodes.get(i));
        }
        started.add(threads.submit(() -> new Node(MagpieProcess.start(folder, settings))));
      }
      for (Future<Node> node : started) {
        nodes.add(node.get());
      }
    } catch (InterruptedException | ExecutionException e) {
      close();
      throw new IllegalStateException(e);
    }
  }

  /// One server behind its proxy.
  public static final class Node implements AutoCloseable {
    private final MagpieProcess process;
    private final FaultProxy link;
    private int saidBefore;

    private Node(MagpieProcess process) {
      this.process = process;
      this.link = FaultProxy.to(process.port());
    }

    public MagpieProcess process() {
      return process;
    }

    public FaultProxy link() {
      return link;
    }

    private String saidSinceRun() {
      return process.output().substring(saidBefore);
    }

    @Override
    public void close() {
      link.close();
      process.close();
    }
  }

  public Node node(int index) {
    return nodes.get(index);
  }

  public int nodes() {
    return nodes.size();
  }

  public Upstream upstream() {
    return upstream;
  }

  public RedisServer redis() {
    return redis.orElseThrow();
  }

  public SqlServer sql() {
    return sql.orElseThrow();
  }

  public FaultProxy redisLink() {
    return redisLink.orElseThrow();
  }

  public FaultProxy sqlLink() {
    return sqlLink.orElseThrow();
  }

  public Journal journal() {
    return journal;
  }

  /// Begins a new journal; what is stored stays.
  public void newRun() {
    journal = new Journal();
    nodes.forEach(node -> node.saidBefore = node.process.output().length());
  }

  /// A way to any node, by chance.
  public IntSupplier anyNode(long seed) {
    Random random = new Random(seed);
    return () -> {
      synchronized (random) {
        return nodes.get(random.nextInt(nodes.size())).link().port();
      }
    };
  }

  /// A way to one node.
  public IntSupplier onlyNode(int index) {
    return () -> nodes.get(index).link().port();
  }

  /// The id under which a node owns replies.
  public String nodeId(int index) {
    try {
      return Files.readString(nodes.get(index).process().folder().resolve("data/node_id")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Everything that stands in the database, table after table.
  public String everything() {
    StringBuilder all = new StringBuilder();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet tables =
            connection
                .getMetaData()
                .getTables(
                    connection.getCatalog(), connection.getSchema(), "%", new String[] {"TABLE"})) {
      while (tables.next()) {
        String table = tables.getString("TABLE_NAME");
        all.append("== ").append(table).append('\n');
        try (ResultSet rows = statement.executeQuery("select * from " + table)) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            for (int i = 1; i <= columns; i++) {
              all.append(rows.getString(i)).append('|');
            }
            all.append('\n');
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return all.toString();
  }

  /// A number that the database knows, asked for over a connection of the test's own.
  public long number(String query) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      if (!found.next()) {
        throw new IllegalStateException("No row: " + query);
      }
      return found.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// For how long each node may own replies yet, by the clock of this machine; by the ids of the
  /// nodes.
  public Map<String, Duration> leases() {
    long now = System.currentTimeMillis();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select id, lease_until from node")) {
      Map<String, Duration> left = new TreeMap<>();
      while (found.next()) {
        left.put(found.getString(1), Duration.ofMillis(found.getLong(2) - now));
      }
      return left;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Measures how long replies are without an owner.
  public TakeOvers takeOvers() {
    return new TakeOvers(jdbcUrl);
  }

  /// Waits until the node owns at least so many running replies; returns which.
  public Set<String> awaitOwned(int index, int atLeast) {
    String owner = nodeId(index);
    long deadline = System.nanoTime() + OWNING.toNanos();
    while (true) {
      Map<String, Set<String>> owned = owned();
      Set<String> own = owned.getOrDefault(owner, Set.of());
      if (own.size() >= atLeast) {
        return own;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "node %d (%s) owned fewer than %d running replies for %s; owned now: %s"
                .formatted(index, owner, atLeast, OWNING, owned));
      }
      nap(10);
    }
  }

  /// Stops a node while it owns at least so many running replies. A node that ended them between
  /// the look and the signal is let run, and awaited again. An end whose commit was under way may
  /// still go through. Returns which they are.
  private Set<String> stopWhileOwning(int index, int atLeast) {
    long pid = nodes.get(index).process().pid();
    long deadline = System.nanoTime() + OWNING.toNanos();
    while (System.nanoTime() < deadline) {
      awaitOwned(index, atLeast);
      Processes.pause(pid);
      Set<String> own = owned().getOrDefault(nodeId(index), Set.of());
      if (own.size() >= atLeast) {
        return own;
      }
      Processes.resume(pid);
    }
    throw new IllegalStateException("node " + index + " ended its replies again and again");
  }

  /// `kill -9` of a node, whatever it does.
  public void kill(int index) {
    long pid = nodes.get(index).process().pid();
    nodes.get(index).process().kill();
    journal.happened("node killed", "process " + pid + " is gone");
  }

  /// `kill -9` of a node in the middle of at least so many replies; returns which.
  public Set<String> killWhileOwning(int index, int atLeast) {
    long pid = nodes.get(index).process().pid();
    Set<String> own = stopWhileOwning(index, atLeast);
    nodes.get(index).process().kill();
    journal.happened("node killed", "process " + pid + " is gone, owned " + own);
    return own;
  }

  public void restart(int index) {
    nodes.get(index).process().restart();
  }

  /// SIGTERM to a node; returns how long it took to end.
  public Duration terminate(int index) {
    long begun = System.nanoTime();
    nodes.get(index).process().terminate();
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    journal.happened("node ended", "after " + took);
    return took;
  }

  /// `kill -STOP` of a node.
  public void pause(int index) {
    journal.happened("node paused", Processes.pause(nodes.get(index).process().pid()));
  }

  public void resume(int index) {
    journal.happened("node resumed", Processes.resume(nodes.get(index).process().pid()));
  }

  /// Runs and reaches every node again.
  public void healNodes() {
    for (Node node : nodes) {
      node.link().restore();
      if (node.process().runs()) {
        Processes.resume(node.process().pid());
      } else {
        node.process().restart();
      }
    }
  }

  /// What is stored now, once every reply has ended or the time is over.
  public Stored settled(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Stored stored = Stored.load(jdbcUrl);
      if (System.nanoTime() > deadline
          || stored.replies().stream().allMatch(Stored.Reply::terminal)) {
        return stored;
      }
      nap(100);
    }
  }

  private static void nap(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /// The replies that are being made now.
  public Set<String> running() {
    Set<String> ids = new HashSet<>();
    owned().values().forEach(ids::addAll);
    return ids;
  }

  /// The replies that are being made now, by the id of their owner.
  private Map<String, Set<String>> owned() {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("select owner, id from reply where status = 'RUNNING'")) {
      Map<String, Set<String>> ids = new TreeMap<>();
      while (found.next()) {
        ids.computeIfAbsent(String.valueOf(found.getString(1)), _ -> new TreeSet<>())
            .add(found.getString(2));
      }
      return ids;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Whether a node has its model learn from a conversation at the moment.
  public boolean isBeingLearntFrom(String conversationId) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        PreparedStatement claimed =
            connection.prepareStatement(
                "select 1 from profile_learnt where conversation_id = ? and claim is not null")) {
      claimed.setString(1, conversationId);
      return claimed.executeQuery().next();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// What is stored now. Sets a conversation back in the database, as if all of it had been so much
  /// earlier; the server looks at it soon.
  public void makeOlder(String conversationId, Duration by) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        PreparedStatement older =
            connection.prepareStatement(
                "update conversation set updated_at = updated_at - ?, waiting_since ="
                    + " waiting_since - ?, check_at = 0 where id = ?")) {
      older.setLong(1, by.toMillis());
      older.setLong(2, by.toMillis());
      older.setString(3, conversationId);
      if (older.executeUpdate() != 1) {
        throw new IllegalStateException("there is no conversation " + conversationId);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public Stored stored() {
    return Stored.load(jdbcUrl);
  }

  /// The rules of a run in which nothing was done to Redis: its logs are whole unless a node gave
  /// Redis up for a moment, which happens where the machine is too busy to answer within a second.
  public Rules rulesWithLogs(Duration deadline) {
    return new Rules(
        deadline, nodes.stream().noneMatch(node -> node.saidSinceRun().contains("Redis is lost")));
  }

  /// All reply logs that Redis has, by the ids of their replies; none where it is not ours to look
  /// into.
  public Map<String, List<LogLine>> logs() {
    return redis.map(server -> server.on(commands -> LogLine.all(commands))).orElse(Map.of());
  }

  /// What is wrong with the run so far.
  public List<Violation> judge(Rules rules) {
    Stored stored = settled(rules.deadline());
    return Verdict.judge(journal, stored, logs(), modelCalls, rules);
  }

  /// Fails where the run broke a promise, and leaves its journal behind.
  public void assertKept(Rules rules) {
    List<Violation> violations = judge(rules);
    if (!violations.isEmpty()) {
      Path dump = newFolder().resolve("journal.txt");
      journal.dump(dump);
      List<Path> folders = nodes.stream().map(node -> node.process().folder()).toList();
      throw new AssertionError(
          Verdict.describe(violations) + "\njournal: " + dump + "\nnodes: " + folders);
    }
    assertThat(journal.read()).isNotEmpty();
  }

  @Override
  public void close() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      nodes.forEach(node -> threads.execute(node::close));
    }
    sqlLink.ifPresent(FaultProxy::close);
    redisLink.ifPresent(FaultProxy::close);
    redis.ifPresent(RedisServer::close);
    sql.ifPresent(SqlServer::close);
    upstream.close();
  }
}
