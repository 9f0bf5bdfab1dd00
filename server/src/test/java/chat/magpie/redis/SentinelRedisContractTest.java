package chat.magpie.redis;

import chat.magpie.testing.RedisServers;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

@Tag("D-09")
class SentinelRedisContractTest extends RedisContract {
  private final RedisServers servers = RedisServers.sentinels();

  @Override
  void startServer() {
    servers.heal();
  }

  @Override
  Redis open(Duration timeout) {
    return servers.open(timeout);
  }

  @Override
  void pause(String key) {
    servers.master(key).pause();
  }

  @Override
  void resume() {
    servers.heal();
  }

  @Override
  void stopServer() {
    servers.heal();
  }
}
