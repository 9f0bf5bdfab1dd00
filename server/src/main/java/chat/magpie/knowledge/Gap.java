package chat.magpie.knowledge;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A question that was asked and not answered.
///
/// @param question as it was asked first
/// @param asked how often
/// @param documentId the FAQ entry that has been made of it, where one has
/// @param examples where it was asked, the newest first
public record Gap(
    String id,
    String question,
    long asked,
    Instant firstAt,
    Instant lastAt,
    Optional<String> documentId,
    List<Example> examples) {
  public Gap {
    examples = List.copyOf(examples);
  }

  /// A message that asked it.
  public record Example(String conversationId, String messageId, Instant at) {}
}
