package chat.magpie.redis;

import chat.magpie.testing.TestRedis;
import java.time.Duration;

@SuppressWarnings("NullAway.Init") // set by startServer
class EmbeddedRedisContractTest extends RedisContract {
  private TestRedis server;

  @Override
  void startServer() {
    server = TestRedis.start();
  }

  @Override
  Redis open(Duration timeout) {
    return TestRedis.open(server::address, timeout);
  }

  @Override
  void pause(String key) {
    TestRedis.signal("STOP", pid());
  }

  @Override
  void resume() {
    TestRedis.signal("CONT", pid());
  }

  private long pid() {
    return server.pid();
  }

  @Override
  void stopServer() {
    server.close();
  }
}
