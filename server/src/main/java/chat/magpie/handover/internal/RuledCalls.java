package chat.magpie.handover.internal;

import chat.magpie.character.Characters;
import chat.magpie.character.Persona;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.HandoverReason;
import chat.magpie.conversation.Message;
import chat.magpie.conversation.Modes;
import chat.magpie.handover.DeskSettings.Keyword;
import chat.magpie.handover.HumanCalls;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Calls by the rules in the [DeskBook].
final class RuledCalls implements HumanCalls {
  private static final Logger LOG = Logger.getLogger(RuledCalls.class);
  private static final int EARLIER = 40;

  private final DeskBook book;
  private final Modes modes;
  private final Desk desk;
  private final Conversations conversations;
  private final Characters characters;
  private final KnowledgeBase knowledge;
  private final DeskMetrics metrics;

  RuledCalls(
      DeskBook book,
      Modes modes,
      Desk desk,
      Conversations conversations,
      Characters characters,
      KnowledgeBase knowledge,
      DeskMetrics metrics) {
    this.book = book;
    this.modes = modes;
    this.desk = desk;
    this.conversations = conversations;
    this.characters = characters;
    this.knowledge = knowledge;
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
  public boolean unsure(String tenantId, String characterId, Message question) {
    DeskBook.Desk known = book.of(tenantId);
    int after = known.settings().callAfterUnsure();
    if (known.agents().isEmpty() || after == 0) {
      return false;
    }
    try {
      String locale = characters.find(tenantId, characterId).map(Persona::locale).orElse("en");
      return nothingFits(tenantId, characterId, question, locale, after)
          && call(
              tenantId,
              question.conversationId(),
              new Modes.Call(HandoverReason.LOW_CONFIDENCE, 0, Optional.empty()));
    } catch (MagpieException e) {
      LOG.warnf("Nobody knows how sure the character is: %s", e.getMessage());
      return false;
    }
  }

  /// Whether nothing fits this question and those before it, as many as are asked for, back to
  /// where a human answered.
  private boolean nothingFits(
      String tenantId, String characterId, Message question, String locale, int questions) {
    if (isAnswered(tenantId, characterId, question, locale)) {
      return false;
    }
    int found = 1;
    List<Message> earlier =
        questions == 1
            ? List.of()
            : conversations.recent(question.conversationId(), question.seq(), EARLIER);
    for (Message message : earlier.reversed()) {
      if (found >= questions || message.role() == Message.Role.HUMAN) {
        break;
      }
      if (message.role() == Message.Role.USER) {
        if (isAnswered(tenantId, characterId, message, locale)) {
          break;
        }
        found++;
      }
    }
    return found >= questions;
  }

  private boolean isAnswered(String tenantId, String characterId, Message question, String locale) {
    return knowledge
        .answer(
            new KnowledgeBase.Query(
                tenantId, Optional.of(characterId), question.content(), locale, 1))
        .isPresent();
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
