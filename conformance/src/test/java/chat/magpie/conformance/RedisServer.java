package chat.magpie.conformance;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// One `redis-server` process of a [SentinelSet] or a [RedisCluster], which can be killed, paused
/// and started again on its port.
public final class RedisServer implements AutoCloseable {
  private static final RedisClient CLIENT = RedisClient.create();

  private final int port = freePort();
  private final Path folder;
  private Process process;

  private RedisServer(List<String> options) {
    try {
      folder = Files.createTempDirectory("magpie-redis-server-");
      process = launch(options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A data server.
  ///
  /// @param options as on the command line, such as `--cluster-enabled yes`
  public static RedisServer data(String... options) {
    return new RedisServer(List.of(options));
  }

  /// A Sentinel.
  ///
  /// @param settings lines of its file
  public static RedisServer sentinel(String... settings) {
    try {
      Path file = Files.createTempFile("magpie-sentinel-", ".conf");
      Files.write(file, List.of(settings));
      return new RedisServer(List.of(file.toString(), "--sentinel"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process launch(List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(RedisProcess.program()));
    boolean sentinel = options.contains("--sentinel");
    if (sentinel) {
      command.addAll(options);
    }
    command.addAll(List.of("--port", Integer.toString(port), "--dir", folder.toString()));
    command.addAll(List.of("--bind", "127.0.0.1"));
    if (!sentinel) {
      command.addAll(List.of("--save", "", "--repl-diskless-sync-delay", "0"));
      command.addAll(options);
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("redis.log").toFile())
        .start();
  }

  /// A port that is free together with the one that a Cluster adds to it.
  private static int freePort() {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int port = RandomGenerator.getDefault().nextInt(12_000, 21_000);
      if (free(port) && free(port + 10_000)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port");
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean runs() {
    return process.isAlive();
  }

  /// Ends it at once, with `SIGKILL`.
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /// Stops it in its tracks: connections stay open, nothing is answered.
  public void pause() {
    RedisProcess.signal(process, "-STOP");
  }

  public void resume() {
    RedisProcess.signal(process, "-CONT");
  }

  /// Starts it again after [#kill].
  public void restart(String... options) {
    try {
      process = launch(List.of(options));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The result of plain commands on a connection of their own.
  public <T> T on(Function<RedisCommands<String, String>, T> commands) {
    RedisURI uri = RedisURI.create("127.0.0.1", port);
    uri.setTimeout(Duration.ofSeconds(2));
    try (var connection = CLIENT.connect(uri)) {
      return commands.apply(connection.sync());
    }
  }

  /// Whether it answers and its `INFO` of the section has all these texts.
  public boolean says(String section, String... expected) {
    try {
      String info = on(redis -> redis.info(section));
      return Stream.of(expected).allMatch(info::contains);
    } catch (RedisException notYet) {
      return false;
    }
  }

  public boolean master() {
    return runs() && says("replication", "role:master");
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
