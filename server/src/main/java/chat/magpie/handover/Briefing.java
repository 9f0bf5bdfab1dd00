package chat.magpie.handover;

import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Message;
import chat.magpie.knowledge.Passage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a human has to know who begins to answer. Nothing of it is ever shown to the customer.
///
/// @param reason why a human is wanted; absent where nobody asked for one
/// @param customer who asks
/// @param summary what has happened
/// @param tried what the character has answered, the last three answers, oldest first
/// @param openQuestion the customer's last question, or else their last message, to which no human
///   has answered
/// @param facts numbers, order ids, e-mail addresses and the like, as the customer wrote them
/// @param mood how the customer sounds
/// @param suggestions what could be said, best first
public record Briefing(
    Conversation conversation,
    Optional<String> reason,
    Customer customer,
    Summary summary,
    List<Message> tried,
    Optional<Message> openQuestion,
    List<String> facts,
    Mood mood,
    List<Suggestion> suggestions) {

  /// Who asks.
  ///
  /// @param conversations how many the customer has had, this one included
  /// @param firstSeen when the first of them began
  public record Customer(String userId, long conversations, Optional<Instant> firstSeen) {}

  /// What has happened.
  ///
  /// @param lines in the order of what they tell
  public record Summary(Source source, List<String> lines) {}

  /// What a summary was made by.
  public enum Source {
    /// Messages of the customer as they are, shortened.
    EXTRACT,
    /// As [#EXTRACT]; that of a model is being made, and will be here when asked for again.
    EXTRACT_FOR_NOW,
    /// A model. Every number and every name in it is in the conversation too.
    MODEL
  }

  /// How a customer sounds, by rules that are stated in `docs/protocol.md`.
  ///
  /// @param evidence what says so, such as the words that were found
  public record Mood(Level level, List<String> evidence) {
    /// From well to badly.
    public enum Level {
      PLEASED,
      NEUTRAL,
      ANNOYED,
      ANGRY
    }
  }

  /// What could be said.
  public sealed interface Suggestion {
    /// A canned reply that shares words with the open question, its placeholders filled in.
    record Canned(CannedReply reply, String text) implements Suggestion {}

    /// A passage of the knowledge base about the open question.
    record Known(Passage passage) implements Suggestion {}
  }
}
