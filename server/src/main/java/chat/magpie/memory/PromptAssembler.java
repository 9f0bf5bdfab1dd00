package chat.magpie.memory;

import java.util.List;

/// Puts a prompt together under a token budget: system prompt and profile, knowledge, recalled
/// turns, history with the newest last, then the new message. What does not fit is dropped, of
/// history the oldest first, and the receipt says so.
public interface PromptAssembler {
  Prompt assemble(Ingredients ingredients);

  /// What may go into a prompt.
  ///
  /// @param characterId whose prompt it is
  /// @param systemPrompt the character's; always sent whole
  /// @param profile lines about the user; may be empty
  /// @param knowledge passages, best first
  /// @param recalled turns of long ago in any order; those that history holds are not taken twice
  /// @param history messages, oldest first
  /// @param message the new message; sent whole where it fits the budget at all
  record Ingredients(
      String characterId,
      String systemPrompt,
      List<String> profile,
      List<Source> knowledge,
      List<Recalled> recalled,
      List<MemoryMessage> history,
      MemoryMessage message) {}

  /// A passage and where it is from.
  record Source(String id, String text) {}
}
