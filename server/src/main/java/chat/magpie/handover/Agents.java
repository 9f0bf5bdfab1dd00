package chat.magpie.handover;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who works at the desk of a tenant. Kept in SQL: over restarts, and the same on all nodes. Times
/// are the database's.
public interface Agents {
  /// A sign of life of the caller, who becomes an agent by the first one. `FORBIDDEN` for those who
  /// may not answer.
  Agent present(Principal caller, Agent.Presence presence);

  /// Changes what an agent is given; what is empty stays. For agents themselves and those who may
  /// supervise, else `FORBIDDEN`; `NOT_FOUND` for somebody who was never present, unless it is the
  /// caller; `INVALID_FIELD` for a capacity that is not from 0 to 1000, for more than 50 skills,
  /// and for one that is blank or longer than 64 characters.
  Agent change(
      Principal caller, String agentId, Optional<Integer> capacity, Optional<Set<String>> skills);

  /// All agents, by id; for those who see all conversations, else `FORBIDDEN`.
  List<Agent> list(Principal caller);
}
