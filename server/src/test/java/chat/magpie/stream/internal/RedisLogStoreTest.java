package chat.magpie.stream.internal;

import chat.magpie.redis.Redis;
import chat.magpie.stream.LogStore;
import chat.magpie.stream.LogStoreContract;
import chat.magpie.testing.TestRedis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisLogStoreTest extends LogStoreContract {
  private static Redis redis;

  @BeforeAll
  static void open() {
    redis = TestRedis.shared().open();
  }

  @AfterAll
  static void close() {
    redis.close();
  }

  @Override
  protected LogStore store() {
    return new RedisLogStore(redis);
  }
}
