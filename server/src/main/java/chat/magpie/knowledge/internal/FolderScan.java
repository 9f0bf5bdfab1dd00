package chat.magpie.knowledge.internal;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;

/// Looks through the knowledge folder: files of every [Format] in it and its sub-folders, nothing
/// hidden, nothing that a symbolic link reaches outside of it.
final class FolderScan {
  private final Path folder;

  FolderScan(Path folder) {
    this.folder = folder;
  }

  /// What is at a path.
  sealed interface Entry {
    /// A file that can be read.
    ///
    /// @param path where it really is
    record File(Path path, FileTime changed, long size) implements Entry {}

    /// A file that must not or cannot be read.
    record Closed(String reason) implements Entry {}
  }

  /// All entries by their path below the folder, `/` between the names.
  Map<String, Entry> run() throws IOException {
    Map<String, Entry> entries = new TreeMap<>();
    Path root;
    try {
      root = folder.toRealPath();
    } catch (NoSuchFileException e) {
      return entries;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return !directory.equals(root) && hidden(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!hidden(file)) {
              visit(root, file, attributes, entries);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            if (!hidden(file) && !(e instanceof NoSuchFileException)) {
              entries.put(name(root, file), new Entry.Closed("cannot be read"));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return entries;
  }

  private static void visit(
      Path root, Path file, BasicFileAttributes attributes, Map<String, Entry> entries) {
    String name = name(root, file);
    try {
      Path real = file;
      BasicFileAttributes actual = attributes;
      if (attributes.isSymbolicLink()) {
        real = file.toRealPath();
        actual = Files.readAttributes(real, BasicFileAttributes.class);
        if (!real.startsWith(root)) {
          entries.put(name, new Entry.Closed("a link that leaves the folder"));
          return;
        }
      }
      if (actual.isDirectory() || !readable(name)) {
        return;
      }
      entries.put(
          name,
          actual.isRegularFile()
              ? new Entry.File(real, actual.lastModifiedTime(), actual.size())
              : new Entry.Closed("not a regular file"));
    } catch (IOException e) {
      entries.put(name, new Entry.Closed("cannot be read"));
    }
  }

  private static boolean readable(String name) {
    return Format.named(name).isPresent();
  }

  private static boolean hidden(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(".");
  }

  private static String name(Path root, Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }
}
