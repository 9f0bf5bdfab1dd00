package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A Redis process of our own, on the loopback interface, with an append-only file in the data
/// folder. If this process is killed, Redis lives on for a minute; the next start within it takes
/// it over. Whoever calls this holds the lock of the data folder.
public final class EmbeddedRedis implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EmbeddedRedis.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final Duration BETWEEN_STARTS = Duration.ofSeconds(3);
  private static final int ATTEMPTS = 4;

  private final Path folder;
  private RedisSettings settings;
  private ProcessHandle process;
  private long startedAgain = System.nanoTime() - BETWEEN_STARTS.toNanos();
  private boolean closed;

  private EmbeddedRedis(Path folder, RedisSettings settings, ProcessHandle process) {
    this.folder = folder;
    this.settings = settings;
    this.process = process;
  }

  /// Takes over the Redis that runs in the folder, or starts one. [IllegalStateException] with the
  /// reason where neither succeeds.
  public static EmbeddedRedis start(Path folder) {
    try {
      Path real = RedisSettings.privateFolder(folder).toRealPath();
      OrphanWatch.own(real);
      Optional<RedisSettings> before = RedisSettings.read(real);
      Optional<ProcessHandle> survivor = before.flatMap(settings -> survivor(real, settings));
      if (before.isPresent() && survivor.isPresent()) {
        LOG.log(System.Logger.Level.INFO, "Took over the Redis that a killed process left");
        OrphanWatch.keep(real, survivor.get());
        return new EmbeddedRedis(real, before.get(), survivor.get());
      }
      for (int attempt = 1; ; attempt++) {
        RedisSettings settings = RedisSettings.generate();
        try {
          return new EmbeddedRedis(real, settings, launch(real, settings));
        } catch (PortTaken e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "The embedded Redis cannot be started: "
              + e.getMessage()
              + ". Install redis-server, or set REDIS_URL.",
          e);
    }
  }

  /// Where it listens. Starts it again if it has died, at most every few seconds.
  public synchronized RedisURI address() {
    if (!closed && !process.isAlive()) {
      startAgain();
    }
    return RedisURI.create(settings.url().reveal());
  }

  /// The address of the running Redis as it would stand in `REDIS_URL`.
  public synchronized Secret url() {
    return settings.url();
  }

  private void startAgain() {
    if (System.nanoTime() - startedAgain < BETWEEN_STARTS.toNanos()) {
      throw new RedisFailure("The embedded Redis does not start again", false, null);
    }
    startedAgain = System.nanoTime();
    LOG.log(System.Logger.Level.WARNING, "The embedded Redis has died; starting it again");
    try {
      settings = RedisSettings.generate();
      process = launch(folder, settings);
    } catch (IOException e) {
      throw new RedisFailure("The embedded Redis does not start again", false, e);
    }
  }

  /// The process id of the running Redis.
  public synchronized long pid() {
    return process.pid();
  }

  /// Ends Redis; what it was told is in its file.
  @Override
  public synchronized void close() {
    closed = true;
    try (RedisWire wire = new RedisWire(settings.port(), ANSWER)) {
      wire.call("AUTH", settings.password().reveal());
      wire.call("SHUTDOWN", "NOSAVE");
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "Redis closed the connection while it shut down", e);
    }
    end(process);
  }

  /// The process that runs in the folder with these settings. One that runs there and does not
  /// answer is ended: two must never write the same file.
  private static Optional<ProcessHandle> survivor(Path folder, RedisSettings settings) {
    try (RedisWire wire = new RedisWire(settings.port(), ANSWER)) {
      wire.call("AUTH", settings.password().reveal());
      if (wire.call("CONFIG", "GET", "dir").equals("dir\n" + folder + "\n")) {
        return pid(wire.call("INFO", "server")).flatMap(ProcessHandle::of);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "No Redis of ours answers", e);
    }
    RedisSettings.pid(folder).stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .filter(process -> runsIn(process, folder))
        .forEach(EmbeddedRedis::end);
    return Optional.empty();
  }

  private static Optional<Long> pid(String info) {
    return info.lines()
        .filter(line -> line.startsWith("process_id:"))
        .map(line -> Long.parseLong(line.substring("process_id:".length()).strip()))
        .findFirst();
  }

  /// A process id may belong to somebody else by now: what tells is its program and its folder.
  private static boolean runsIn(ProcessHandle process, Path folder) {
    String program = process.info().command().map(c -> Path.of(c).getFileName() + "").orElse("");
    if (!program.contains("redis") && !program.contains("valkey")) {
      return false;
    }
    try {
      return Path.of("/proc", Long.toString(process.pid()), "cwd").toRealPath().equals(folder);
    } catch (NoSuchFileException e) {
      return !Files.isDirectory(Path.of("/proc"));
    } catch (IOException e) {
      return false;
    }
  }

  private static ProcessHandle launch(Path folder, RedisSettings settings) throws IOException {
    Path program = RedisBinary.find(folder);
    settings.write(folder);
    Optional<ProcessHandle> started = tryLaunch(folder, program, settings);
    if (started.isPresent()) {
      return started.get();
    }
    String log = RedisSettings.lastWords(folder);
    if (log.contains("in use")) {
      throw new PortTaken(log);
    }
    if (log.contains("append only file") || log.contains("AOF") || log.contains("RDB")) {
      Path aside = RedisSettings.setAside(folder);
      LOG.log(
          System.Logger.Level.WARNING,
          "Redis cannot read what it had written; moved to {0}: {1}",
          aside,
          log);
      started = tryLaunch(folder, program, settings);
    }
    return started.orElseThrow(() -> new IOException(program + " ended with: " + log));
  }

  private static Optional<ProcessHandle> tryLaunch(
      Path folder, Path program, RedisSettings settings) throws IOException {
    Process started = process(folder, program).start();
    if (!answers(started, settings)) {
      return Optional.empty();
    }
    OrphanWatch.keep(folder, started.toHandle());
    return Optional.of(started.toHandle());
  }

  /// In a session of its own, so that Ctrl-C at the terminal does not end Redis before us.
  private static ProcessBuilder process(Path folder, Path program) {
    List<String> command = new ArrayList<>();
    RedisBinary.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    command.add(program.toString());
    command.add(folder.resolve(RedisSettings.FILE).toString());
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(RedisSettings.LOG).toFile());
  }

  /// Waits until it has read its file and answers, or has read for as long as we have patience;
  /// false where it ended instead.
  private static boolean answers(Process process, RedisSettings settings) throws IOException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    boolean reading = false;
    while (System.nanoTime() < until) {
      try (RedisWire wire = new RedisWire(settings.port(), ANSWER)) {
        wire.call("AUTH", settings.password().reveal());
        reading = true;
        wire.call("PING");
        return process.isAlive();
      } catch (IOException e) {
        if (ended(process)) {
          return false;
        }
      }
    }
    if (!reading) {
      process.destroyForcibly();
      throw new IOException("Redis did not answer within " + PATIENCE.toSeconds() + " s");
    }
    return true;
  }

  private static boolean ended(Process process) throws IOException {
    try {
      return process.waitFor(5, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void end(ProcessHandle process) {
    if (!gone(process)) {
      process.destroy();
      if (!gone(process)) {
        process.destroyForcibly();
        gone(process);
      }
    }
  }

  private static boolean gone(ProcessHandle process) {
    try {
      process.onExit().get(3, TimeUnit.SECONDS);
      return true;
    } catch (TimeoutException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Somebody else was faster to take the port that was free.
  private static final class PortTaken extends IOException {
    PortTaken(String message) {
      super(message);
    }
  }
}
