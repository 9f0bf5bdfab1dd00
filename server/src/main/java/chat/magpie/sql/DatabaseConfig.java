package chat.magpie.sql;

import chat.magpie.kernel.Secret;
import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// Where the system of record is.
public interface DatabaseConfig {
  @Setting(
      "Address of a PostgreSQL, MySQL or MariaDB database, as postgresql://user:password@host/name"
          + " or jdbc:…; without it, SQLite in the data folder.")
  Optional<Secret> url();

  @Setting("Connections kept open to PostgreSQL, MySQL or MariaDB.")
  @WithDefault("10")
  int poolSize();

  @Setting("Connections opened on top of pool_size while there is demand.")
  @WithDefault("20")
  int maxOverflow();

  @Setting("How long a caller waits for a connection before it gets 503.")
  @WithDefault("5s")
  Duration connectTimeout();
}
