package chat.magpie.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Signals to processes by their id, and what shows that they took effect.
public final class Processes {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Processes() {}

  /// `kill -STOP`: returns once the process stands still, with its state as proof.
  public static String pause(long pid) {
    signal("-STOP", pid);
    return awaitState(pid, true);
  }

  /// `kill -CONT`: returns once the process runs.
  public static String resume(long pid) {
    signal("-CONT", pid);
    return awaitState(pid, false);
  }

  /// `kill -9`: returns once the process is gone.
  public static String kill(long pid) {
    signal("-KILL", pid);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (state(pid).filter(state -> state != 'Z').isPresent()) {
      check(deadline, pid + " does not die");
    }
    return pid + " is gone";
  }

  /// Sends any signal.
  public static void signal(String signal, long pid) {
    try {
      Process kill = new ProcessBuilder("kill", signal, Long.toString(pid)).inheritIO().start();
      if (!kill.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("kill " + signal + " " + pid + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String awaitState(long pid, boolean stopped) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      char state =
          state(pid).orElseThrow(() -> new IllegalStateException("process " + pid + " is gone"));
      if ((state == 'T') == stopped) {
        return pid + " is in state " + state;
      }
      check(deadline, pid + " stays in state " + state);
    }
  }

  private static void check(long deadline, String otherwise) {
    if (System.nanoTime() > deadline) {
      throw new IllegalStateException(otherwise);
    }
    Thread.onSpinWait();
  }

  private static Optional<Character> state(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return Optional.of(stat.charAt(stat.lastIndexOf(')') + 2));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
