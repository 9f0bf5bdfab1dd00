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
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Compression;
import chat.magpie.memory.Digests;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.Recalled;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.memory.ShortTermMemory.Window;
import chat.magpie.profile.Profiles;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
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

/// Loads what an answer may rest on: memory of lately and of long ago, profile and knowledge, side
/// by side. A source that fails or is late is named as missing and does not hold up the rest.
final class Gathering {
  private static final Logger LOG = Logger.getLogger(Gathering.class);

  /// Messages that are read at once where all of a conversation is wanted.
  private static final int PAGE = 200;

  /// More turns than this say no more about a message.
  private static final int RECALLED = 100;

  private final ShortTermMemory memory;
  private final Digests digests;
  private final int promptTokens;
  private final LongTermMemory longTerm;
  private final MemoryConfig memoryConfig;
  private final Profiles profiles;
  private final KnowledgeBase knowledge;
  private final int passageLimit;
  private final Conversations conversations;
  private final Duration timeout;
  private final ReplyMetrics metrics;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  Gathering(
      ShortTermMemory memory,
      Digests digests,
      int promptTokens,
      LongTermMemory longTerm,
      MemoryConfig memoryConfig,
      Profiles profiles,
      KnowledgeBase knowledge,
      int passageLimit,
      Conversations conversations,
      Duration timeout,
      ReplyMetrics metrics) {
    this.memory = memory;
    this.digests = digests;
    this.promptTokens = promptTokens;
    this.longTerm = longTerm;
    this.memoryConfig = memoryConfig;
    this.profiles = profiles;
    this.knowledge = knowledge;
    this.passageLimit = passageLimit;
    this.conversations = conversations;
    this.timeout = timeout;
    this.metrics = metrics;
  }

  /// @param forModel whether there is a model, which alone makes use of what was said long ago
  Gathered gather(
      ReplyRecord reply, Persona persona, Message question, boolean wantsPassages, boolean forModel)
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
    Future<List<Recalled>> recalled =
        threads.submit(() -> forModel ? recall(reply, question) : List.<Recalled>of());
    List<MemoryMessage> history = history(reply, question, missing);
    Future<Earlier> earlier = threads.submit(() -> earlier(reply, question, history));
    return new Gathered(
        history,
        await("profile", profile, deadline, missing, List.of()),
        await("knowledge", passages, deadline, missing, List.of()),
        await("recall", recalled, deadline, missing, List.of()),
        await("digest", earlier, deadline, missing, Earlier.NONE),
        missing);
  }

  /// What was said long ago and may matter now. That which short-term memory holds as well is left
  /// to whoever puts the prompt together.
  private List<Recalled> recall(ReplyRecord reply, Message question) {
    if (!memoryConfig.recall() || memoryConfig.maxRecalledTokens() == 0) {
      return List.of();
    }
    return longTerm
        .recall(
            new MemoryKey(reply.tenantId(), reply.userId(), reply.characterId()),
            new LongTermMemory.Question(
                question.content(),
                question.createdAt(),
                RECALLED,
                memoryConfig.maxRecalledTokens(),
                Optional.of(new LongTermMemory.Within(question.conversationId(), question.seq()))))
        .turns()
        .stream()
        .map(found ->
            new Recalled(
                found.turn().messageId(),
                found.turn().conversationId(),
                found.turn().seq(),
                found.turn().speaker().isEmpty()
                    ? found.turn().byUser() ? "user" : "assistant"
                    : found.turn().speaker(),
                found.turn().at(),
                found.turn().text(),
                found.score()))
        .toList();
  }

  /// Passages for a question that one character asks another; none where they cannot be had in
  /// time.
  List<Passage> passages(String tenantId, Persona asked, String question)
      throws InterruptedException {
    return await(
        "knowledge",
        threads.submit(() -> knowledge.search(query(tenantId, asked, question))),
        Deadline.after(timeout),
        new TreeSet<>(),
        List.of());
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
      case Window.Read(List<MemoryMessage> messages) ->
          memoryConfig.compression() == Compression.NONE
              ? all(whole(key, messages, question), question)
              : whole(key, messages, question);
      case Window.Unavailable() -> {
        missing.add("memory");
        metrics.window(ReplyMetrics.Window.FALLBACK);
        if (!memoryConfig.degradation()) {
          throw new MagpieException(
              ErrorCode.STORAGE_UNAVAILABLE, "The memory does not answer; try again");
        }
        List<MemoryMessage> recorded =
            recorded(question).stream().map(Gathering::remembered).toList();
        yield memoryConfig.compression() == Compression.NONE ? all(recorded, question) : recorded;
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
        window.stream().mapToLong(m -> m.seqIn(question.conversationId())).max().orElse(0);
    if (newest >= question.seq() - 1) {
      metrics.window(ReplyMetrics.Window.HIT);
      return window;
    }
    List<MemoryMessage> lost =
        recorded(question).stream()
            .filter(m -> m.seq() > newest)
            .map(Gathering::remembered)
            .toList();
    metrics.window(lost.isEmpty() ? ReplyMetrics.Window.HIT : ReplyMetrics.Window.REBUILT);
    if (!lost.isEmpty() && !memory.add(key, lost)) {
      LOG.debug("What memory has lost cannot be given back yet");
    }
    return Stream.concat(window.stream(), lost.stream()).toList();
  }

  /// What is remembered of other conversations, and this one from its first message on, or as much
  /// of it as is certainly more than a prompt holds.
  private List<MemoryMessage> all(List<MemoryMessage> window, Message question) {
    List<MemoryMessage> others =
        window.stream().filter(m -> m.seqIn(question.conversationId()) == 0).toList();
    Deque<MemoryMessage> all = new ArrayDeque<>();
    long tokens = 0;
    long before = question.seq();
    while (before > 1 && tokens <= 2L * promptTokens) {
      List<Message> page = conversations.recent(question.conversationId(), before, PAGE);
      if (page.isEmpty()) {
        break;
      }
      for (Message message : page.reversed()) {
        all.addFirst(remembered(message));
        tokens += message.tokenCount();
      }
      before = page.getFirst().seq();
    }
    others.reversed().forEach(all::addFirst);
    return List.copyOf(all);
  }

  /// What can stand for messages that are not in the history, where there are any or the prompt may
  /// leave some out.
  private Earlier earlier(ReplyRecord reply, Message question, List<MemoryMessage> history) {
    long first = question.seq();
    long tokens = question.tokenCount();
    for (MemoryMessage message : history) {
      long seq = message.seqIn(question.conversationId());
      first = seq > 0 ? Math.min(first, seq) : first;
      tokens += message.tokenCount();
    }
    return first > 1 || tokens > promptTokens / 2
        ? digests.of(reply.tenantId(), question.conversationId(), question.seq())
        : Earlier.NONE;
  }

  private List<Message> recorded(Message question) {
    try {
      return conversations
          .recent(question.conversationId(), question.seq(), memoryConfig.maxContextMessages())
          .stream()
          .filter(m -> m.createdAt().isAfter(question.createdAt().minus(memoryConfig.ttl())))
          .filter(m -> !m.content().isEmpty()) // erased
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
        Map.of(
            MemoryMessage.CONVERSATION,
            message.conversationId(),
            MemoryMessage.SEQ,
            message.seq()));
  }

  /// The same with its tokens as these count them, and the name of their encoding.
  static MemoryMessage remembered(Message message, Tokens tokens) {
    MemoryMessage plain = remembered(message);
    return new MemoryMessage(
        plain.msgId(),
        plain.role(),
        plain.content(),
        plain.timestamp(),
        tokens.count(message.content()),
        Map.of(
            MemoryMessage.CONVERSATION,
            message.conversationId(),
            MemoryMessage.SEQ,
            message.seq(),
            MemoryMessage.ENCODING,
            tokens.encoding()));
  }

  private static <T> T await(
      String source, Future<T> found, Deadline deadline, Set<String> missing, T otherwise)
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
    return otherwise;
  }
}
