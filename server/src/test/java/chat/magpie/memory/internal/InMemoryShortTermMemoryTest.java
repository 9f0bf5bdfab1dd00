package chat.magpie.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.ShortTermMemoryContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InMemoryShortTermMemoryTest extends ShortTermMemoryContract {
  private final AtomicReference<Instant> time =
      new AtomicReference<>(Instant.ofEpochSecond(1_700_000_000));
  private final InMemoryShortTermMemory memory =
      new InMemoryShortTermMemory(new RoughTokens(), time::get);

  @Override
  protected ShortTermMemory memory() {
    return memory;
  }

  @Override
  protected Instant now() {
    return time.get();
  }

  @Override
  protected ShortTermMemory silent() {
    InMemoryShortTermMemory silent = new InMemoryShortTermMemory(new RoughTokens(), time::get);
    silent.available(false);
    return silent;
  }

  @Override
  protected Duration messagesLast(MemoryKey key) {
    return memory.lasts(key);
  }

  @Override
  protected Duration notesLast(MemoryKey key) {
    return memory.lasts(key);
  }

  @Test
  void afterADayItIsGone() {
    memory.add(key(), List.of(user("你好", 2)));
    time.updateAndGet(instant -> instant.plus(Duration.ofHours(24)));
    assertThat(read(50, 100)).isEmpty();
    assertThat(memory.count(key())).isZero();
  }
}
