package chat.magpie.knowledge;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// A document of the knowledge base that was uploaded, fetched or written, as it is now.
///
/// @param id unique within its tenant: letters, digits, `-` and `_`
/// @param faq whether it is one entry of an FAQ
/// @param language such as `zh`, where somebody said it
/// @param characterIds the characters that answer from it; all of them if empty
/// @param enabled whether answers come from it
/// @param current what it says now
/// @param versions how many it has had
/// @param createdBy who brought it in
public record Document(
    String id,
    boolean faq,
    String title,
    Optional<String> language,
    Set<String> characterIds,
    boolean enabled,
    Version current,
    long versions,
    String createdBy,
    Instant createdAt,
    Instant updatedAt) {
  public Document {
    characterIds = Set.copyOf(characterIds);
  }

  /// What a document said from some time on.
  ///
  /// @param number 1 for the first
  /// @param contentHash SHA-256 of what was handed in, in hex
  /// @param origin the name of the file, or the address it was fetched from
  /// @param format such as `pdf`
  /// @param bytes of what was handed in
  /// @param createdBy who brought it in
  public record Version(
      long number,
      String contentHash,
      Source source,
      String origin,
      String format,
      long bytes,
      String createdBy,
      Instant createdAt) {
    private static final int LABEL = 16;

    /// How citations name it: the beginning of its hash.
    public String label() {
      return contentHash.substring(0, Math.min(LABEL, contentHash.length()));
    }
  }

  /// Where a version comes from.
  public enum Source {
    UPLOAD,
    URL,
    FAQ
  }
}
