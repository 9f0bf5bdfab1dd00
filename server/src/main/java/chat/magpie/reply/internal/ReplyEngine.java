package chat.magpie.reply.internal;

import chat.magpie.character.CharacterConfig;
import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profiles;
import chat.magpie.reply.Replies;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.reply.Send;
import chat.magpie.stream.ReplyLog;
import chat.magpie.stream.ReplyLogs;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Runs the replies of this node.
public final class ReplyEngine implements Replies, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ReplyEngine.class);
  private static final Duration SWEEP = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  private final String node;
  private final ReplyConfig config;
  private final String defaultCharacter;
  private final Conversations conversations;
  private final ReplyLogs logs;
  private final Tokens tokens;
  private final ShortTermMemory memory;
  private final Admission admission;
  private final Workshop shop;
  private final Map<String, ReplyRun> runs = new ConcurrentHashMap<>();
  private final Map<String, String> stopsToCome = new ConcurrentHashMap<>();
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private @Nullable Thread sweeper;

  public ReplyEngine(
      String node,
      ReplyConfig config,
      CharacterConfig characterConfig,
      Conversations conversations,
      Characters characters,
      ReplyLogs logs,
      Models models,
      Tokens tokens,
      ShortTermMemory memory,
      MemoryConfig memoryConfig,
      PromptAssembler prompts,
      Profiles profiles,
      KnowledgeBase knowledge,
      KnowledgeConfig knowledgeConfig,
      ReplyOutcomes outcomes,
      ObjectMapper mapper,
      MeterRegistry registry) {
    this.node = node;
    this.config = config;
    this.defaultCharacter = characterConfig.defaultId();
    this.conversations = conversations;
    this.logs = logs;
    this.tokens = tokens;
    this.memory = memory;
    this.admission =
        new Admission(config.maxConcurrent(), config.maxConcurrentPerUser(), config.maxWaiting());
    this.shop =
        new Workshop(
            node,
            config,
            conversations,
            characters,
            new Gathering(
                memory,
                memoryConfig,
                profiles,
                knowledge,
                knowledgeConfig.promptPassages(),
                conversations,
                config.gatherTimeout()),
            new Deciding(models, knowledge, prompts, tokens),
            models,
            tokens,
            memory,
            new ReplyMetrics(registry, admission),
            outcomes,
            mapper,
            this::start,
            forgotten);
  }

  @Override
  public Posted send(Principal caller, Send send) {
    check(send.text());
    if (closed || admission.overloaded()) {
      throw new MagpieException(
          ErrorCode.OVERLOADED, "Too many answers are waiting", null, Duration.ofSeconds(1));
    }
    Posted posted =
        conversations.post(
            caller,
            new NewMessage(
                send.userId().orElse(caller.userId()),
                send.conversationId().isPresent()
                    ? send.characterId()
                    : Optional.of(send.characterId().orElse(defaultCharacter)),
                send.conversationId(),
                send.text(),
                tokens.count(send.text()),
                send.clientKey(),
                node,
                config.busyPolicy()));
    if (!posted.repeated()) {
      posted.interrupted().forEach(id -> stopRun(id, "interrupted"));
      switch (posted.reply().status()) {
        case RUNNING -> start(posted.reply(), Optional.of(posted.message()));
        case QUEUED -> logs.prepare(posted.reply().id());
        case DONE, STOPPED, FAILED -> {}
      }
    }
    return posted;
  }

  private void check(String text) {
    if (text.isBlank()) {
      throw new MagpieException(ErrorCode.INVALID_FIELD, "message: must not be empty");
    }
    if (text.codePointCount(0, text.length()) > config.maxMessageChars()) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "message: at most " + config.maxMessageChars() + " characters");
    }
  }

  private void start(ReplyRecord reply) {
    start(reply, Optional.empty());
  }

  /// Starts a reply that this node has claimed.
  private void start(ReplyRecord reply, Optional<Message> question) {
    ReplyLog log = logs.prepare(reply.id());
    if (closed) {
      return;
    }
    Admission.Ticket ticket = admission.enter(reply.tenantId() + ":" + reply.userId());
    ReplyRun run = new ReplyRun(shop, reply, question, log, ticket);
    runs.put(reply.id(), run);
    String stop = stopsToCome.remove(reply.id());
    if (stop != null) {
      run.stop(stop);
    }
    Thread.ofVirtual()
        .name("reply-" + reply.id())
        .start(() -> {
          try {
            run.run();
          } finally {
            runs.remove(reply.id());
          }
        });
  }

  @Override
  public List<ReplyRecord> stop(Principal caller, String userId) {
    List<ReplyRecord> stopped = new ArrayList<>();
    for (ReplyRecord reply : conversations.unendedReplies(caller, userId)) {
      stop(reply.id()).ifPresent(stopped::add);
    }
    return stopped;
  }

  private Optional<ReplyRecord> stop(String replyId) {
    Optional<ReplyRecord> asked = conversations.requestStop(replyId, "user");
    asked.ifPresent(reply -> {
      switch (reply.status()) {
        case QUEUED, RUNNING -> stopRun(replyId, "user");
        case STOPPED -> endBeforeStart(reply);
        case DONE, FAILED -> {}
      }
    });
    return asked;
  }

  private void stopRun(String replyId, String reason) {
    ReplyRun run = runs.get(replyId);
    if (run == null) {
      // It may be about to start: whoever comes second of the two sees the other.
      stopsToCome.put(replyId, reason);
      run = runs.get(replyId);
    }
    if (run != null) {
      stopsToCome.remove(replyId);
      run.stop(reason);
    }
  }

  /// Tells the readers of a reply that was stopped while it was queued.
  private void endBeforeStart(ReplyRecord reply) {
    logs.live(reply.id())
        .filter(log -> !runs.containsKey(reply.id()) && log.visible() == 0)
        .ifPresent(log -> {
          try {
            log.open(reply.epoch() + 1, node);
            log.seal(shop.outcomes().terminal(reply));
          } catch (ReplyLog.Fenced e) {
            LOG.debugf("Reply %s was ended by somebody else at the same time", reply.id());
          }
        });
  }

  @Override
  public boolean forget(Principal caller, String userId, String characterId) {
    Optional<String> current = conversations.current(caller, userId, characterId).map(c -> c.id());
    current.ifPresent(forgotten::add);
    try {
      List<String> running = conversations.endCurrent(caller, userId, characterId);
      running.forEach(this::stop);
      Deadline patience = Deadline.after(STOP_PATIENCE);
      for (String id : running) {
        ReplyRun run = runs.get(id);
        if (run != null) {
          run.awaitEnd(patience);
        }
      }
      return memory.clear(new MemoryKey(userId, characterId));
    } finally {
      current.ifPresent(forgotten::remove);
    }
  }

  /// Goes on with every reply that this node left unfinished when it went away, and from then on
  /// looks for replies that nobody works on although this node should: those that broke off, and
  /// those whose turn came while their predecessor was ended by somebody else.
  public void recover() {
    goOnWith(conversations.unfinished(node));
    sweeper =
        Thread.ofVirtual()
            .name("replies-sweep")
            .start(() -> {
              Set<String> idle = Set.of();
              while (!closed) {
                LockSupport.parkNanos(this, SWEEP.toNanos());
                idle = sweep(idle);
              }
            });
  }

  /// Goes on with the replies that are as idle as they were the last time; returns those that are
  /// idle now. Once is not enough: a reply that was just committed has not been started yet.
  private Set<String> sweep(Set<String> idleBefore) {
    try {
      List<ReplyRecord> idle =
          conversations.unfinished(node).stream().filter(r -> !runs.containsKey(r.id())).toList();
      goOnWith(idle.stream().filter(r -> idleBefore.contains(r.id())).toList());
      return idle.stream().map(ReplyRecord::id).collect(Collectors.toUnmodifiableSet());
    } catch (RuntimeException e) {
      LOG.warnf("Looking for idle replies failed: %s", e.getMessage());
      return Set.of();
    }
  }

  private void goOnWith(List<ReplyRecord> unfinished) {
    for (ReplyRecord left : unfinished) {
      conversations
          .claim(left.id(), left.epoch(), node)
          .ifPresent(reply -> {
            LOG.infof("Going on with reply %s, attempt %d", reply.id(), reply.attempts());
            start(reply);
          });
    }
  }

  /// Leaves all replies unfinished, to be gone on with by whoever claims them next.
  @Override
  public void close() {
    closed = true;
    if (sweeper != null) {
      LockSupport.unpark(sweeper);
    }
    runs.values().forEach(ReplyRun::leave);
    Deadline patience = Deadline.after(STOP_PATIENCE);
    for (ReplyRun run : List.copyOf(runs.values())) {
      run.awaitEnd(patience);
    }
  }
}
