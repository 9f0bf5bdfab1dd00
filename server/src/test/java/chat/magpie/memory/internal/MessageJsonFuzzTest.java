package chat.magpie.memory.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.memory.MemoryMessage;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What other programs may have left in the list of a short-term memory.
class MessageJsonFuzzTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
  private static final int LIMIT = 3;
  private static final int MAX_TOKENS = 40;

  private final MessageJson json = new MessageJson(() -> NOW);
  private final ContextWindow window = new ContextWindow(new RoughTokens());

  /// An entry, one on each line, is skipped or becomes a message that is read again as it is
  /// written. What is picked of them keeps to the limits, in order.
  @FuzzTest
  void entries(byte[] data) {
    List<MemoryMessage> messages = new ArrayList<>();
    for (String entry : new String(data, UTF_8).split("\n", 50)) {
      json.read(entry)
          .ifPresent(message -> {
            assertThat(message.role()).isIn("user", "assistant", "system");
            assertThat(message.tokenCount()).isNotNegative();
            String written = json.write(message);
            MemoryMessage again = json.read(written).orElseThrow();
            assertThat(json.write(again)).isEqualTo(written);
            assertThat(again.content()).isEqualTo(message.content());
            assertThat(again.timestamp()).isEqualTo(message.timestamp());
            messages.add(message);
          });
    }
    List<MemoryMessage> picked = window.pick(messages, LIMIT, MAX_TOKENS);
    assertThat(picked).hasSizeLessThanOrEqualTo(LIMIT);
    long cost =
        picked.stream()
            .mapToLong(
                m -> m.tokenCount() > 0 ? m.tokenCount() : new RoughTokens().count(m.content()))
            .sum();
    assertThat(cost).isLessThanOrEqualTo(MAX_TOKENS);
    if (!messages.isEmpty()) {
      assertThat(picked).isNotEmpty();
      assertThat(picked.getLast().msgId()).isEqualTo(messages.getFirst().msgId());
    }
  }
}
