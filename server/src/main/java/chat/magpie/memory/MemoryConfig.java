package chat.magpie.memory;

import chat.magpie.kernel.Setting;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/// How much is remembered and how much of it reaches a prompt.
public interface MemoryConfig {
  @Setting("Messages that short-term memory holds for a user with a character.")
  @WithDefault("100")
  int maxMessages();

  @Setting("How long short-term memory lasts after the last message.")
  @WithDefault("24h")
  Duration ttl();

  @Setting("Messages of history that reach a prompt at most.")
  @WithDefault("50")
  int maxContextMessages();

  @Setting("Tokens of history that reach a prompt at most.")
  @WithDefault("20000")
  int maxContextTokens();

  @Setting(
      "What becomes of a conversation that is longer than a prompt: none (all of it is sent, and where"
          + " it does not fit, the reply fails with context_too_long), truncate (the newest messages"
          + " that fit) or summarize (those, and a digest of the rest). All messages stay stored.")
  @WithDefault("summarize")
  Compression compression();

  @Setting(value = "Tokens of a digest at most.", min = 0, max = 1000000)
  @WithDefault("800")
  int maxDigestTokens();

  @Setting(
      "Have a model sum up what has left the window, in the background; off, or where what it writes"
          + " holds a name or number that was not said, sentences are picked instead.")
  @WithDefault("true")
  boolean summaries();

  @Setting(
      value = "Messages that are summed up together, once all of them have left the window.",
      min = 4,
      max = 400)
  @WithDefault("40")
  int summaryMessages();

  @Setting(
      value =
          "How long a model may take for a summary; another node tries again after twice as long.",
      min = 100)
  @WithDefault("60s")
  Duration summaryTimeout();

  @Setting("The provider that writes summaries; the default one if absent.")
  Optional<String> summaryProvider();

  @Setting("The model that writes summaries; the provider's if absent.")
  Optional<String> summaryModel();

  @Setting(
      value =
          "Tokens of recalled turns that reach a prompt at most, and never more than a third of the"
              + " room that is left for the conversation.",
      min = 0,
      max = 1000000)
  @WithDefault("2000")
  int maxRecalledTokens();

  @Setting(
      "Recall what was said long ago, in this conversation or another one with the same character,"
          + " for each answer of a model.")
  @WithDefault("true")
  boolean recall();

  @Setting(
      value = "Turns of a user with a character that are searched; older ones are kept, not found.",
      min = 1,
      max = 1000000)
  @WithDefault("20000")
  int recallTurns();

  @Setting(
      value = "Bytes that indexes of long-term memory may take on this node.",
      min = 0,
      max = 100000000000L)
  @WithDefault("67108864")
  long recallCacheBytes();

  @Setting("Time zone in which people say \"yesterday\" of whom no other is known.")
  @WithDefault("UTC")
  String zone();

  @Setting("How long one operation on short-term memory may take, retries included.")
  @WithDefault("1s")
  Duration timeout();

  @Setting("Retries of a failed operation within that time.")
  @WithDefault("2")
  int retries();

  @Setting("Pause before a retry.")
  @WithDefault("100ms")
  Duration retryDelay();

  @Setting("Go on without memory when it fails; off, the message fails with 503.")
  @WithDefault("true")
  boolean degradation();

  @Setting(
      "Give both keys of a memory a common hash tag, as Redis Cluster needs it; off, they are named"
          + " as the older service names them. On where Redis is a Cluster, else off, unless set.")
  Optional<Boolean> clusterKeys();
}
