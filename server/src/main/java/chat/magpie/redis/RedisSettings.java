package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The settings file of the embedded Redis, which is also how a later start finds it again.
record RedisSettings(int port, Secret password) {
  static final String FILE = "redis.conf";
  static final String LOG = "redis.log";
  static final String PID = "redis.pid";

  private static final SecureRandom RANDOM = new SecureRandom();

  /// A free port and a new password.
  static RedisSettings generate() throws IOException {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new RedisSettings(free.getLocalPort(), new Secret(HexFormat.of().formatHex(bytes)));
    }
  }

  Secret url() {
    return new Secret("redis://:" + password.reveal() + "@127.0.0.1:" + port);
  }

  /// What the last start wrote; empty where there was none or it is not readable.
  static Optional<RedisSettings> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    Optional<String> port = value(lines, "port");
    Optional<String> password = value(lines, "requirepass");
    return port.isPresent() && password.isPresent() && port.get().matches("[0-9]{1,5}")
        ? Optional.of(new RedisSettings(Integer.parseInt(port.get()), new Secret(password.get())))
        : Optional.empty();
  }

  void write(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(PID));
    Path part = Files.createTempFile(folder, FILE, ".part"); // mode 600
    Files.writeString(part, text(folder), StandardCharsets.UTF_8);
    Files.move(
        part,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private String text(Path folder) {
    return """
    # Written at every start.
    bind 127.0.0.1
    port %d
    requirepass %s
    dir "%s"
    pidfile "%s"
    appendonly yes
    appendfsync everysec
    aof-load-truncated yes
    save ""
    maxmemory-policy noeviction
    """
        .formatted(port, password.reveal(), folder, folder.resolve(PID));
  }

  /// The process id that Redis itself wrote once it listened.
  static Optional<Long> pid(Path folder) {
    try {
      return Optional.of(Long.parseLong(Files.readString(folder.resolve(PID)).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// The end of the log, in one line.
  static String lastWords(Path folder) throws IOException {
    List<String> lines =
        Files.readAllLines(folder.resolve(LOG), StandardCharsets.ISO_8859_1).stream()
            .filter(line -> !line.isBlank())
            .toList();
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  /// Moves the files that Redis cannot read out of its way.
  static Path setAside(Path folder) throws IOException {
    Path aside = Files.createTempDirectory(folder, "unreadable-");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith("appendonly") || name.equals("dump.rdb")) {
          Files.move(file, aside.resolve(name));
        }
      }
    }
    return aside;
  }

  static Path privateFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    return folder;
  }

  private static Optional<String> value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }
}
