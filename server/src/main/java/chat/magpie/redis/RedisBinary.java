package chat.magpie.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds a Redis program to run: one that is installed, or else the one that came with us.
final class RedisBinary {
  private static final List<String> NAMES = List.of("redis-server", "valkey-server");

  private RedisBinary() {}

  /// The path of the program; the one that came with us is unpacked into the folder.
  static Path find(Path folder) throws IOException {
    for (String name : NAMES) {
      Optional<Path> installed = onPath(name);
      if (installed.isPresent()) {
        return installed.get();
      }
    }
    return shipped(folder);
  }

  /// The program of this name on the PATH.
  static Optional<Path> onPath(String name) {
    @Nullable String path = System.getenv("PATH");
    if (path == null) {
      return Optional.empty();
    }
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(path)
        .filter(place -> !place.isEmpty())
        .map(place -> Path.of(place, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  private static Path shipped(Path folder) throws IOException {
    String resource = resource();
    Path program = folder.resolve(resource);
    if (Files.isExecutable(program)) {
      return program;
    }
    try (InputStream in = RedisBinary.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no Redis is shipped for this system");
      }
      Path part = Files.createTempFile(folder, "redis-server", ".part");
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwx------"));
      return Files.move(part, program, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static String resource() throws IOException {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "");
    boolean arm = processor.equals("aarch64") || processor.equals("arm64");
    if (system.contains("linux")) {
      return arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
    }
    if (system.contains("mac")) {
      return "redis-server-6.2.6-v5-darwin-" + (arm ? "arm64" : "amd64");
    }
    throw new IOException("no Redis is shipped for " + system);
  }
}
