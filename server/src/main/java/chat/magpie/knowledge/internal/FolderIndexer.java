package chat.magpie.knowledge.internal;

import chat.magpie.identity.Principal;
import chat.magpie.knowledge.KnowledgeBase.Refused;
import chat.magpie.knowledge.internal.FolderScan.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jboss.logging.Logger;

/// Keeps the index equal to the folder: each [#run] indexes what is new or changed and removes what
/// is gone. A file counts as changed when its time or size differs; one that changed only just now
/// is read again next time, since it may still be written to within the same tick.
final class FolderIndexer {
  private static final Logger LOG = Logger.getLogger(FolderIndexer.class);
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /// So many files are indexed before searches see them, even if there are more to come.
  private static final int BATCH = 200;

  private final Path folder;
  private final long maxBytes;
  private final PassageIndex index;
  private final InstantSource clock;
  private final Optional<Extraction> extraction;
  private final Map<String, Known> known = new TreeMap<>();
  private final Map<String, String> refused = new ConcurrentSkipListMap<>();
  private volatile int documents;
  private String trouble = "";

  /// A path as it was last seen.
  ///
  /// @param version empty where the file is not in the index
  private record Known(Entry entry, String version, boolean settled) {}

  FolderIndexer(
      Path folder,
      long maxBytes,
      PassageIndex index,
      InstantSource clock,
      Optional<Extraction> extraction) {
    this.extraction = extraction;
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.index = index;
    this.clock = clock;
  }

  int documents() {
    return documents;
  }

  List<Refused> refused() {
    return refused.entrySet().stream().map(e -> new Refused(e.getKey(), e.getValue())).toList();
  }

  /// Whether anything changed.
  boolean run() {
    Map<String, Entry> found;
    try {
      found = new FolderScan(folder).run();
      trouble = "";
    } catch (IOException e) {
      if (!trouble.equals(e.toString())) {
        trouble = e.toString();
        LOG.warnf("Knowledge folder %s cannot be looked through: %s", folder, e);
      }
      return false;
    }
    boolean changed = false;
    for (String gone : known.keySet().stream().filter(path -> !found.containsKey(path)).toList()) {
      changed |= forget(gone);
    }
    int indexed = 0;
    for (Map.Entry<String, Entry> entry : found.entrySet()) {
      if (look(entry.getKey(), entry.getValue())) {
        changed = true;
        if (++indexed % BATCH == 0) {
          index.refresh();
        }
      }
    }
    documents = (int) known.values().stream().filter(k -> !k.version().isEmpty()).count();
    if (changed) {
      index.refresh();
    }
    return changed;
  }

  private boolean look(String path, Entry entry) {
    Known before = known.get(path);
    if (before != null && before.settled() && before.entry().equals(entry)) {
      return false;
    }
    return switch (entry) {
      case Entry.Closed closed -> refuse(path, entry, true, closed.reason());
      case Entry.File file -> read(path, file);
    };
  }

  private boolean read(String path, Entry.File file) {
    Instant now = clock.instant();
    boolean settled = file.changed().toInstant().plus(SETTLED).isBefore(now);
    if (file.size() > maxBytes) {
      return refuse(path, file, settled, tooLarge());
    }
    byte[] content;
    try (InputStream in = Files.newInputStream(file.path())) {
      content = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, maxBytes + 1));
    } catch (NoSuchFileException e) {
      return forget(path);
    } catch (IOException e) {
      return refuse(path, file, false, "cannot be read");
    }
    if (content.length > maxBytes) {
      return refuse(path, file, false, tooLarge());
    }
    String version = version(content);
    Known before = known.get(path);
    if (before != null && before.version().equals(version)) {
      known.put(path, new Known(file, version, settled));
      return false;
    }
    Format format = Format.named(path).orElse(Format.TEXT);
    return switch (format) {
      case MARKDOWN, TEXT ->
          switch (TextFile.guessed(content)) {
            case TextFile.Unusable unusable -> refuse(path, file, settled, unusable.reason());
            case TextFile.Text text ->
                put(path, file, settled, version, new Extracted("", text.text()), format);
          };
      case HTML, CSV, PDF, DOCX, XLSX -> extract(path, file, settled, version, format);
    };
  }

  private boolean extract(
      String path, Entry.File file, boolean settled, String version, Format format) {
    if (extraction.isEmpty()) {
      return refuse(path, file, settled, "cannot be read here");
    }
    Extracted extracted;
    try {
      extracted = extraction.get().of(file.path(), format, (done, total) -> done);
    } catch (Unreadable e) {
      return Files.exists(file.path()) ? refuse(path, file, settled, e.why()) : forget(path);
    }
    return put(path, file, settled, version, extracted, format);
  }

  private boolean put(
      String path,
      Entry.File file,
      boolean settled,
      String version,
      Extracted extracted,
      Format format) {
    try {
      index.put(
          new IndexedDocument(
              Principal.DEFAULT_TENANT,
              path,
              version,
              Set.of(),
              Extraction.split(extracted, name(path), format != Format.TEXT)));
    } catch (RuntimeException e) {
      LOG.warnf(e, "Knowledge file %s failed", path);
      return refuse(path, file, settled, "cannot be indexed");
    }
    known.put(path, new Known(file, version, settled));
    refused.remove(path);
    return true;
  }

  private boolean refuse(String path, Entry entry, boolean settled, String reason) {
    Known before = known.put(path, new Known(entry, "", settled));
    if (!reason.equals(refused.put(path, reason))) {
      LOG.warnf("Knowledge file %s is not indexed: %s", path, reason);
    }
    if (before != null && !before.version().isEmpty()) {
      index.remove(Principal.DEFAULT_TENANT, path);
      return true;
    }
    return false;
  }

  private boolean forget(String path) {
    Known before = known.remove(path);
    refused.remove(path);
    if (before != null && !before.version().isEmpty()) {
      index.remove(Principal.DEFAULT_TENANT, path);
      return true;
    }
    return false;
  }

  private String tooLarge() {
    return "larger than " + maxBytes + " bytes";
  }

  private static String name(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    return file.substring(0, file.lastIndexOf('.'));
  }

  /// The first 16 hex digits of the content's SHA-256.
  static String version(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String version(String content) {
    return version(content.getBytes(StandardCharsets.UTF_8));
  }
}
