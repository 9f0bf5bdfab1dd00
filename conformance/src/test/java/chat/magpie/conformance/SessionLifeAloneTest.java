package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Shape;

/// One server with nothing besides.
class SessionLifeAloneTest extends SessionLife {
  SessionLifeAloneTest() {
    super(Shape.ALONE);
  }
}
