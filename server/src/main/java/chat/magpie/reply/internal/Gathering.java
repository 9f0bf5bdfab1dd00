package chat.magpie.reply.internal;

import chat.magpie.character.Persona;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.Passage;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.ShortTermMemory.Window;
import chat.magpie.profile.Profiles;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Loads what an answer may rest on: memory, profile and knowledge, side by side. A source that
/// fails or is late is named as missing and does not hold up the rest.
final class Gathering {
  private static final Logger LOG = Logger.getLogger(Gathering.class);

  private static final String CONVERSATION = "conversation_id";
  private static final String SEQ = "seq";

  private final ShortTermMemory memory;
  private final MemoryConfig memoryConfig;
  private final Profiles profiles;
  private final KnowledgeBase knowledge;
  private final int passageLimit;
  private final Conversations conversations;
  private final Duration timeout;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Gathering(
      ShortTermMemory memory,
      MemoryConfig memoryConfig,
      Profiles profiles,
      KnowledgeBase knowledge,
      int passageLimit,
      Conversations conversations,
      Duration timeout) {
    this.memory = memory;
    this.memoryConfig = memoryConfig;
    this.profiles = profiles;
    this.knowledge = knowledge;
    this.passageLimit = passageLimit;
    this.conversations = conversations;
    this.timeout = timeout;
  }

  Gathered gather(ReplyRecord reply, Persona persona, Message question, boolean wantsPassages)
      throws InterruptedException {
    Deadline deadline = Deadline.after(timeout);
    Set<String> missing = new TreeSet<>();
    Future<List<String>> profile =
        threads.submit(() -> profiles.promptLines(reply.tenantId(), reply.userId()));
    Future<List<Passage>> passages =
        threads.submit(() ->
            wantsPassages
                ? knowledge.search(query(reply.tenantId(), persona, question.content()))
                : List.<Passage>of());
    List<MemoryMessage> history = history(reply, question, missing);
    return new Gathered(
        history,
        await("profile", profile, deadline, missing),
        await("knowledge", passages, deadline, missing),
        List.of(),
        missing);
  }

  /// Passages for a question that one character asks another; none where they cannot be had in
  /// time.
  List<Passage> passages(String tenantId, Persona asked, String question)
      throws InterruptedException {
    return await(
        "knowledge",
        threads.submit(() -> knowledge.search(query(tenantId, asked, question))),
        Deadline.after(timeout),
        new TreeSet<>());
  }

  private KnowledgeBase.Query query(String tenantId, Persona speaking, String question) {
    return new KnowledgeBase.Query(
        tenantId, Optional.of(speaking.id()), question, speaking.locale(), passageLimit);
  }

  /// Short-term memory, or the system of record where memory cannot be read. Turns that could not
  /// be remembered when they ended, or that memory has lost, are taken from there too, and
  /// remembered.
  private List<MemoryMessage> history(ReplyRecord reply, Message question, Set<String> missing) {
    MemoryKey key = key(reply);
    Window window =
        memory.messages(key, memoryConfig.maxContextMessages(), memoryConfig.maxContextTokens());
    return switch (window) {
      case Window.Read(List<MemoryMessage> messages) -> whole(key, messages, question);
      case Window.Unavailable() -> {
        missing.add("memory");
        if (!memoryConfig.degradation()) {
          throw new MagpieException(
              ErrorCode.STORAGE_UNAVAILABLE, "The memory does not answer; try again");
        }
        yield recorded(question).stream().map(Gathering::remembered).toList();
      }
    };
  }

  /// Whose memory a reply draws on and adds to.
  static MemoryKey key(ReplyRecord reply) {
    return new MemoryKey(
        reply.tenantId(),
        reply.userId(),
        reply.ownMemory() ? reply.conversationId() : reply.characterId());
  }

  private List<MemoryMessage> whole(MemoryKey key, List<MemoryMessage> window, Message question) {
    long newest =
        window.stream().mapToLong(m -> seqIn(question.conversationId(), m)).max().orElse(0);
    if (newest >= question.seq() - 1) {
      return window;
    }
    List<MemoryMessage> lost =
        recorded(question).stream()
            .filter(m -> m.seq() > newest)
            .map(Gathering::remembered)
            .toList();
    if (!lost.isEmpty() && !memory.add(key, lost)) {
      LOG.debug("What memory has lost cannot be given back yet");
    }
    return Stream.concat(window.stream(), lost.stream()).toList();
  }

  /// The message's number if it is of this conversation, else 0.
  private static long seqIn(String conversationId, MemoryMessage message) {
    Map<String, Object> metadata = message.metadata();
    return metadata != null
            && conversationId.equals(metadata.get(CONVERSATION))
            && metadata.get(SEQ) instanceof Number seq
        ? seq.longValue()
        : 0;
  }

  private List<Message> recorded(Message question) {
    try {
      return conversations
          .recent(question.conversationId(), question.seq(), memoryConfig.maxContextMessages())
          .stream()
          .filter(m -> m.createdAt().isAfter(question.createdAt().minus(memoryConfig.ttl())))
          .toList();
    } catch (MagpieException e) {
      LOG.warn("No history from the database either; going on without", e);
      return List.of();
    }
  }

  /// A stored message as short-term memory holds it; its place in the conversation tells later what
  /// is missing.
  static MemoryMessage remembered(Message message) {
    String role =
        switch (message.role()) {
          case USER, SYSTEM -> message.role().name().toLowerCase(Locale.ROOT);
          case ASSISTANT, HUMAN -> "assistant";
        };
    return new MemoryMessage(
        message.id(),
        role,
        message.content(),
        message.createdAt(),
        message.tokenCount(),
        Map.of(CONVERSATION, message.conversationId(), SEQ, message.seq()));
  }

  private static <T> List<T> await(
      String source, Future<List<T>> found, Deadline deadline, Set<String> missing)
      throws InterruptedException {
    try {
      return found.get(Math.max(0, deadline.nanosLeft()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      LOG.warnf(e.getCause(), "%s failed; the answer goes on without it", source);
    } catch (TimeoutException e) {
      LOG.warnf("%s is late; the answer goes on without it", source);
      found.cancel(true);
    }
    missing.add(source);
    return List.of();
  }
}
