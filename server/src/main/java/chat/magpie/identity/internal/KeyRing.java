package chat.magpie.identity.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.Ids;
import chat.magpie.kernel.MagpieException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jose4j.keys.HmacKey;
import org.jspecify.annotations.Nullable;

/// The keys that sign access tokens: files `<kid>.key` in one folder, each at least 256 bits in
/// Base64.
///
/// Tokens of every key are accepted; the key whose id sorts last signs. Ids that are generated here
/// sort by creation. To rotate, add a file; to make all tokens of a key worthless, remove its file.
/// A key that appears later is found when its first token arrives; a removed one counts until the
/// next start. The first key is made here where the folder holds none.
final class KeyRing {
  private static final String SUFFIX = ".key";
  private static final int BYTES = 32;
  private static final long RESCAN_NANOS = Duration.ofSeconds(5).toNanos();

  private final Path folder;
  private final AtomicLong nextScan = new AtomicLong();
  private volatile NavigableMap<String, HmacKey> keys;

  /// Throws [MagpieException] where the folder cannot be used or a file in it is no key, and names
  /// it.
  KeyRing(Path folder) {
    this.folder = folder;
    try {
      createPrivateFolder(folder);
      NavigableMap<String, HmacKey> found = scan();
      if (found.isEmpty()) {
        generate();
        found = scan();
      }
      keys = found;
    } catch (IOException e) {
      throw unusable("the key folder cannot be used: " + folder, e);
    }
    nextScan.set(System.nanoTime() + RESCAN_NANOS);
  }

  /// The id of the key that signs.
  String signingId() {
    return keys.lastKey();
  }

  /// The key with this id.
  Optional<HmacKey> find(String id) {
    HmacKey key = keys.get(id);
    if (key == null && scanIsDue()) {
      try {
        NavigableMap<String, HmacKey> found = scan();
        found.putAll(keys);
        keys = found;
      } catch (IOException | MagpieException e) {
        System.getLogger(KeyRing.class.getName())
            .log(System.Logger.Level.WARNING, "the key folder cannot be read: " + folder, e);
      }
      key = keys.get(id);
    }
    return Optional.ofNullable(key);
  }

  private boolean scanIsDue() {
    long due = nextScan.get();
    long now = System.nanoTime();
    return now - due >= 0 && nextScan.compareAndSet(due, now + RESCAN_NANOS);
  }

  private NavigableMap<String, HmacKey> scan() throws IOException {
    NavigableMap<String, HmacKey> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
          found.put(name.substring(0, name.length() - SUFFIX.length()), read(file));
        }
      }
    }
    return found;
  }

  private static HmacKey read(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    byte[] key;
    try {
      key = Base64.getUrlDecoder().decode(text.replace('+', '-').replace('/', '_'));
    } catch (IllegalArgumentException e) {
      throw unusable("the signing key is not Base64: " + file, e);
    }
    if (key.length < BYTES) {
      throw unusable("the signing key is shorter than 256 bits: " + file, null);
    }
    return new HmacKey(key);
  }

  private static MagpieException unusable(String what, @Nullable Exception cause) {
    return new MagpieException(ErrorCode.INTERNAL, what, cause);
  }

  /// Writes a new key so that a crash leaves either nothing or the whole file.
  private void generate() throws IOException {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    String id = Ids.next();
    Path part = folder.resolve("." + id + ".part");
    byte[] text =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(key)
            .getBytes(StandardCharsets.US_ASCII);
    try (FileChannel file =
        FileChannel.open(
            part,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            permissions("rw-------"))) {
      ByteBuffer rest = ByteBuffer.wrap(text);
      while (rest.hasRemaining()) {
        file.write(rest);
      }
      file.force(true);
    }
    Files.move(part, folder.resolve(id + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void createPrivateFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectory(folder, permissions("rwx------"));
    }
  }

  /// Nothing on file systems that know no such permissions.
  private static FileAttribute<?>[] permissions(String text) {
    return java.nio.file.FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))
        }
        : new FileAttribute<?>[0];
  }
}
