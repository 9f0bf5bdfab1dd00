package chat.magpie.memory.internal;

import chat.magpie.llm.Tokens;
import chat.magpie.memory.MemoryMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Picks the messages that a reader gets: from the newest back until the tokens are used up.
final class ContextWindow {
  private final Tokens tokens;

  ContextWindow(Tokens tokens) {
    this.tokens = tokens;
  }

  /// The newest of `newestFirst` that fit into `limit` messages and `maxTokens`, oldest first. A
  /// message counts what it says it counts; one that says nothing is counted. The newest alone over
  /// the budget is shortened.
  List<MemoryMessage> pick(List<MemoryMessage> newestFirst, int limit, int maxTokens) {
    List<MemoryMessage> picked = new ArrayList<>(Math.clamp(newestFirst.size(), 0, 128));
    long used = 0;
    for (MemoryMessage message : newestFirst) {
      if (picked.size() >= limit || maxTokens <= 0) {
        break;
      }
      int cost = message.tokenCount() > 0 ? message.tokenCount() : tokens.count(message.content());
      if (used + cost > maxTokens) {
        if (picked.isEmpty()) {
          picked.add(shortened(message, maxTokens));
        }
        break;
      }
      used += cost;
      picked.add(message);
    }
    Collections.reverse(picked);
    return Collections.unmodifiableList(picked);
  }

  private MemoryMessage shortened(MemoryMessage message, int maxTokens) {
    String content = tokens.truncate(message.content(), maxTokens);
    return new MemoryMessage(
        message.msgId(),
        message.role(),
        content,
        message.timestamp(),
        Math.min(maxTokens, tokens.count(content)),
        message.metadata());
  }
}
