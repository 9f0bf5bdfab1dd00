package chat.magpie.conformance.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A real server process of the packaged product, with a data folder of its own.
///
/// Where the packaged product lies is told by the system property `magpie.app`
/// (`server/target/quarkus-app`). The environment that the server gets holds nothing of the
/// caller's but what a process needs to run.
public final class MagpieProcess implements AutoCloseable {
  private static final Duration START_PATIENCE = Duration.ofMinutes(3);
  private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR");

  private final Path data;
  private final int port;
  private final Map<String, String> environment;
  private @Nullable Process process;

  private MagpieProcess(Path data, int port, Map<String, String> environment) {
    this.data = data;
    this.port = port;
    this.environment = environment;
  }

  /// Starts a server in a new data folder and waits until it is ready.
  ///
  /// @param environment what is set on top of address and data folder, such as `OPENAI_BASE_URL`
  public static MagpieProcess start(Map<String, String> environment) {
    try {
      return start(Files.createTempDirectory("magpie-test-"), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// As [#start(Map)], in a data folder that may have been used before.
  public static MagpieProcess start(Path data, Map<String, String> environment) {
    MagpieProcess server = new MagpieProcess(data, Ports.free(), new HashMap<>(environment));
    server.launch();
    server.awaitReady();
    return server;
  }

  /// Starts a server that is expected to refuse to start, waits for its end, and returns its exit
  /// code and what it said.
  public static Refusal startRefused(Path data, Map<String, String> environment) {
    MagpieProcess server = new MagpieProcess(data, Ports.free(), new HashMap<>(environment));
    server.launch();
    Process started = server.running();
    try {
      if (!started.waitFor(START_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        server.kill();
        throw new IllegalStateException(
            "The server started although it should not:\n" + server.output());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return new Refusal(started.exitValue(), server.output());
  }

  /// How a server refused to start.
  public record Refusal(int exitCode, String output) {}

  private void launch() {
    Path app = Path.of(System.getProperty("magpie.app", "server/target/quarkus-app"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Path jar = app.resolve("quarkus-run.jar").toAbsolutePath();
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx768m"));
    command.addAll(fastStart(jar));
    command.addAll(List.of("-jar", jar.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).directory(data.toFile());
    Map<String, String> inherited = new HashMap<>(builder.environment());
    builder.environment().clear();
    for (String name : INHERITED) {
      String value = inherited.get(name);
      if (value != null) {
        builder.environment().put(name, value);
      }
    }
    builder.environment().put("MAGPIE_SERVER_PORT", Integer.toString(port));
    builder.environment().put("MAGPIE_DATA", data.resolve("data").toString());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Most servers of a suite live for seconds, in which a start as `./magpie` makes it, with its
  /// cache, takes less than half of the processor time, and the second compiler never pays.
  private static List<String> fastStart(Path jar) {
    List<String> options = new ArrayList<>();
    Path cache = jar.resolveSibling("../magpie.aot").normalize();
    if (cache.toFile().lastModified() > jar.toFile().lastModified()) {
      options.addAll(List.of("-Xms24m", "-XX:NewSize=16m", "-XX:AOTCache=" + cache));
    }
    if (!Boolean.getBoolean("magpie.long")) {
      options.add("-XX:TieredStopAtLevel=1");
    }
    return options;
  }

  private void awaitReady() {
    HttpRequest probe =
        HttpRequest.newBuilder(uri("/health/readiness")).timeout(Duration.ofSeconds(2)).build();
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    String last = "nothing";
    // HTTP/1.1, so that no probe is spent on an upgrade.
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      while (System.nanoTime() < deadline) {
        if (!running().isAlive()) {
          throw new IllegalStateException("The server ended while it started:\n" + output());
        }
        try {
          HttpResponse<String> answer = client.send(probe, HttpResponse.BodyHandlers.ofString());
          if (answer.statusCode() == 200) {
            return;
          }
          last = answer.statusCode() + " " + answer.body();
        } catch (IOException notYet) {
          last = notYet.toString();
        }
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String output = output();
    kill();
    throw new IllegalStateException(
        "The server was not ready in time; the last probe gave " + last + "\n" + output);
  }

  /// Starts it anew after it was killed, with these set from now on.
  public void restartWith(Map<String, String> more) {
    environment.putAll(more);
    restart();
  }

  /// Starts it again in the same data folder, at the same address, and waits until it is ready.
  public void restart() {
    if (running().isAlive()) {
      throw new IllegalStateException("The server still runs");
    }
    launch();
    awaitReady();
  }

  /// Ends it as `kill -9` does and waits until it is gone.
  public void kill() {
    end(running().destroyForcibly());
  }

  /// Ends it as `kill` does and waits until it is gone.
  public void terminate() {
    running().destroy();
    end(running());
  }

  private static void end(Process process) {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("The server did not end within 30 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process running() {
    if (process == null) {
      throw new IllegalStateException("Not started");
    }
    return process;
  }

  /// Whether it has been started and not ended.
  public boolean runs() {
    return process != null && process.isAlive();
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public int port() {
    return port;
  }

  public long pid() {
    return running().pid();
  }

  /// The folder in which the server runs; its data folder is `data` in it.
  public Path folder() {
    return data;
  }

  private Path log() {
    return data.resolve("server.log");
  }

  /// What it has printed so far, over all its starts.
  public String output() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends it. Its data folder stays, for whoever looks into a failure.
  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      terminate();
    }
  }
}
