package chat.magpie.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Ends an embedded Redis whose owner was killed and has not been started again for a minute: a
/// small shell loop beside it that outlives us both.
final class OrphanWatch {
  private static final String OWNER = "owner.pid";
  private static final String WATCH = "watch.pid";
  private static final String NAME = "magpie-redis-watch";

  /// $1 is the folder, $2 the process id of Redis.
  private static final String LOOP =
      """
      trap '' INT HUP
      cd /
      alone=0
      while sleep 5 && kill -0 "$2"; do
        if kill -0 "$(cat "$1/owner.pid")"; then alone=0; else alone=$((alone + 1)); fi
        if [ $alone -ge 12 ]; then kill "$2"; fi
      done
      """;

  private OrphanWatch() {}

  /// Notes that Redis in this folder belongs to this process from now on.
  static void own(Path folder) throws IOException {
    Files.writeString(folder.resolve(OWNER), Long.toString(ProcessHandle.current().pid()));
  }

  /// Starts the loop, unless one is at it already. Without a shell there is none.
  static void keep(Path folder, ProcessHandle redis) throws IOException {
    if (watched(folder, redis)) {
      return;
    }
    List<String> command = new ArrayList<>();
    RedisBinary.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    Optional<Path> shell = RedisBinary.onPath("sh");
    if (shell.isEmpty()) {
      return;
    }
    command.addAll(
        List.of(
            shell.get().toString(),
            "-c",
            LOOP,
            NAME,
            folder.toString(),
            Long.toString(redis.pid())));
    Process loop =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    // Written here and not by the loop: it may come to run only after this Redis has been closed,
    // and the folder is not its to write to then.
    Files.writeString(folder.resolve(WATCH), Long.toString(loop.pid()));
  }

  private static boolean watched(Path folder, ProcessHandle redis) throws IOException {
    Path file = folder.resolve(WATCH);
    if (!Files.exists(file)) {
      return false;
    }
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
          .flatMap(process -> process.info().arguments())
          .map(List::of)
          .map(words -> words.contains(NAME) && words.contains(Long.toString(redis.pid())))
          .orElse(false);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
