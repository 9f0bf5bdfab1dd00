package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Relay;

/// Without persistence.
class RedisWithoutAofTest extends RedisFaults {
  RedisWithoutAofTest() {
    super(Relay.VOLATILE);
  }
}
