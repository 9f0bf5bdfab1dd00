package chat.magpie.handover;

import chat.magpie.conversation.Conversation;
import chat.magpie.identity.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The desks of the tenants: how they work, and how they stand.
public interface Desks {
  /// The settings of the caller's tenant; for those who may answer or change them, else
  /// `FORBIDDEN`.
  Versioned settings(Principal caller);

  /// Replaces them; other nodes go by them within 2 s. For those who may change settings, else
  /// `FORBIDDEN`; `CONFLICT` where they are not at the expected version any more; `INVALID_FIELD`
  /// for what cannot be.
  Versioned change(Principal caller, DeskSettings settings, OptionalLong expectedVersion);

  /// Where a conversation stands in the queue. The caller has made sure that it may be seen.
  Place place(Conversation conversation);

  /// Until when the desk has to do what for these conversations, by conversation; those for which
  /// nobody is wanted are missing.
  Map<String, Due> due(Collection<Conversation> conversations);

  /// Settings and how often they were changed; version 0 where never.
  record Versioned(DeskSettings settings, long version) {}

  /// A place in the queue.
  ///
  /// @param ahead how many wait before it; empty where it does not wait
  /// @param estimate how much longer it will probably wait: the median of how long the last 20 that
  ///   were taken within a day had waited, less what this one has; empty with fewer than 3 of them
  /// @param open whether the desk is open
  /// @param opensAt when it opens next, where it is closed
  record Place(
      Conversation conversation,
      Optional<Integer> ahead,
      Optional<Duration> estimate,
      boolean open,
      Optional<Instant> opensAt) {}

  /// Until when targets are to be met; empty where there is none or it has been met.
  ///
  /// @param askedAt since when a human is wanted
  record Due(Instant askedAt, Optional<Instant> firstResponse, Optional<Instant> resolution) {}
}
