package chat.magpie.character;

import chat.magpie.identity.Principal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The stored characters. Reads are served from memory; a change on this node is seen here at once
/// and on other nodes within 5 seconds.
public interface Characters {
  /// All characters of the tenant, by id.
  List<Persona> list(String tenantId);

  /// The character, or empty.
  Optional<Persona> find(String tenantId, String id);

  /// Stores a new one; `CONFLICT` if the id is taken, `FORBIDDEN` without the permission,
  /// `INVALID_FIELD` with the name of the first field that is not allowed.
  Persona create(Principal caller, PersonaDraft draft);

  /// Replaces all but id and creation time; `NOT_FOUND` if there is none, `CONFLICT` if it is not
  /// at the expected version any more, `INVALID_FIELD` also where the draft has another id.
  Persona update(Principal caller, String id, PersonaDraft draft, OptionalLong expectedVersion);

  /// Removes it; conversations with it stay readable. `NOT_FOUND` if there is none.
  void delete(Principal caller, String id);
}
