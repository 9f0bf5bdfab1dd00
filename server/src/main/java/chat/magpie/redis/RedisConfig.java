package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Where the relay and the short-term memory are.
public interface RedisConfig {
  @Setting(
      "Address of a Redis server, as redis://[:password@]host:port/db; without it, a Redis that this"
          + " process starts in the data folder.")
  Optional<Secret> url();

  @Setting("How long one command may take, connecting included.")
  @WithDefault("1s")
  Duration timeout();

  @Setting("Connections to Redis at most.")
  @WithDefault("20")
  int maxConnections();
}
