package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;

/// On MariaDB, with a Redis that keeps nothing.
class ThreeNodesOnMariadbTest extends ManyNodes {
  ThreeNodesOnMariadbTest() {
    super(new Shape(Sql.MARIADB, Relay.VOLATILE, 3));
  }
}
