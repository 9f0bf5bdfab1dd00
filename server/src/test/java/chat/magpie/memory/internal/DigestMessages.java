package chat.magpie.memory.internal;

import chat.magpie.conversation.Message;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The messages of one conversation, in memory; counts how often they are read.
final class DigestMessages implements StoredMessages {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final String[] SMALL_TALK = {
    "ok",
    "Thanks a lot!",
    "好的，谢谢",
    "How are you today?",
    "I am fine, and you?",
    "哈哈，真有意思",
    "Good morning",
    "晚安"
  };

  final ConcurrentSkipListMap<Long, Message> messages = new ConcurrentSkipListMap<>();
  final AtomicInteger reads = new AtomicInteger();

  /// What is said as message number `seq` of a long chat: small talk, and now and then something
  /// that matters.
  static String chat(long seq) {
    return switch ((int) seq) {
      case 11 -> "My cat is called Mochi and she is 4 years old.";
      case 33 -> "By the way, my phone number is +49 170 5550.";
      case 57 -> "我对海鲜过敏，吃了虾会起疹子。";
      default -> SMALL_TALK[(int) (seq % SMALL_TALK.length)] + (seq % 5 == 0 ? " " + seq : "");
    };
  }

  static Message message(long seq, String content) {
    return new Message(
        "m" + seq,
        "conv",
        seq,
        Optional.empty(),
        seq % 2 == 1 ? Message.Role.USER : Message.Role.ASSISTANT,
        "someone",
        content,
        Message.Status.COMPLETE,
        List.of(),
        content.length() / 4 + 1,
        START.plusSeconds(60 * seq));
  }

  DigestMessages say(long through) {
    for (long seq = messages.isEmpty() ? 1 : messages.lastKey() + 1; seq <= through; seq++) {
      messages.put(seq, message(seq, chat(seq)));
    }
    return this;
  }

  @Override
  public List<Message> before(String conversationId, long seq, int limit) {
    reads.incrementAndGet();
    return messages.headMap(seq).descendingMap().values().stream().limit(limit).toList().reversed();
  }

  @Override
  public List<Message> at(String conversationId, Collection<Long> seqs) {
    return messages.entrySet().stream()
        .filter(entry -> seqs.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }
}
