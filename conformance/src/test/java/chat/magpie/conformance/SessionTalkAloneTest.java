package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Shape;

/// One server with nothing besides.
class SessionTalkAloneTest extends SessionTalk {
  SessionTalkAloneTest() {
    super(Shape.ALONE);
  }
}
