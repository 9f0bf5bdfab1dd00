package chat.magpie.conformance.page;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What the stand-in remembers of one user and one character.
final class StandInConversation {
  final String id = UUID.randomUUID().toString();
  final String userId;
  final String characterId;
  private final List<Map<String, Object>> messages = new ArrayList<>();

  StandInConversation(String userId, String characterId) {
    this.userId = userId;
    this.characterId = characterId;
  }

  synchronized int count() {
    return messages.size();
  }

  synchronized List<Map<String, Object>> before(int seq, int limit) {
    int end = Math.min(seq - 1, messages.size());
    return List.copyOf(messages.subList(Math.max(0, end - limit), end));
  }

  void ask(StandInReply reply, String text) {
    add("user", reply.turnId, reply.id, text, "complete", List.of());
  }

  String answer(StandInReply reply, String text, String status) {
    return add("assistant", reply.turnId, reply.id, text, status, reply.citations);
  }

  private synchronized String add(
      String role,
      String turnId,
      String replyId,
      String text,
      String status,
      List<Map<String, Object>> citations) {
    String messageId = UUID.randomUUID().toString();
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("id", messageId);
    message.put("seq", messages.size() + 1);
    message.put("role", role);
    message.put("content", text);
    message.put("status", status);
    message.put("citations", citations);
    message.put("turn_id", turnId);
    message.put("reply_id", replyId);
    message.put("created_at", Instant.now().toString());
    messages.add(message);
    return messageId;
  }
}
