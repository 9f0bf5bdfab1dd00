package chat.magpie.conformance.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A reply of the stand-in: a log that the test writes and any number of readers follow.
final class StandInReply {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Event(String id, String type, String data) {}

  final String id = UUID.randomUUID().toString();
  final String turnId = UUID.randomUUID().toString();
  final String userId;
  final StandInConversation conversation;
  final List<Map<String, Object>> citations = new ArrayList<>();

  private final List<Event> events = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private boolean ended;
  private boolean stopWanted;

  StandInReply(String userId, StandInConversation conversation) {
    this.userId = userId;
    this.conversation = conversation;
  }

  StandInReply delta(String content) {
    text.append(content);
    return append("delta", Map.of("content", content));
  }

  StandInReply reasoning(String content) {
    return append("reasoning", Map.of("content", content));
  }

  StandInReply reset(String content) {
    text.setLength(0);
    text.append(content);
    return append("reset", Map.of("content", content));
  }

  void done() {
    end("done", false);
  }

  void degraded() {
    end("done", true);
  }

  void stopped() {
    end("stopped", false);
  }

  private void end(String status, boolean degraded) {
    String stored = status.equals("done") ? "complete" : status;
    String messageId = conversation.answer(this, text.toString(), stored);
    Map<String, Object> done = new LinkedHashMap<>();
    done.put("reply_id", id);
    done.put("message_id", messageId);
    done.put("status", status);
    done.put("usage", Map.of("input_tokens", 1234, "output_tokens", 56));
    done.put("degraded", degraded);
    synchronized (this) {
      ended = true;
      append("done", done);
    }
  }

  synchronized void fail(String code) {
    ended = true;
    append("error", Map.of("code", code, "message", "in English only", "retryable", true));
  }

  synchronized void wantStop() {
    stopWanted = true;
    notifyAll();
  }

  synchronized void awaitStop() throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!stopWanted) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new AssertionError("nobody asked to stop");
      }
      wait(left);
    }
  }

  synchronized boolean ended() {
    return ended;
  }

  /// How many events a reader that saw `lastId` has had; -1 where no event has that id.
  synchronized int indexAfter(String lastId) {
    for (int at = 0; at < events.size(); at++) {
      if (events.get(at).id().equals(lastId)) {
        return at + 1;
      }
    }
    return -1;
  }

  /// The events from `index` on, once there are any; empty after the last.
  synchronized List<Event> from(int index) throws InterruptedException {
    while (events.size() <= index && !ended) {
      wait(1_000);
    }
    return List.copyOf(events.subList(Math.min(index, events.size()), events.size()));
  }

  private synchronized StandInReply append(String type, Map<String, Object> data) {
    try {
      events.add(new Event(id + ":1-" + events.size(), type, JSON.writeValueAsString(data)));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
    notifyAll();
    return this;
  }
}
