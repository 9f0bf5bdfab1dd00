package chat.magpie.character;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;

/// Which character answers when a message names none.
public interface CharacterConfig {
  @Setting("The character that answers when a message names none.")
  @WithDefault("support-en")
  String defaultId();
}
