package chat.magpie.reply.internal;

import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.character.Persona;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.memory.Digests;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.RememberedTurn;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profiles;
import chat.magpie.testing.Defaults;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<LongTermMemory.Question> asked = new ArrayList<>();
  private final CountDownLatch late = new CountDownLatch(1);

  @Test
  void whatWasSaidLongAgoIsGathered() throws InterruptedException {
    Gathered gathered =
        gathering(this::found, window("hello"))
            .gather(reply(), persona(), question(2), false, true);

    assertThat(gathered.missing()).isEmpty();
    assertThat(gathered.recalled().getFirst().text()).isEqualTo("I like plums");
    assertThat(gathered.recalled().getFirst().speaker()).isEqualTo("user");
    assertThat(asked.getFirst().before()).isEqualTo(NOW);
    assertThat(asked.getFirst().within().orElseThrow().seq()).isEqualTo(2);
  }

  @Test
  @Tag("D-18")
  void aDatabaseThatIsGoneLeavesTheAnswerWithoutRecallAndSaysSo() throws InterruptedException {
    Gathered gathered =
        gathering(
                _ -> {
                  throw new MagpieException(ErrorCode.STORAGE_UNAVAILABLE, "gone");
                },
                window("hello"))
            .gather(reply(), persona(), question(2), false, true);

    assertThat(gathered.missing()).containsExactly("recall");
    assertThat(gathered.recalled()).isEmpty();
    assertThat(gathered.history()).extracting(MemoryMessage::content).containsExactly("hello");
  }

  @Test
  void aRecallThatIsLateIsNotWaitedFor() throws InterruptedException {
    Gathered gathered =
        gathering(
                _ -> {
                  try {
                    late.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return LongTermMemory.Recall.NOTHING;
                },
                window("hello"),
                Duration.ofMillis(300))
            .gather(reply(), persona(), question(2), false, true);

    assertThat(gathered.missing()).contains("recall");
    late.countDown();
  }

  @Test
  void nothingIsRecalledWhereNoModelWouldReadIt() throws InterruptedException {
    Gathered gathered =
        gathering(this::found, window("hello"))
            .gather(reply(), persona(), question(2), false, false);

    assertThat(gathered.recalled()).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  @Tag("D-18")
  void itIsCountedWhereTheLastMessagesCameFrom() throws InterruptedException {
    gathering(this::found, window("hello")).gather(reply(), persona(), question(2), false, true);
    gathering(this::found, new ShortTermMemory.Window.Read(List.of()))
        .gather(reply(), persona(), question(2), false, true);
    Gathered without =
        gathering(this::found, new ShortTermMemory.Window.Unavailable())
            .gather(reply(), persona(), question(2), false, true);

    for (String result : List.of("hit", "rebuilt", "fallback")) {
      assertThat(registry.get("magpie.memory.window").tag("result", result).counter().count())
          .as(result)
          .isEqualTo(1);
    }
    assertThat(without.history()).extracting(MemoryMessage::content).containsExactly("stored");
    assertThat(without.missing()).containsExactly("memory");
  }

  private interface Recalling {
    LongTermMemory.Recall recall(LongTermMemory.Question question);
  }

  private LongTermMemory.Recall found(LongTermMemory.Question question) {
    asked.add(question);
    RememberedTurn turn =
        new RememberedTurn(
            "m1", "m1", "c0", 1, true, "", NOW.minusSeconds(60), "I like plums", 4, List.of());
    return new LongTermMemory.Recall(
        List.of(new LongTermMemory.Found(turn, 1, 1, 0, true)), false, 0);
  }

  private Gathering gathering(Recalling recalling, ShortTermMemory.Window window) {
    return gathering(recalling, window, Duration.ofSeconds(30));
  }

  private Gathering gathering(
      Recalling recalling, ShortTermMemory.Window window, Duration timeout) {
    return new Gathering(
        fake(
            ShortTermMemory.class,
            (method, _) -> method.getName().equals("messages") ? window : true),
        fake(Digests.class, (_, _) -> Earlier.NONE),
        8_000,
        fake(
            LongTermMemory.class,
            (_, arguments) -> recalling.recall((LongTermMemory.Question) arguments[1])),
        Defaults.of(MemoryConfig.class),
        fake(Profiles.class, (_, _) -> List.of()),
        fake(KnowledgeBase.class, (_, _) -> List.of()),
        3,
        fake(Conversations.class, (_, _) -> List.of(stored())),
        timeout,
        new ReplyMetrics(registry, new Admission(1, 1, 1)));
  }

  private static <T> T fake(Class<T> type, BiFunction<Method, Object[], @Nullable Object> answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> answer.apply(method, arguments)));
  }

  private static ShortTermMemory.Window window(String content) {
    return new ShortTermMemory.Window.Read(
        List.of(
            new MemoryMessage(
                "m2", "user", content, NOW, 1, Map.of("conversation_id", "c1", "seq", 1L))));
  }

  private static Message stored() {
    return message(1, "stored");
  }

  private static Message question(long seq) {
    return message(seq, "What do I like?");
  }

  private static Message message(long seq, String content) {
    return new Message(
        "q" + seq,
        "c1",
        seq,
        Optional.of("t1"),
        Message.Role.USER,
        "u1",
        content,
        Message.Status.COMPLETE,
        List.of(),
        1,
        NOW);
  }

  private static Persona persona() {
    return new Persona(
        "default",
        "mira",
        "Mira",
        "en",
        "",
        "",
        "p",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        false,
        List.of(),
        1,
        NOW,
        NOW);
  }

  private static ReplyRecord reply() {
    return new ReplyRecord(
        "r1",
        "t1",
        "default",
        "c1",
        "u1",
        "mira",
        "mira",
        false,
        ReplyRecord.Status.RUNNING,
        "node",
        1,
        1,
        1,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        null,
        null,
        NOW,
        Optional.of(NOW),
        Optional.empty());
  }
}
