package chat.magpie.admin;

import chat.magpie.api.ConversationViews.MessageView;
import chat.magpie.handover.Briefing;
import chat.magpie.handover.Briefing.Suggestion;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a human has to know who begins to answer.
///
/// @param reason why a human is wanted, such as `keyword`
/// @param tried what the character has answered, the last three answers
/// @param openQuestion what the customer has asked and no human has answered
/// @param facts numbers, order ids, e-mail addresses and the like, as the customer wrote them
/// @param suggestions what could be said, best first
public record BriefingView(
    String conversationId,
    @Nullable String reason,
    CustomerView customer,
    SummaryView summary,
    List<MessageView> tried,
    @Nullable MessageView openQuestion,
    List<String> facts,
    MoodView mood,
    List<SuggestionView> suggestions) {

  /// Who asks.
  ///
  /// @param conversations how many the customer has had
  public record CustomerView(
      String userId, String characterId, long conversations, @Nullable Instant firstSeen) {}

  /// What has happened.
  ///
  /// @param source `model`, `extract`, or `extract_for_now` while a model is at it
  public record SummaryView(String source, List<String> lines) {}

  /// How the customer sounds: `pleased`, `neutral`, `annoyed` or `angry`.
  ///
  /// @param evidence the words that say so
  public record MoodView(String level, List<String> evidence) {}

  /// What could be said.
  ///
  /// @param kind `canned_reply` or `passage`
  /// @param id of the canned reply or the document
  /// @param title of either
  /// @param text the canned reply, filled in, or the passage
  public record SuggestionView(String kind, String id, String title, String text) {
    static SuggestionView of(Suggestion suggestion) {
      return switch (suggestion) {
        case Suggestion.Canned canned ->
            new SuggestionView(
                "canned_reply", canned.reply().id(), canned.reply().title(), canned.text());
        case Suggestion.Known known ->
            new SuggestionView(
                "passage",
                known.passage().documentId(),
                known.passage().title(),
                known.passage().text());
      };
    }
  }

  static BriefingView of(Briefing briefing) {
    return new BriefingView(
        briefing.conversation().id(),
        briefing.reason().orElse(null),
        new CustomerView(
            briefing.customer().userId(),
            briefing.conversation().characterId(),
            briefing.customer().conversations(),
            briefing.customer().firstSeen().orElse(null)),
        new SummaryView(word(briefing.summary().source()), briefing.summary().lines()),
        briefing.tried().stream().map(message -> MessageView.of(message, null)).toList(),
        briefing.openQuestion().map(message -> MessageView.of(message, null)).orElse(null),
        briefing.facts(),
        new MoodView(word(briefing.mood().level()), briefing.mood().evidence()),
        briefing.suggestions().stream().map(SuggestionView::of).toList());
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
