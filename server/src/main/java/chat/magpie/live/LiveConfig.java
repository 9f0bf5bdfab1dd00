package chat.magpie.live;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// How readers are served.
public interface LiveConfig {
  @Setting("How often a comment is sent on a silent stream, so that proxies keep it open.")
  @WithDefault("15s")
  Duration heartbeat();

  @Setting(
      value =
          "Bytes that may wait for a slow reader; what comes after them is fetched when it has taken some.",
      min = 1024,
      max = 1073741824)
  @WithDefault("262144")
  int readerBuffer();

  // Less would cut off readers that only had to wait for the scheduler.
  @Setting(
      value =
          "How long a reader may leave its buffer more than half full before its stream is cut off; it can resume.",
      min = 100)
  @WithDefault("30s")
  Duration readerPatience();
}
