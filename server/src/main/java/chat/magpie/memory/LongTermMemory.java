package chat.magpie.memory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a user and a character ever said to each other, found again by what it is about.
///
/// The stored messages are the only copy of the words; they are never changed by remembering. What
/// is held besides, indexes and vectors, can be made again from them at any time.
///
/// A recall sees every message that was committed before it began, on whichever node, but for those
/// of the conversation that it is made in, which are in short-term memory. It never sees what was
/// forgotten, erased or deleted before it began.
public interface LongTermMemory {
  /// The turns that matter most to a question, best first, within its limits; whatever the
  /// question, also those that say most about the user, unless it is asked within a conversation.
  /// `STORAGE_UNAVAILABLE` where the database does not answer.
  Recall recall(MemoryKey owner, Question question);

  /// From now on nothing that the user and the character, or all characters, have said so far is
  /// recalled, nor an answer to it that is still to come. The messages stay in their conversations.
  void forget(String tenantId, String userId, Optional<String> characterId);

  /// Drops what was made of messages whose text has been erased. May be repeated.
  void erased(List<String> messageIds);

  /// Begins to make vectors for what has none, behind the requests.
  void prepare(MemoryKey owner);

  /// What is to be found.
  ///
  /// @param before only turns from before this moment
  /// @param limit turns at most
  /// @param maxTokens of all turns together; the best one is there even where it alone has more
  /// @param within the conversation that goes on: its newest messages are not wanted, nor what is
  ///   not relevant
  record Question(String text, Instant before, int limit, int maxTokens, Optional<Within> within) {}

  /// The conversation in which something is asked.
  ///
  /// @param seq of the question; what comes shortly before it is known anyway
  record Within(String conversationId, long seq) {
    /// One that is still to begin.
    public static final Within NEW = new Within("", 0);
  }

  /// What was found.
  ///
  /// @param dense whether meaning was compared, not words alone
  /// @param pending turns that have no vector yet
  record Recall(List<Found> turns, boolean dense, int pending) {
    public static final Recall NOTHING = new Recall(List.of(), false, 0);
  }

  /// A turn that was found.
  ///
  /// @param score by which they are ordered
  /// @param lexical how well its words fit; 1 for the best of all
  /// @param dense how near it is in meaning; 0 without vectors
  /// @param relevant whether it says enough about the question to be told to a model
  record Found(RememberedTurn turn, double score, double lexical, double dense, boolean relevant) {}
}
