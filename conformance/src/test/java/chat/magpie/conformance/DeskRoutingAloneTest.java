package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Shape;

/// One server with nothing besides.
class DeskRoutingAloneTest extends DeskRouting {
  DeskRoutingAloneTest() {
    super(Shape.ALONE);
  }
}
