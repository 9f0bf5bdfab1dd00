package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Relay;
import chat.magpie.conformance.faults.Deployment.Shape;
import chat.magpie.conformance.faults.Deployment.Sql;

/// Two nodes: the customer at the first, the agent at the second.
class DeskRoutingTest extends DeskRouting {
  DeskRoutingTest() {
    super(new Shape(Sql.POSTGRES, Relay.VOLATILE, 2));
  }
}
