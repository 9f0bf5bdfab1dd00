package chat.magpie.redis;

import chat.magpie.testing.TestRedis;
import io.lettuce.core.RedisURI;

@SuppressWarnings("NullAway.Init") // set by startServer
class EmbeddedRedisContractTest extends RedisContract {
  private TestRedis server;

  @Override
  void startServer() {
    server = TestRedis.start();
  }

  @Override
  RedisURI address() {
    return server.address();
  }

  @Override
  long pid() {
    return server.pid();
  }

  @Override
  void stopServer() {
    server.close();
  }
}
