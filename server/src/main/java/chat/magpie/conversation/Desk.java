package chat.magpie.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the server itself sees and does at the desk, on behalf of nobody: callers answer for who is
/// shown what. Moves are made under the locks of [Modes] and announced like those.
public interface Desk {
  /// The tenants in whose queues conversations wait.
  List<Waiting> waiting();

  /// The conversations of a tenant that wait, first the one to be taken next.
  List<Conversation> queue(String tenantId, int limit);

  /// What the agents of a tenant have to do, by agent; those that never had anything are missing.
  Map<String, Load> loads(String tenantId);

  /// Assigns a conversation that waits, as [Modes#take] does. Empty, and nothing has changed, where
  /// it does not wait any more, where the agent answers `atMost` conversations or more by now, or
  /// where somebody has assigned something to the agent since `seen`. However many assign at once,
  /// on whichever nodes, none of these three is missed.
  Optional<Modes.Move> assign(
      String tenantId, String conversationId, String agentId, Load seen, int atMost);

  /// Hand-overs that were assigned before that moment to somebody who has not spoken since; oldest
  /// assignment first.
  List<Handover> unanswered(Instant assignedBefore, int limit);

  /// Puts the conversation back into the queue, where it waits since the customer asked; false
  /// where the agent of the hand-over has spoken, or it is not theirs any more.
  boolean release(Handover handover);

  /// The open hand-overs of these conversations, by conversation.
  Map<String, Handover> open(Collection<String> conversationIds);

  /// Open hand-overs of a tenant that were asked for before that moment, have not met the target,
  /// and have not been announced as such; oldest first.
  List<Handover> overdue(String tenantId, Handover.Target target, Instant askedBefore, int limit);

  /// Announces in the feed, for the desk, that a target was missed: once for each hand-over and
  /// target, whoever asks how often. False where it has been, or was met after all.
  boolean announceMissed(Handover handover, Handover.Target target, Instant dueAt);

  /// How long customers waited for the human who took them, newest first; those who were taken
  /// unasked do not count.
  List<Duration> waits(String tenantId, Instant takenAfter, int limit);

  /// Closes the hand-overs of conversations that have ended; how many.
  int closeEnded(int limit);

  /// How many of the newest replies of a conversation failed in a row; counted up to `atMost`.
  int failuresInARow(String conversationId, int atMost);

  /// The queue of a tenant.
  ///
  /// @param since since when the one waits that has waited longest
  record Waiting(String tenantId, int conversations, Instant since) {}

  /// What an agent has to do.
  ///
  /// @param conversations that the agent answers or is about to
  /// @param assignedAt when the server last assigned one
  record Load(int conversations, Optional<Instant> assignedAt) {
    /// Of somebody who never had anything to do.
    public static final Load NONE = new Load(0, Optional.empty());
  }
}
