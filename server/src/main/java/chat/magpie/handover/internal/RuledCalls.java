package chat.magpie.handover.internal;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.handover.DeskSettings.Keyword;
import chat.magpie.handover.HumanCalls;
import chat.magpie.kernel.MagpieException;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Calls by the rules in the [DeskBook].
final class RuledCalls implements HumanCalls {
  private static final Logger LOG = Logger.getLogger(RuledCalls.class);

  private final DeskBook book;
  private final Modes modes;
  private final Desk desk;
  private final DeskMetrics metrics;

  RuledCalls(DeskBook book, Modes modes, Desk desk, DeskMetrics metrics) {
    this.book = book;
    this.modes = modes;
    this.desk = desk;
    this.metrics = metrics;
  }

  @Override
  public boolean heard(String tenantId, String characterId, Message message) {
    DeskBook.Desk known = book.of(tenantId);
    if (known.agents().isEmpty()) {
      return false;
    }
    Optional<Keyword> keyword = known.keywords().find(characterId, message.content());
    return keyword.isPresent()
        && call(
            tenantId,
            message.conversationId(),
            new Modes.Call(
                HandoverReason.KEYWORD, keyword.get().priority(), keyword.get().skill()));
  }

  @Override
  public boolean noAnswer(String tenantId, String conversationId) {
    DeskBook.Desk known = book.of(tenantId);
    return !known.agents().isEmpty()
        && known.settings().callWithoutAnswer()
        && call(
            tenantId,
            conversationId,
            new Modes.Call(HandoverReason.NO_ANSWER, 0, Optional.empty()));
  }

  @Override
  public boolean offered(String tenantId) {
    return !book.of(tenantId).agents().isEmpty();
  }

  @Override
  public boolean asked(String tenantId, String conversationId) {
    return offered(tenantId)
        && call(
            tenantId,
            conversationId,
            new Modes.Call(HandoverReason.CHARACTER, 0, Optional.empty()));
  }

  @Override
  public boolean failed(String tenantId, String conversationId) {
    DeskBook.Desk known = book.of(tenantId);
    int after = known.settings().callAfterFailures();
    if (known.agents().isEmpty() || after == 0) {
      return false;
    }
    try {
      return desk.failuresInARow(conversationId, after) >= after
          && call(
              tenantId,
              conversationId,
              new Modes.Call(HandoverReason.FAILURES, 0, Optional.empty()));
    } catch (MagpieException e) {
      LOG.warnf("Nobody knows how many answers have failed: %s", e.getMessage());
      return false;
    }
  }

  private boolean call(String tenantId, String conversationId, Modes.Call call) {
    try {
      Conversation now = modes.call(tenantId, conversationId, call);
      metrics.called(call.reason());
      return now.mode() != Conversation.Mode.BOT;
    } catch (MagpieException e) {
      LOG.warnf("No human could be called (%s): %s", call.reason(), e.getMessage());
      return false;
    }
  }
}
