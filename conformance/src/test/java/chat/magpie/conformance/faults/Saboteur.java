package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.SabotageAgent.Sabotage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/// Packs [SabotageAgent] so that a server can be started with it.
final class Saboteur {
  private Saboteur() {}

  /// The environment of a server that breaks this promise.
  static Map<String, String> breaking(Sabotage sabotage) {
    return Map.of("JAVA_TOOL_OPTIONS", "-javaagent:" + pack() + "=" + sabotage);
  }

  private static Path pack() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(new Attributes.Name("Premain-Class"), SabotageAgent.class.getName());
    try {
      Path jar = Files.createTempFile("magpie-sabotage-", ".jar");
      try (OutputStream file = Files.newOutputStream(jar);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (Class<?> type : classes()) {
          String entry = type.getName().replace('.', '/') + ".class";
          out.putNextEntry(new JarEntry(entry));
          try (InputStream in =
              Objects.requireNonNull(type.getResourceAsStream("/" + entry), entry)) {
            in.transferTo(out);
          }
        }
      }
      return jar;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Class<?>> classes() {
    return Stream.concat(
            Stream.of(SabotageAgent.class), Stream.of(SabotageAgent.class.getDeclaredClasses()))
        .toList();
  }
}
