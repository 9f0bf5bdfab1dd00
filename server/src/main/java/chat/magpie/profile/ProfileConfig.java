package chat.magpie.profile;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/// Learning about users from what they say.
public interface ProfileConfig {
  @Setting(
      "Who learns about users from what they say: rules; model, which is rules at once and a model"
          + " when a conversation has become idle or has ended, as far as one is configured; or"
          + " nobody, and then nothing known reaches a prompt either.")
  @WithDefault("rules")
  Learner learner();

  @Setting("How long after a message rules learn from it at the earliest.")
  @WithDefault("300ms")
  Duration delay();

  @Setting(
      value = "Tokens that learning by a model may cost a tenant in a day (UTC); 0 for no limit.",
      min = 0,
      max = 1_000_000_000)
  @WithDefault("200000")
  int dailyTokens();

  @Setting("How long a model may take for a batch of messages.")
  @WithDefault("60s")
  Duration modelTimeout();

  @Setting(value = "Facts about a user that reach a prompt at most.", min = 0, max = 200)
  @WithDefault("20")
  int promptFacts();

  /// Who learns.
  enum Learner {
    NOBODY,
    RULES,
    MODEL
  }
}
