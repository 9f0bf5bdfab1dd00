package chat.magpie.reply.internal;

import chat.magpie.conversation.Archive;
import chat.magpie.conversation.Conversation;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.memory.Digests;
import chat.magpie.memory.LongTermMemory;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.reply.TurnErasures;
import chat.magpie.stream.ReplyLogs;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Erases turns from the database first, and then from what can be made again.
public final class ErasedTurns implements TurnErasures {
  private final Archive archive;
  private final ReplyLogs logs;
  private final ShortTermMemory memory;
  private final LongTermMemory longTerm;
  private final Digests digests;
  private final List<Consumer<Archive.Erased>> listeners = new CopyOnWriteArrayList<>();

  public ErasedTurns(
      Archive archive,
      ReplyLogs logs,
      ShortTermMemory memory,
      LongTermMemory longTerm,
      Digests digests) {
    this.archive = archive;
    this.logs = logs;
    this.memory = memory;
    this.longTerm = longTerm;
    this.digests = digests;
  }

  @Override
  public Optional<Archive.Erased> erase(Principal caller, String userId, String id) {
    Optional<Archive.Erased> erased = archive.erase(caller, userId, id);
    erased.ifPresent(this::eraseBeside);
    return erased;
  }

  private void eraseBeside(Archive.Erased erased) {
    longTerm.erased(erased.messageIds());
    digests.forget(erased.conversation().id());
    listeners.forEach(listener -> listener.accept(erased));
    // They have ended: nothing is appended any more.
    erased.replyIds().forEach(reply -> logs.erase(reply, false));
    Conversation conversation = erased.conversation();
    MemoryKey key =
        new MemoryKey(
            conversation.tenantId(),
            conversation.userId(),
            conversation.ownMemory() ? conversation.id() : conversation.characterId());
    // What it held of the conversation besides is read again from the database.
    if (!memory.clear(key)) {
      throw new MagpieException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "The text is erased; short-term memory could not be cleared. Please repeat.");
    }
  }

  @Override
  public void onErase(Consumer<Archive.Erased> listener) {
    listeners.add(listener);
  }
}
