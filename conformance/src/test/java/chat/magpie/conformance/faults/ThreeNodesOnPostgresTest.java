package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;

/// On PostgreSQL, with a Redis that keeps an append-only file.
class ThreeNodesOnPostgresTest extends ManyNodes {
  ThreeNodesOnPostgresTest() {
    super(new Shape(Sql.POSTGRES, Relay.AOF, 3));
  }
}
