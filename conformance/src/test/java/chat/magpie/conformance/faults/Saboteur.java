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

/// Packs agents so that a server can be started with them.
final class Saboteur {
  private Saboteur() {}

  /// The environment of a server that breaks this promise.
  static Map<String, String> breaking(Sabotage sabotage) {
    return with(SabotageAgent.class, sabotage.name());
  }

  /// The environment of a server whose clock is wrong by the milliseconds in the file.
  static Map<String, String> clock(Path file) {
    return with(ClockAgent.class, file.toString());
  }

  private static Map<String, String> with(Class<?> agent, String argument) {
    return Map.of("JAVA_TOOL_OPTIONS", "-javaagent:" + pack(agent) + "=" + argument);
  }

  private static Path pack(Class<?> agent) {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(new Attributes.Name("Premain-Class"), agent.getName());
    attributes.put(new Attributes.Name("Can-Retransform-Classes"), "true");
    try {
      Path jar = Files.createTempFile("magpie-agent-", ".jar");
      // Where the classes of the JDK find it, too.
      attributes.put(new Attributes.Name("Boot-Class-Path"), jar.getFileName().toString());
      try (OutputStream file = Files.newOutputStream(jar);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (Class<?> type : classes(agent)) {
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

  private static List<Class<?>> classes(Class<?> agent) {
    return Stream.concat(Stream.of(agent), Stream.of(agent.getDeclaredClasses())).toList();
  }
}
