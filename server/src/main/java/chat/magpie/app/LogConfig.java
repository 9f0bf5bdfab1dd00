package chat.magpie.app;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;

/// What is logged and where. Log lines carry `request_id`, `conversation_id` and `reply_id` where
/// they concern one.
public interface LogConfig {
  @Setting(
      "Lines for people (console) or one JSON object per line for collection (json); json holds the"
          + " access log too.")
  @WithDefault("console")
  Format format();

  @Setting("The least level that is logged.")
  @WithDefault("info")
  Level level();

  @Setting(
      "Whether chat-service.log, error.log and access.log are written to the folder logs in the data"
          + " folder.")
  @WithDefault("true")
  boolean files();

  @Setting(value = "Size of a log file in MiB at which a new one is begun.", min = 1, max = 10_000)
  @WithDefault("10")
  int fileMegabytes();

  @Setting(value = "Old files that are kept of each log.", max = 1_000)
  @WithDefault("5")
  int filesKept();

  /// How lines look.
  enum Format {
    CONSOLE,
    JSON
  }

  /// How much is logged.
  enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }
}
