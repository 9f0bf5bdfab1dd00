package chat.magpie.knowledge;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An answer to a question, as somebody writes it.
///
/// @param id letters, digits, `-` and `_`
/// @param language such as `en`
/// @param questions phrasings of the question, the best one first
/// @param characterIds the characters that give it; all of them if empty
public record FaqEntry(
    String id,
    Optional<String> language,
    List<String> questions,
    String answer,
    Set<String> characterIds) {
  public FaqEntry {
    questions = List.copyOf(questions);
    characterIds = Set.copyOf(characterIds);
  }
}
