package chat.magpie.handover.internal;

import chat.magpie.character.Characters;
import chat.magpie.character.Persona;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Message;
import chat.magpie.handover.Briefing;
import chat.magpie.handover.Briefing.Source;
import chat.magpie.handover.Briefing.Suggestion;
import chat.magpie.handover.Briefings;
import chat.magpie.handover.CannedReply;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.knowledge.KnowledgeBase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Briefings made of what is stored: quick, and without a model but for the summary.
final class DeskBriefings implements Briefings {
  private static final int MESSAGES = 200;
  private static final int TRIED = 3;
  private static final int LINES = 5;
  private static final int LINE = 200;
  private static final int FACTS = 20;
  private static final int SUGGESTED = 3;
  private static final int LEAST_SHARED = 2;

  /// Addresses, ids with digits, and numbers of three digits or more with their separators.
  private static final Pattern FACT =
      Pattern.compile(
          "[\\w.%+-]+@[\\w.-]+\\.\\w+"
              + "|[A-Za-z]{1,6}[-#]?\\d[A-Za-z0-9-]{2,}"
              + "|[¥$€£]\\s?\\d+(?:[.,]\\d+)*"
              + "|\\d[\\d-]*\\d{2,}(?:[.,]\\d+)*");

  private static final Pattern QUESTION =
      Pattern.compile("[?？]|[吗呢么]\\s*[。！!]?\\s*$|怎么|如何|什么|多少|几时|能不能|为什么|哪");

  private final Conversations conversations;
  private final Characters characters;
  private final KnowledgeBase knowledge;
  private final SqlCannedReplies canned;
  private final Summaries summaries;

  DeskBriefings(
      Conversations conversations,
      Characters characters,
      KnowledgeBase knowledge,
      SqlCannedReplies canned,
      Summaries summaries) {
    this.conversations = conversations;
    this.characters = characters;
    this.knowledge = knowledge;
    this.canned = canned;
    this.summaries = summaries;
  }

  @Override
  public Briefing of(Principal caller, String conversationId) {
    Conversation conversation =
        conversations
            .visibleTo(caller, conversationId)
            .orElseThrow(
                () -> new MagpieException(ErrorCode.NOT_FOUND, "There is no such conversation."));
    if (!caller.may(Permission.ANSWER)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
    List<Message> messages = conversations.recent(conversation.id(), Long.MAX_VALUE, MESSAGES);
    List<Message> customer = by(messages, Message.Role.USER);
    List<Message> tried = by(messages, Message.Role.ASSISTANT);
    Optional<Message> open = openQuestion(messages);
    Conversations.UserCounts counts =
        conversations.counts(conversation.tenantId(), conversation.userId());
    return new Briefing(
        conversation,
        conversation.handling().reason().map(reason -> reason.name().toLowerCase(Locale.ROOT)),
        new Briefing.Customer(conversation.userId(), counts.conversations(), counts.firstAt()),
        summary(conversation, messages, customer),
        tried.subList(Math.max(0, tried.size() - TRIED), tried.size()),
        open,
        facts(customer),
        Moods.of(customer),
        open.map(question -> suggestions(caller, conversation, question)).orElse(List.of()));
  }

  private Briefing.Summary summary(
      Conversation conversation, List<Message> messages, List<Message> customer) {
    return switch (summaries.of(conversation, messages)) {
      case Summaries.State.Ready(List<String> lines) -> new Briefing.Summary(Source.MODEL, lines);
      case Summaries.State.Pending() ->
          new Briefing.Summary(Source.EXTRACT_FOR_NOW, extract(customer));
      case Summaries.State.None() -> new Briefing.Summary(Source.EXTRACT, extract(customer));
    };
  }

  /// How it began, and the last messages that say something.
  private static List<String> extract(List<Message> customer) {
    Set<String> lines = new LinkedHashSet<>();
    customer.stream().findFirst().ifPresent(first -> lines.add(cut(first.content(), LINE)));
    customer.stream()
        .skip(Math.max(0, customer.size() - LINES + 1))
        .map(message -> cut(message.content(), LINE))
        .forEach(lines::add);
    return List.copyOf(lines);
  }

  private static List<Message> by(List<Message> messages, Message.Role role) {
    return messages.stream().filter(message -> message.role() == role).toList();
  }

  /// What the customer asked last and no human has answered.
  static Optional<Message> openQuestion(List<Message> messages) {
    List<Message> since = new ArrayList<>();
    for (Message message : messages.reversed()) {
      if (message.role() == Message.Role.HUMAN) {
        break;
      }
      if (message.role() == Message.Role.USER) {
        since.add(message);
      }
    }
    return since.stream()
        .filter(message -> QUESTION.matcher(message.content()).find())
        .findFirst()
        .or(() -> since.stream().findFirst());
  }

  private static List<String> facts(List<Message> customer) {
    Set<String> facts = new LinkedHashSet<>();
    for (Message message : customer) {
      Matcher found = FACT.matcher(message.content());
      while (found.find() && facts.size() < FACTS) {
        facts.add(found.group());
      }
    }
    return List.copyOf(facts);
  }

  private List<Suggestion> suggestions(
      Principal caller, Conversation conversation, Message question) {
    Optional<Persona> persona =
        characters.find(conversation.tenantId(), conversation.characterId());
    String locale = persona.map(Persona::locale).orElse("en");
    List<Suggestion> suggestions = new ArrayList<>();
    Set<String> wanted = Terms.of(question.content());
    canned.inLanguage(conversation.tenantId(), locale).stream()
        .filter(reply -> shared(wanted, reply) >= LEAST_SHARED)
        .sorted(
            Comparator.comparingInt((CannedReply reply) -> -shared(wanted, reply))
                .thenComparing(CannedReply::shortcut))
        .limit(SUGGESTED)
        .forEach(reply ->
            suggestions.add(
                new Suggestion.Canned(reply, canned.fill(reply, caller, conversation))));
    if (persona.map(Persona::usesKnowledge).orElse(false)) {
      knowledge
          .search(
              new KnowledgeBase.Query(
                  conversation.tenantId(),
                  Optional.of(conversation.characterId()),
                  question.content(),
                  locale,
                  SUGGESTED))
          .forEach(passage -> suggestions.add(new Suggestion.Known(passage)));
    }
    return List.copyOf(suggestions);
  }

  /// A tag that is in the question counts as two words.
  private static int shared(Set<String> wanted, CannedReply reply) {
    int tags =
        (int)
            reply.tags().stream()
                .filter(tag -> wanted.contains(tag.toLowerCase(Locale.ROOT)))
                .count();
    return 2 * tags + Terms.shared(wanted, reply.title() + "\n" + reply.content());
  }

  /// The text on one line, shortened.
  static String cut(String text, int max) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.codePointCount(0, line.length()) <= max
        ? line
        : line.substring(0, line.offsetByCodePoints(0, max)) + "…";
  }
}
