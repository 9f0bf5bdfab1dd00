package chat.magpie.knowledge.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Files that were handed in and are not documents yet, each under the id of its job. What a crash
/// has left is removed at the next start.
final class UploadFolder {
  private static final System.Logger LOG = System.getLogger(UploadFolder.class.getName());
  private final Path folder;
  private final long maxBytes;

  UploadFolder(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
  }

  /// A file as it came.
  record Saved(Path file, String hash, long bytes) {}

  Path of(String jobId) {
    return folder.resolve(jobId + ".upload");
  }

  /// Makes the folder where it is not there.
  void make() throws IOException {
    Files.createDirectories(folder);
  }

  /// Writes all of the body; of one that breaks off or is too large nothing stays.
  Saved save(String jobId, InputStream body) throws IOException {
    make();
    Path file = of(jobId);
    try {
      MessageDigest digest = DocumentRules.sha256();
      long bytes = 0;
      try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
        byte[] buffer = new byte[65_536];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
          bytes += read;
          if (bytes > maxBytes) {
            throw new MagpieException(
                ErrorCode.TOO_LARGE, "A document may have " + maxBytes + " bytes at most.");
          }
          out.write(buffer, 0, read);
        }
      }
      return new Saved(file, HexFormat.of().formatHex(digest.digest()), bytes);
    } catch (IOException | RuntimeException e) {
      delete(jobId);
      throw e;
    }
  }

  /// What a file that is there holds.
  Saved look(String jobId) throws IOException {
    MessageDigest digest = DocumentRules.sha256();
    try (InputStream in = Files.newInputStream(of(jobId))) {
      byte[] buffer = new byte[65_536];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return new Saved(of(jobId), HexFormat.of().formatHex(digest.digest()), Files.size(of(jobId)));
  }

  void delete(String jobId) {
    delete(of(jobId));
  }

  /// What lies there now.
  List<Path> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      files.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      LOG.log(System.Logger.Level.WARNING, "Left-over uploads stay: " + e);
    }
    return found;
  }

  /// Removes those of these files that no job needs.
  void clean(List<Path> files, Set<String> jobs) {
    Set<Path> needed = jobs.stream().map(this::of).collect(Collectors.toSet());
    files.stream().filter(file -> !needed.contains(file)).forEach(UploadFolder::delete);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The upload " + file + " stays: " + e);
    }
  }
}
