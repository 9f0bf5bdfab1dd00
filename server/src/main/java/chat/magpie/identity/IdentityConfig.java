package chat.magpie.identity;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// Who may call, and for how long.
public interface IdentityConfig {
  @Setting("How long an access token is valid.")
  @WithDefault("1h")
  Duration accessTokenTtl();

  @Setting("How long a guest's token is valid.")
  @WithDefault("30d")
  Duration guestTokenTtl();

  @Setting("Whether anybody may get a guest token.")
  @WithDefault("true")
  boolean guests();

  @Setting("Login of the administrator that is created at first start.")
  @WithDefault("admin@chatapi.com")
  String adminLogin();
}
