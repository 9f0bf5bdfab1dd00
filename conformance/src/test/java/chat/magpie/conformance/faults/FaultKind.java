package chat.magpie.conformance.faults;

import java.util.Locale;

/// The kinds of faults of a soak, each as likely as its weight says.
enum FaultKind {
  NODE_KILLED(5, Needs.NOTHING),
  NODE_ENDED(2, Needs.NOTHING),
  NODE_PAUSED(3, Needs.NOTHING),
  /// An owner of replies stands still for 30 s, ten times the lease, and goes on.
  NODE_PAUSED_LONG(1, Needs.NOTHING),
  NODE_CUT_OFF(3, Needs.NOTHING),
  READERS_CUT(4, Needs.NOTHING),
  READERS_SLICED(2, Needs.NOTHING),
  REDIS_KILLED(2, Needs.ONE_REDIS),
  REDIS_STALLED(2, Needs.ONE_REDIS),
  REDIS_EMPTIED(2, Needs.ONE_REDIS),
  REDIS_FULL(1, Needs.ONE_REDIS),
  REDIS_EMPTIED_AND_NODE_KILLED(1, Needs.ONE_REDIS),
  REDIS_LINK_CUT(3, Needs.ONE_REDIS),
  REDIS_LINK_SLOW(2, Needs.ONE_REDIS),
  REDIS_LINK_DEAF(1, Needs.ONE_REDIS),
  /// A master is killed, replaced, and started again as a replica.
  REDIS_MASTER_KILLED(3, Needs.REPLICAS),
  /// A master stands still until it has been replaced, and goes on.
  REDIS_MASTER_PAUSED(2, Needs.REPLICAS),
  SQL_RESTARTED(1, Needs.NOTHING),
  SQL_LINK_CUT(3, Needs.NOTHING),
  SQL_LINK_SLOW(2, Needs.NOTHING),
  SQL_LINK_DEAF(1, Needs.NOTHING);

  /// What a fault can only happen to.
  private enum Needs {
    NOTHING,
    ONE_REDIS,
    REPLICAS
  }

  private final int weight;
  private final Needs needs;

  FaultKind(int weight, Needs needs) {
    this.weight = weight;
    this.needs = needs;
  }

  int weight() {
    return weight;
  }

  /// Whether it can happen.
  ///
  /// @param replicas whether Redis has any; else it is one server
  boolean possible(boolean replicas) {
    return switch (needs) {
      case NOTHING -> true;
      case ONE_REDIS -> !replicas;
      case REPLICAS -> replicas;
    };
  }

  /// The name as options have it.
  String option() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The name as people read it.
  String title() {
    return option().replace('_', ' ');
  }
}
