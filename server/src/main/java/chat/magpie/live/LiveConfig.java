package chat.magpie.live;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// How readers are served.
public interface LiveConfig {
  @Setting("How often a comment is sent on a silent stream, so that proxies keep it open.")
  @WithDefault("15s")
  Duration heartbeat();

  @Setting("Bytes that may wait for a slow reader before its stream is closed; it can resume.")
  @WithDefault("262144")
  int readerBuffer();
}
