package chat.magpie.reply;

import java.time.Duration;
import java.util.OptionalInt;

/// Says which nodes are alive. A node that lets its lease run out may be replaced by others in
/// everything it was doing; the database's clock decides.
public interface NodeLeases {
  /// Takes or prolongs the lease, counted from now; how many nodes are alive, this one included.
  /// Empty where another process has begun to use the same node id since: this one must stop making
  /// replies for good.
  ///
  /// @param first whether this process begins to use the id
  OptionalInt renew(Duration ttl, boolean first);

  /// Gives the lease back at once.
  void leave();
}
