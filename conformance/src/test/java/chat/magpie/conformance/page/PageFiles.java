package chat.magpie.conformance.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The files of the page as the packaged server holds them.
final class PageFiles implements AutoCloseable {
  private final FileSystem jar;

  PageFiles() {
    Path app = Path.of(System.getProperty("magpie.app", "../server/target/quarkus-app"));
    try {
      jar = FileSystems.newFileSystem(app.resolve("quarkus/generated-bytecode.jar"));
    } catch (IOException e) {
      throw new UncheckedIOException("The server is not packaged at " + app, e);
    }
  }

  Optional<byte[]> read(String path) throws IOException {
    Path file = jar.getPath("META-INF/resources" + (path.equals("/") ? "/index.html" : path));
    return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  static String mediaType(String path) {
    int dot = path.lastIndexOf('.');
    return switch (dot < 0 ? "" : path.substring(dot)) {
      case ".js" -> "text/javascript; charset=utf-8";
      case ".css" -> "text/css; charset=utf-8";
      case ".svg" -> "image/svg+xml";
      case ".map" -> "application/json";
      default -> "text/html; charset=utf-8";
    };
  }

  @Override
  public void close() {
    try {
      jar.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
