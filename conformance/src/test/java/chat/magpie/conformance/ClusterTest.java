package chat.magpie.conformance;

/// On a Cluster of three masters with a replica each.
@SuppressWarnings("NullAway.Init") // set by startRedis
class ClusterTest extends RedisTopologyTest {
  private RedisCluster redis;

  @Override
  String startRedis() {
    redis = RedisCluster.start();
    return redis.url();
  }

  @Override
  RedisServer holder(String key) {
    return redis.master(key);
  }

  @Override
  String prefix(String user, String character) {
    return "chat:{" + user + ":" + character + "}";
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
