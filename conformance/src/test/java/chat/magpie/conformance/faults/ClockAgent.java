package chat.magpie.conformance.faults;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts the time of day of the JVM it is loaded into (`-javaagent:<jar>=<file>`) wrong by the
/// milliseconds that the file says, at once and whenever the file changes.
///
/// Whatever class asks for the time of day, the JDK's own included, is made to ask here: every
/// reference to `System.currentTimeMillis` and to what `java.time` is built on. The monotonic clock
/// (`System.nanoTime`), native code and the times of files stay right. The agent's jar has to be on
/// the boot class path, where the JDK's classes find it.
public final class ClockAgent {
  private static final String SELF = ClockAgent.class.getName().replace('.', '/');
  private static final long POLL_MILLIS = 20;

  private static volatile long shiftMillis;

  private ClockAgent() {}

  /// Called by the JVM before the server's main method.
  public static void premain(String file, Instrumentation instrumentation)
      throws IOException, UnmodifiableClassException {
    Path shift = Path.of(file);
    shiftMillis = read(shift);
    instrumentation.addTransformer(new Redirecting(), true);
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (instrumentation.isModifiableClass(loaded) && asksForTheTime(loaded)) {
        instrumentation.retransformClasses(loaded);
      }
    }
    Thread.ofPlatform().daemon().name("clock").start(() -> follow(shift));
  }

  private static boolean asksForTheTime(Class<?> loaded) throws IOException {
    String entry = loaded.getName().replace('.', '/') + ".class";
    try (InputStream in = ClassLoader.getSystemResourceAsStream(entry)) {
      return in != null && Redirecting.concerns(in.readAllBytes());
    }
  }

  private static void follow(Path file) {
    try {
      while (true) {
        Thread.sleep(POLL_MILLIS);
        shiftMillis = read(file);
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("CLOCK FAILED " + e);
    }
  }

  private static long read(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /// In the place of [System#currentTimeMillis].
  public static long currentTimeMillis() {
    return System.currentTimeMillis() + shiftMillis;
  }

  /// In the place of what [java.time.Clock] asks the JVM: the nanoseconds since a second of the
  /// epoch, here as whole milliseconds.
  public static long getNanoTimeAdjustment(long epochSecond) {
    return (currentTimeMillis() - epochSecond * 1_000) * 1_000_000;
  }

  /// Changes nothing of a class but the table of what it refers to.
  private static final class Redirecting implements ClassFileTransformer {
    private static final Map<String, String> CLOCKS =
        Map.of(
            "currentTimeMillis",
            "java/lang/System",
            "getNanoTimeAdjustment",
            "jdk/internal/misc/VM");

    private static final int FIRST_ENTRY = 10;

    static boolean concerns(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      return CLOCKS.keySet().stream().anyMatch(text::contains);
    }

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String className,
        @Nullable Class<?> classBeingRedefined,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (className == null
          || className.startsWith(SELF)
          || CLOCKS.containsValue(className)
          || !concerns(bytes)) {
        return null;
      }
      try {
        return redirected(bytes);
      } catch (RuntimeException e) {
        System.err.println("CLOCK FAILED " + className + ": " + e);
        return null;
      }
    }

    /// The class with its references to the clocks made references to the methods of the same name
    /// here, by an entry for this class at the end of the table.
    private static byte @Nullable [] redirected(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes.clone());
      int entries = Short.toUnsignedInt(in.getShort(FIRST_ENTRY - 2));
      Map<Integer, String> texts = new HashMap<>();
      int[] at = new int[entries];
      int place = FIRST_ENTRY;
      for (int i = 1; i < entries; i++) {
        at[i] = place;
        int tag = in.get(place);
        if (tag == 1) {
          int length = Short.toUnsignedInt(in.getShort(place + 1));
          texts.put(i, new String(bytes, place + 3, length, StandardCharsets.ISO_8859_1));
        }
        place += size(tag, in, place);
        if (tag == 5 || tag == 6) {
          i++;
        }
      }
      boolean found = false;
      for (int method : at) {
        if (method == 0 || in.get(method) != 10) {
          continue;
        }
        int owner = at[Short.toUnsignedInt(in.getShort(method + 1))];
        int nameAndType = at[Short.toUnsignedInt(in.getShort(method + 3))];
        String name = texts.get(Short.toUnsignedInt(in.getShort(nameAndType + 1)));
        String ownerName = texts.get(Short.toUnsignedInt(in.getShort(owner + 1)));
        if (ownerName != null && ownerName.equals(CLOCKS.get(name))) {
          in.putShort(method + 1, (short) (entries + 1));
          found = true;
        }
      }
      return found ? withSelf(in.array(), entries, place) : null;
    }

    private static byte[] withSelf(byte[] bytes, int entries, int end) {
      ByteArrayOutputStream changed = new ByteArrayOutputStream(bytes.length + SELF.length() + 6);
      try (DataOutputStream out = new DataOutputStream(changed)) {
        out.write(bytes, 0, FIRST_ENTRY - 2);
        out.writeShort(entries + 2);
        out.write(bytes, FIRST_ENTRY, end - FIRST_ENTRY);
        out.writeByte(1);
        out.writeUTF(SELF);
        out.writeByte(7);
        out.writeShort(entries);
        out.write(bytes, end, bytes.length - end);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return changed.toByteArray();
    }

    private static int size(int tag, ByteBuffer in, int place) {
      return switch (tag) {
        case 1 -> 3 + Short.toUnsignedInt(in.getShort(place + 1));
        case 3, 4, 9, 10, 11, 12, 17, 18 -> 5;
        case 5, 6 -> 9;
        case 7, 8, 16, 19, 20 -> 3;
        case 15 -> 4;
        default -> throw new IllegalArgumentException("no constant: " + tag);
      };
    }
  }
}
