package chat.magpie.conformance;

/// On a master with a replica and three Sentinels.
@SuppressWarnings("NullAway.Init") // set by startRedis
class SentinelTest extends RedisTopologyTest {
  private SentinelSet redis;

  @Override
  String startRedis() {
    redis = SentinelSet.start();
    return redis.url();
  }

  @Override
  RedisServer holder(String key) {
    return redis.master();
  }

  @Override
  String prefix(String user, String character) {
    return "chat:" + user + ":" + character;
  }

  @Override
  void healRedis() {
    redis.heal();
  }

  @Override
  void stopRedis() {
    redis.close();
  }
}
