package chat.magpie.reply.internal;

import chat.magpie.character.CharacterConfig;
import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.NewMessage;
import chat.magpie.conversation.Posted;
import chat.magpie.conversation.Remains;
import chat.magpie.conversation.ReplyRecord;
import chat.magpie.conversation.Sessions;
import chat.magpie.handover.Assigner;
import chat.magpie.handover.HumanCalls;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.Deadline;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.Gaps;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.Digests;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.PromptAssembler;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profiles;
import chat.magpie.reply.NodeHints;
import chat.magpie.reply.NodeLeases;
import chat.magpie.reply.Replies;
import chat.magpie.reply.ReplyConfig;
import chat.magpie.reply.ReplyOutcomes;
import chat.magpie.reply.Send;
import chat.magpie.stream.OwnedReplyLog;
import chat.magpie.stream.ReplyLog;
import chat.magpie.stream.ReplyLogs;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Runs the replies of this node.
public final class ReplyEngine implements Replies, Assigner, AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ReplyEngine.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  /// How long an owner may take to end a reply that a human takes over.
  private static final Duration OWNER_PATIENCE = Duration.ofMillis(120);

  private static final Duration TAKE_LOOK = Duration.ofMillis(5);

  /// How long a log may still be written to after its reply has ended, with a margin.
  private static final Duration APPENDED_STILL = Duration.ofMinutes(15);

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final String node;
  private final ReplyConfig config;
  private final String defaultCharacter;
  private final Conversations conversations;
  private final Modes modes;
  private final Desk desk;
  private final Sessions sessions;
  private final ReplyLogs logs;
  private final Tokens tokens;
  private final ShortTermMemory memory;
  private final LongTermMemory longTerm;
  private final Admission admission;
  private final Workshop shop;
  private final Map<String, ReplyRun> runs = new ConcurrentHashMap<>();
  private final Map<String, String> stopsToCome = new ConcurrentHashMap<>();
  private final ReplyKeeper keeper;
  private volatile boolean closed;

  public ReplyEngine(
      String node,
      Optional<NodeLeases> leases,
      NodeHints hints,
      ReplyConfig config,
      CharacterConfig characterConfig,
      Conversations conversations,
      Modes modes,
      Desk desk,
      HumanCalls calls,
      Sessions sessions,
      Characters characters,
      ReplyLogs logs,
      Models models,
      Tokens tokens,
      ShortTermMemory memory,
      Digests digests,
      LongTermMemory longTerm,
      MemoryConfig memoryConfig,
      PromptAssembler prompts,
      Profiles profiles,
      KnowledgeBase knowledge,
      KnowledgeConfig knowledgeConfig,
      Gaps gaps,
      ReplyOutcomes outcomes,
      ObjectMapper mapper,
      MeterRegistry registry) {
    this.node = node;
    this.config = config;
    this.defaultCharacter = characterConfig.defaultId();
    this.conversations = conversations;
    this.modes = modes;
    this.desk = desk;
    this.sessions = sessions;
    this.logs = logs;
    this.tokens = tokens;
    this.memory = memory;
    this.longTerm = longTerm;
    this.admission =
        new Admission(config.maxConcurrent(), config.maxConcurrentPerUser(), config.maxWaiting());
    ReplyMetrics metrics = new ReplyMetrics(registry, admission);
    this.shop =
        new Workshop(
            node,
            config,
            conversations,
            characters,
            new Gathering(
                memory,
                digests,
                config.promptTokens(),
                longTerm,
                memoryConfig,
                profiles,
                knowledge,
                knowledgeConfig.promptPassages(),
                conversations,
                config.gatherTimeout(),
                metrics),
            new Deciding(models, knowledge, prompts, tokens),
            models,
            tokens,
            memory,
            digests,
            calls,
            gaps,
            metrics,
            outcomes,
            mapper,
            this::start);
    this.keeper =
        new ReplyKeeper(
            node, leases, hints, config.nodeLease(), conversations, new WorkOfThisNode(), registry);
    sessions.onErase(this::erase);
  }

  @Override
  public Posted send(Principal caller, Send send) {
    check(send.text());
    if (closed || keeper.displaced() || !admission.arrive()) {
      shop.metrics().shed();
      throw new MagpieException(
          ErrorCode.OVERLOADED, "Too many answers are waiting", null, Duration.ofSeconds(1));
    }
    try {
      return accept(caller, send);
    } finally {
      admission.arrived();
    }
  }

  private Posted accept(Principal caller, Send send) {
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
                config.busyPolicy(),
                config.maxQueued()));
    if (!posted.repeated()) {
      shop.metrics().stored();
      posted.interrupted().forEach(reply -> stopRun(reply, "interrupted"));
      posted
          .answer()
          .filter(reply -> reply.status() == ReplyRecord.Status.RUNNING)
          .ifPresent(reply -> start(reply, Optional.of(posted.message())));
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
    if (closed) {
      return;
    }
    OwnedReplyLog log = logs.prepare(reply.id());
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
        case QUEUED, RUNNING -> stopRun(reply, "user");
        case STOPPED -> endBeforeStart(reply);
        case DONE, FAILED -> {}
      }
    });
    return asked;
  }

  /// Stops a reply that has been asked to stop; one of another node by asking it to look.
  private void stopRun(ReplyRecord reply, String reason) {
    String replyId = reply.id();
    if (!node.equals(reply.owner())) {
      keeper.hintOthers();
      return;
    }
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

  @Override
  public Conversation take(Principal caller, String conversationId, String agentId) {
    Modes.Move move = modes.take(caller, conversationId, agentId);
    if (move.ending().isEmpty()) {
      return move.conversation();
    }
    ReplyRecord ending = move.ending().get();
    stopRun(ending, ending.stopReason().orElse("taken_over"));
    Conversation now = awaitHuman(caller, move.conversation(), OWNER_PATIENCE);
    if (now.mode() == Conversation.Mode.HUMAN) {
      return now;
    }
    // Its owner does not answer. Ours is the reply then, to end it with what its log has.
    conversations.claim(ending.id(), ending.epoch(), node).ifPresent(this::start);
    return awaitHuman(caller, now, STOP_PATIENCE);
  }

  @Override
  public boolean assign(
      String tenantId, String conversationId, String agentId, Desk.Load seen, int atMost) {
    Optional<Modes.Move> move = desk.assign(tenantId, conversationId, agentId, seen, atMost);
    move.flatMap(Modes.Move::ending)
        .ifPresent(ending ->
            Thread.ofVirtual().name("assign-" + conversationId).start(() -> endForAgent(ending)));
    return move.isPresent();
  }

  /// Ends a reply that an agent has been assigned over, here or on another node.
  private void endForAgent(ReplyRecord ending) {
    try {
      stopRun(ending, ending.stopReason().orElse("taken_over"));
      Deadline deadline = Deadline.after(OWNER_PATIENCE);
      while (deadline.nanosLeft() > 0) {
        if (conversations.ended(List.of(ending.id())).contains(ending.id())) {
          return;
        }
        LockSupport.parkNanos(this, TAKE_LOOK.toNanos());
      }
      // Its owner does not answer. Ours is the reply then, to end it with what its log has.
      conversations.claim(ending.id(), ending.epoch(), node).ifPresent(this::start);
    } catch (MagpieException e) {
      LOG.warnf("A reply that an agent was assigned over ends later: %s", e.getMessage());
    }
  }

  private Conversation awaitHuman(Principal caller, Conversation before, Duration patience) {
    Deadline deadline = Deadline.after(patience);
    Conversation now = before;
    while (now.mode() != Conversation.Mode.HUMAN && deadline.nanosLeft() > 0) {
      LockSupport.parkNanos(this, TAKE_LOOK.toNanos());
      now = conversations.visibleTo(caller, before.id()).orElse(now);
    }
    return now;
  }

  /// Tells the readers of a reply that was stopped while it was queued, wherever they are.
  private void endBeforeStart(ReplyRecord reply) {
    if (runs.containsKey(reply.id())) {
      return;
    }
    try {
      OwnedReplyLog log = logs.prepare(reply.id());
      log.open(reply.epoch() + 1, node);
      log.seal(shop.outcomes().terminal(reply));
    } catch (OwnedReplyLog.Fenced e) {
      LOG.debugf("Reply %s was ended by somebody else at the same time", reply.id());
    }
  }

  @Override
  public Optional<ReplyRecord> await(Principal caller, ReplyRecord reply, Duration patience) {
    Deadline deadline = Deadline.after(patience);
    while (true) {
      Optional<ReplyRecord> now = conversations.replyVisibleTo(caller, reply.id());
      if (now.isEmpty() || now.get().status().ended() || deadline.nanosLeft() <= 0) {
        return now;
      }
      if (!awaitNews(logs.follow(reply.id()), deadline)) {
        return now;
      }
    }
  }

  /// Waits until the log is over or has gone elsewhere, but not for long without looking at the
  /// system of record; false where the thread is to end.
  private static boolean awaitNews(ReplyLog log, Deadline deadline) {
    CountDownLatch over = new CountDownLatch(1);
    try (ReplyLog.Subscription _ =
        log.subscribe(() -> {
          if (log.ended() || log.abandoned()) {
            over.countDown();
          }
        })) {
      if (log.ended() || log.abandoned()) {
        Thread.sleep(SHORT);
      } else {
        boolean _ =
            over.await(Math.min(deadline.nanosLeft(), LOOK.toNanos()), TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void end(Principal caller, String conversationId) {
    sessions.end(caller, conversationId).forEach(this::stop);
    shop.digests().forget(conversationId); // nothing more is asked with it
  }

  /// What this module keeps of a conversation that was deleted.
  private void erase(Remains.Deleted deleted, List<ReplyRecord> replies) {
    Deadline patience = Deadline.after(STOP_PATIENCE);
    replies.stream()
        .filter(reply -> reply.status() == ReplyRecord.Status.RUNNING)
        .forEach(reply -> {
          @Nullable ReplyRun run = runs.get(reply.id());
          if (run == null) {
            keeper.hintOthers();
          } else {
            run.stop("deleted");
            run.awaitEnd(patience);
          }
        });
    Instant recently = Instant.now().minus(APPENDED_STILL);
    for (ReplyRecord reply : replies) {
      logs.erase(reply.id(), reply.finishedAt().map(recently::isBefore).orElse(true));
    }
    shop.digests().forget(deleted.conversationId());
    MemoryKey key =
        new MemoryKey(
            deleted.tenantId(),
            deleted.userId(),
            deleted.ownMemory() ? deleted.conversationId() : deleted.characterId());
    if (replies.isEmpty() && !memory.clear(key)) {
      throw new MagpieException(
          ErrorCode.STORAGE_UNAVAILABLE, "the short-term memory cannot be cleared");
    }
  }

  @Override
  public boolean forget(Principal caller, String userId, String characterId) {
    Optional<Conversation> current = conversations.current(caller, userId, characterId);
    List<String> running = conversations.endCurrent(caller, userId, characterId);
    running.forEach(this::stop);
    // A reply that ends after this moment is not remembered: its conversation is over. One that has
    // just ended may still be on its way into memory.
    Deadline patience = Deadline.after(STOP_PATIENCE);
    for (ReplyRun run : List.copyOf(runs.values())) {
      if (run.isOf(caller.tenantId(), userId, characterId)) {
        run.awaitEnd(patience);
      }
    }
    longTerm.forget(caller.tenantId(), userId, Optional.of(characterId));
    current.ifPresent(conversation -> shop.digests().forget(conversation.id()));
    return memory.clear(new MemoryKey(caller.tenantId(), userId, characterId));
  }

  /// Goes on with what this node left unfinished when it went away, and with what others leave from
  /// now on.
  public void recover() {
    keeper.start();
  }

  /// Leaves all replies unfinished, to be gone on with by whoever claims them next.
  public void leave() {
    closed = true;
    runs.values().forEach(ReplyRun::leave);
    Deadline patience = Deadline.after(STOP_PATIENCE);
    for (ReplyRun run : List.copyOf(runs.values())) {
      run.awaitEnd(patience);
    }
    keeper.release();
  }

  @Override
  public void close() {
    leave();
    keeper.close();
  }

  private final class WorkOfThisNode implements ReplyKeeper.Work {
    @Override
    public boolean runs(String replyId) {
      return runs.containsKey(replyId);
    }

    @Override
    public boolean overloaded() {
      return closed || admission.overloaded();
    }

    @Override
    public void start(ReplyRecord reply) {
      ReplyEngine.this.start(reply);
    }

    @Override
    public void stop(String replyId, String reason) {
      ReplyRun run = runs.get(replyId);
      if (run != null) {
        run.stop(reason);
      }
    }

    @Override
    public void leaveUnfenced() {
      runs.values().stream().filter(ReplyRun::unfenced).forEach(ReplyRun::leave);
    }

    @Override
    public void leaveAll() {
      runs.values().forEach(ReplyRun::leave);
    }
  }
}
