package chat.magpie.conformance.faults;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A Redis of the installed kind that can be killed, paused, filled, emptied and started again.
public final class RedisServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final boolean aof;
  private final RedisClient client;
  private Process process;

  private RedisServer(Path folder, int port, boolean aof) {
    this.folder = folder;
    this.port = port;
    this.aof = aof;
    this.client =
        RedisClient.create(
            RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(port)
                .withTimeout(Duration.ofSeconds(5))
                .build());
    this.process = launch();
  }

  /// Starts one that keeps an append-only file, or nothing.
  public static RedisServer start(boolean aof) {
    try {
      RedisServer server =
          new RedisServer(Files.createTempDirectory("magpie-fault-redis-"), freePort(), aof);
      server.awaitReady();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process launch() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(program(), "--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--dir", folder.toString()));
    command.addAll(List.of("--appendonly", aof ? "yes" : "no", "--appendfsync", "everysec"));
    command.addAll(List.of("--maxmemory-policy", "noeviction"));
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("redis.log").toFile()))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String program() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    for (String name : List.of("redis-server", "valkey-server")) {
      for (String place : path.split(File.pathSeparator, -1)) {
        if (Files.isExecutable(Path.of(place, name))) {
          return name;
        }
      }
    }
    throw new IllegalStateException("Install redis-server or valkey-server to run this test");
  }

  private void awaitReady() {
    await()
        .atMost(Duration.ofSeconds(15))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          try {
            return run(RedisCommands::ping).equals("PONG");
          } catch (RedisException notYet) {
            return false;
          }
        });
  }

  public int port() {
    return port;
  }

  /// Runs commands on a connection of its own.
  public <T> T run(Function<RedisCommands<String, String>, T> work) {
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return work.apply(connection.sync());
    }
  }

  /// All reply logs that it has.
  public Map<String, List<LogLine>> logs() {
    return run(commands -> LogLine.all(commands));
  }

  /// `kill -9`.
  public String kill() {
    String proof = Processes.kill(process.pid());
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return proof;
  }

  /// Starts it again with what its file holds.
  public void restart() {
    if (process.isAlive()) {
      throw new IllegalStateException("Redis still runs");
    }
    process = launch();
    awaitReady();
  }

  /// Stops it in its tracks: connections stay open, nothing is answered.
  public String pause() {
    return Processes.pause(process.pid());
  }

  public String resume() {
    return Processes.resume(process.pid());
  }

  /// Lets it take no more writes, or as many as it likes.
  public String full(boolean full) {
    return run(commands -> {
      commands.configSet("maxmemory", full ? "1" : "0");
      return "maxmemory is " + commands.configGet("maxmemory");
    });
  }

  /// Empties it.
  public String wipe() {
    return run(commands -> {
      long before = commands.dbsize();
      return commands.flushall() + ", had " + before + " keys";
    });
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      Processes.signal("-CONT", process.pid());
    }
    client.shutdown(0, 1, TimeUnit.SECONDS);
    process.destroyForcibly();
  }
}
