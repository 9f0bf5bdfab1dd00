package chat.magpie.conformance;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A plain Redis of the installed kind, which the test owns and can pause.
final class RedisProcess implements AutoCloseable {
  private final int port;
  private final Process process;
  private final RedisClient client;

  private RedisProcess(int port, Process process) {
    this.port = port;
    this.process = process;
    this.client = RedisClient.create("redis://127.0.0.1:" + port);
  }

  static RedisProcess start() {
    try {
      int port = freePort();
      Path folder = Files.createTempDirectory("magpie-plain-redis-");
      Process process =
          new ProcessBuilder(
                  program(),
                  "--port",
                  Integer.toString(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--dir",
                  folder.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("redis.log").toFile())
              .start();
      RedisProcess redis = new RedisProcess(port, process);
      await().atMost(Duration.ofSeconds(15)).until(redis::answers);
      return redis;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// The installed program.
  static String program() {
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

  private boolean answers() {
    try (var connection = client.connect()) {
      return connection.sync().ping().equals("PONG");
    } catch (RedisException notYet) {
      return false;
    }
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  /// Plain commands on a connection of its own.
  RedisCommands<String, String> commands() {
    return client.connect().sync();
  }

  /// Stops it in its tracks: connections stay open, nothing is answered.
  void pause() {
    signal(process, "-STOP");
  }

  void resume() {
    signal(process, "-CONT");
  }

  static void signal(Process process, String signal) {
    try {
      Process kill =
          new ProcessBuilder("kill", signal, Long.toString(process.pid())).inheritIO().start();
      if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("kill " + signal + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    resume();
    client.shutdown(0, 1, TimeUnit.SECONDS);
    process.destroyForcibly();
  }
}
