package chat.magpie.conformance;

import chat.magpie.conformance.faults.Deployment.Shape;

/// One server with nothing besides.
class HumanTakeOverAloneTest extends HumanTakeOver {
  HumanTakeOverAloneTest() {
    super(Shape.ALONE);
  }
}
