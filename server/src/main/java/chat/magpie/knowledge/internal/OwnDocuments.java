package chat.magpie.knowledge.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/// The product's own documentation, packed with it.
final class OwnDocuments {
  /// What the ids of these documents begin with.
  static final String PREFIX = "magpie:";

  private static final String ROOT = "own-docs/";
  private static final String FIRST = ROOT + "README.md";

  private OwnDocuments() {}

  /// The documents by path, such as `docs/protocol.md`; empty where they were not packed.
  static Map<String, String> read() throws IOException {
    URL first = OwnDocuments.class.getClassLoader().getResource(FIRST);
    if (first == null) {
      return Map.of();
    }
    try {
      return first.openConnection() instanceof JarURLConnection jar
          ? fromJar(jar)
          : fromFolder(Path.of(new URI(first.toString())));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("Cannot read the packed documentation at " + first, e);
    }
  }

  private static Map<String, String> fromJar(JarURLConnection connection) throws IOException {
    Map<String, String> documents = new TreeMap<>();
    connection.setUseCaches(false);
    String prefix =
        connection.getEntryName().substring(0, connection.getEntryName().length() - FIRST.length());
    try (JarFile jar = connection.getJarFile()) {
      for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
        if (entry.getName().startsWith(prefix + ROOT) && entry.getName().endsWith(".md")) {
          try (InputStream in = jar.getInputStream(entry)) {
            documents.put(
                entry.getName().substring(prefix.length() + ROOT.length()),
                new String(in.readAllBytes(), StandardCharsets.UTF_8));
          }
        }
      }
    }
    return documents;
  }

  private static Map<String, String> fromFolder(Path first) throws IOException {
    Map<String, String> documents = new TreeMap<>();
    Path root = first.resolveSibling(".").normalize();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = root.relativize(file).toString().replace('\\', '/');
        if (name.endsWith(".md")) {
          documents.put(name, Files.readString(file));
        }
      }
    }
    return documents;
  }
}
