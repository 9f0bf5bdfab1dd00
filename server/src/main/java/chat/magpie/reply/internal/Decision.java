package chat.magpie.reply.internal;

import chat.magpie.conversation.Citation;
import chat.magpie.llm.ModelRequest;
import chat.magpie.memory.ContextReceipt;
import java.util.List;

/// What is done about a message.
sealed interface Decision {
  /// What the answer will have been made of.
  ContextReceipt receipt();

  /// Ask a model.
  ///
  /// @param citable the passages that the prompt offers, in the order of their numbers
  /// @param handingOver what is said where the model asks for a human and says nothing else
  record Ask(
      ModelRequest request, List<Citation> citable, String handingOver, ContextReceipt receipt)
      implements Decision {}

  /// Quote the knowledge base.
  record Quote(String text, List<Citation> citations, ContextReceipt receipt) implements Decision {}

  /// Call a human, because there is no answer, and say so.
  ///
  /// @param text what is said where somebody is called
  /// @param otherwise what is done where nobody can be
  record HandOver(String text, Decline otherwise) implements Decision {
    @Override
    public ContextReceipt receipt() {
      return otherwise.receipt();
    }
  }

  /// Say that there is no answer, and what can be done about it.
  record Decline(String text, ContextReceipt receipt) implements Decision {}
}
