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
import java.util.Base64;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jose4j.keys.HmacKey;
import org.jspecify.annotations.Nullable;

/// Signing keys as files `<kid>.key` in one folder, each at least 256 bits in Base64. To rotate,
/// add a file; to make all tokens of a key worthless, remove its file and restart.
final class KeyFolder implements SigningKeys {
  static final int BYTES = 32;
  private static final String SUFFIX = ".key";

  private final Path folder;

  /// Makes the folder if need be.
  KeyFolder(Path folder) {
    this.folder = folder;
    try {
      createPrivateFolder(folder);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  @Override
  public NavigableMap<String, HmacKey> load() {
    NavigableMap<String, HmacKey> found = read();
    if (!found.isEmpty()) {
      return found;
    }
    try {
      generate();
    } catch (IOException e) {
      throw unusable(e);
    }
    return read();
  }

  /// The keys that are there, possibly none.
  NavigableMap<String, HmacKey> read() {
    NavigableMap<String, HmacKey> found = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
          String text = Files.readString(file, StandardCharsets.ISO_8859_1);
          found.put(name.substring(0, name.length() - SUFFIX.length()), key(text, file.toString()));
        }
      }
    } catch (IOException e) {
      throw unusable(e);
    }
    return found;
  }

  /// The key that is written there.
  static HmacKey key(String text, String where) {
    byte[] key;
    try {
      key = Base64.getUrlDecoder().decode(text.strip().replace('+', '-').replace('/', '_'));
    } catch (IllegalArgumentException e) {
      throw unusable("the signing key is not Base64: " + where, e);
    }
    if (key.length < BYTES) {
      throw unusable("the signing key is shorter than 256 bits: " + where, null);
    }
    return new HmacKey(key);
  }

  private MagpieException unusable(IOException cause) {
    return unusable("the key folder cannot be used: " + folder, cause);
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
