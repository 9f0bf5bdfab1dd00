package chat.magpie.knowledge;

import java.time.Instant;
import java.util.Optional;

/// A document on its way into the knowledge base.
///
/// @param documentId what it becomes
/// @param origin the name of the file, or the address
/// @param done how much of the stage is done, of [#total]; both 0 where it cannot be said
/// @param failure why it failed, for whoever handed it in
/// @param version the number of the version that it has become
public record ImportJob(
    String id,
    String tenantId,
    String documentId,
    Document.Source source,
    String origin,
    Status status,
    Stage stage,
    long done,
    long total,
    Optional<String> failure,
    Optional<Long> version,
    String createdBy,
    Instant createdAt,
    Instant updatedAt) {

  /// How far it is.
  public enum Status {
    WAITING,
    RUNNING,
    DONE,
    FAILED
  }

  /// What is being done.
  public enum Stage {
    FETCHING,
    READING,
    STORING
  }
}
