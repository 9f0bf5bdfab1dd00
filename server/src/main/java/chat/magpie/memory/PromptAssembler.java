package chat.magpie.memory;

import chat.magpie.llm.Tokens;
import java.util.List;

/// Puts a prompt together under a token budget: system prompt and profile, knowledge, recalled
/// turns, a digest of what history leaves out, history with the newest last, then the new message.
/// What does not fit is dropped, of history the oldest first, and the receipt says so.
public interface PromptAssembler {
  /// Throws `CONTEXT_TOO_LONG` where [Compression#NONE] is configured and system prompt, history
  /// and message do not fit.
  ///
  /// @param tokens count as the model does that the prompt is for
  Prompt assemble(Ingredients ingredients, Tokens tokens);

  /// What may go into a prompt.
  ///
  /// @param characterId whose prompt it is
  /// @param systemPrompt the character's; always sent whole
  /// @param profile lines about the user; may be empty
  /// @param knowledge passages, best first
  /// @param recalled turns of long ago in any order; those that history holds are not taken twice
  /// @param earlier what can stand for the messages that history leaves out
  /// @param history messages, oldest first
  /// @param message the new message; sent whole where it fits the budget at all
  record Ingredients(
      String characterId,
      String systemPrompt,
      List<String> profile,
      List<Source> knowledge,
      List<Recalled> recalled,
      Earlier earlier,
      List<MemoryMessage> history,
      MemoryMessage message) {}

  /// A passage and where it is from.
  record Source(String id, String text) {}
}
