package chat.magpie.redis;

import chat.magpie.kernel.Secret;
import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Where the relay and the short-term memory are.
public interface RedisConfig {
  @Setting(
      "Address of Redis: redis://[user:password@]host:port/db for one server,"
          + " redis-sentinel://[user:password@]host1:26379,host2,host3/db#mymaster for the master that"
          + " Sentinels name, redis-cluster://[user:password@]host1:port,host2:port for a Cluster;"
          + " rediss:// and so on for TLS. Without it, a Redis that this process starts in the data"
          + " folder.")
  Optional<Secret> url();

  @Setting("What Sentinels ask for where they have a password of their own.")
  Optional<Secret> sentinelPassword();

  @Setting("How long one command may take, connecting included.")
  @WithDefault("1s")
  Duration timeout();

  @Setting("Connections to each Redis server at most.")
  @WithDefault("20")
  int maxConnections();
}
