package chat.magpie.knowledge;

import chat.magpie.identity.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Brings documents in: files that are handed in, and what is at an address. What takes long is a
/// job, done by one node after the other request of its callers; a job whose node is gone is gone
/// on with by another one, or fails and says so where that node had the only copy.
///
/// All of it needs [chat.magpie.identity.Permission#MANAGE_KNOWLEDGE], else `FORBIDDEN`.
public interface Imports {
  /// Takes a file. Plain text is a document when this returns; other formats become one later.
  ///
  /// Throws `TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE` where neither name nor type say what it is,
  /// `INVALID_FIELD` where it cannot be read, and `OVERLOADED` where too many wait.
  ///
  /// @throws IOException where the body breaks off; nothing has happened then
  Taken upload(Principal caller, Order order, InputStream body) throws IOException;

  /// Fetches a document later. `INVALID_FIELD` for an address that is not one of the public web.
  ImportJob fetch(Principal caller, String url, Order order);

  ImportJob get(Principal caller, String jobId);

  /// The newest jobs, newest first.
  List<ImportJob> list(Principal caller, int limit);

  /// Hands each step of a job on any node to the listener, if the nodes reach each other.
  void listen(Consumer<ImportJob> listener);

  /// What a document shall be; what is empty stays as it is.
  ///
  /// @param documentId of a document that is there, or of a new one; a new one with an id of its
  ///   own if absent
  /// @param name of the file, with its extension
  /// @param mediaType where the name does not say it
  record Order(
      Optional<String> documentId,
      String name,
      Optional<String> mediaType,
      Optional<String> title,
      Optional<String> language,
      Optional<Set<String>> characterIds,
      Optional<Boolean> enabled) {}

  /// What became of a file.
  sealed interface Taken {
    /// It is a document.
    ///
    /// @param created it was none before
    record Stored(Document document, boolean created) implements Taken {}

    /// It will be one.
    record Queued(ImportJob job) implements Taken {}
  }
}
