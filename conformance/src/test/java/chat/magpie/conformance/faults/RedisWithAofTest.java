package chat.magpie.conformance.faults;

import chat.magpie.conformance.faults.Deployment.Relay;

/// With an append-only file.
class RedisWithAofTest extends RedisFaults {
  RedisWithAofTest() {
    super(Relay.AOF);
  }
}
