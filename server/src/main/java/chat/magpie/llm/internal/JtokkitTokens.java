package chat.magpie.llm.internal;

import chat.magpie.llm.LlmConfig;
import chat.magpie.llm.PromptMessage;
import chat.magpie.llm.Tokens;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Tokens as OpenAI's encodings count them. The vocabulary, some 10 MB, is loaded by the first call
/// that needs it; calls in the meantime wait.
///
/// A text of more than 2,000 characters is counted in pieces, cut where the encoding never joins
/// anything. Only a run of that length without any such place (no space, no punctuation) is cut
/// anywhere, which may add a token or two per 2,000 characters; without that, hostile texts would
/// take seconds.
public final class JtokkitTokens implements Tokens {
  private final LlmConfig config;
  private final EncodingType type;
  private final Map<EncodingType, JtokkitTokens> family;
  private final TokenCache cache;
  private final LongAdder hits;
  private final LongAdder misses;
  private volatile @Nullable Encoding encoding;

  /// Loads nothing yet.
  ///
  /// @throws IllegalArgumentException if the configuration names an encoding that does not exist
  public JtokkitTokens(LlmConfig config) {
    this(
        config,
        Encodings.named("magpie.llm.encoding", config.encoding()),
        new ConcurrentHashMap<>(),
        new LongAdder(),
        new LongAdder());
    if (config.tokenCacheSize() < 0) {
      throw new IllegalArgumentException(
          "Configuration: magpie.llm.token_cache_size must not be negative");
    }
    config
        .providers()
        .forEach((name, provider) ->
            provider
                .encoding()
                .ifPresent(
                    named -> Encodings.named("magpie.llm.providers." + name + ".encoding", named)));
    family.put(type, this);
  }

  private JtokkitTokens(
      LlmConfig config,
      EncodingType type,
      Map<EncodingType, JtokkitTokens> family,
      LongAdder hits,
      LongAdder misses) {
    this.config = config;
    this.hits = hits;
    this.misses = misses;
    this.type = type;
    this.family = family;
    cache = new TokenCache(Math.max(0, config.tokenCacheSize()));
  }

  @Override
  public Tokens of(Optional<String> provider, Optional<String> model) {
    // What is not told is counted as this does.
    EncodingType other = Encodings.of(config, provider, model, type);
    return family.computeIfAbsent(
        other, wanted -> new JtokkitTokens(config, wanted, family, hits, misses));
  }

  @Override
  public String encoding() {
    return type.getName();
  }

  /// How often a count was remembered, of all encodings together.
  public long hits() {
    return hits.sum();
  }

  /// How often a text had to be counted.
  public long misses() {
    return misses.sum();
  }

  @Override
  public int count(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    int known = cache.get(text);
    (known >= 0 ? hits : misses).increment();
    if (known >= 0) {
      return known;
    }
    int count = 0;
    for (int from = 0; from < text.length(); ) {
      int to = Pieces.end(text, from);
      count += plainCount(text, from, to);
      from = to;
    }
    cache.put(text, count);
    return count;
  }

  @Override
  public int countPrompt(List<PromptMessage> messages) {
    int count = 2;
    for (PromptMessage message : messages) {
      count += count(message.content()) + 4;
    }
    return count;
  }

  @Override
  public int estimate(String text) {
    long tenths = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      tenths += isCjk(point) ? 15 : 3;
    }
    return (int) Math.min(Integer.MAX_VALUE, (tenths + 9) / 10);
  }

  @Override
  public String truncate(String text, int maxTokens) {
    int left = maxTokens;
    for (int from = 0; from < text.length(); ) {
      int to = Pieces.end(text, from);
      int count = plainCount(text, from, to);
      if (count > left) {
        return text.substring(0, fit(text, from, to, left, maxTokens));
      }
      left -= count;
      from = to;
    }
    return text;
  }

  /// The end of the longest beginning that fits, within a piece that does not fit as a whole.
  private int fit(String text, int from, int to, int left, int maxTokens) {
    int low = from;
    int high = to;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (!isWhole(text, middle)) {
        middle++;
      }
      if (middle == high) {
        break;
      }
      if (plainCount(text, from, middle) <= left) {
        low = middle;
      } else {
        high = middle;
      }
    }
    // A few more characters can make fewer tokens: "stran" takes more than "strange".
    for (int end = low + 1; end <= Math.min(to, low + 32); end++) {
      if (isWhole(text, end) && plainCount(text, from, end) <= left) {
        low = end;
      }
    }
    while (low > 0 && (!isWhole(text, low) || uncachedCount(text, low) > maxTokens)) {
      low--;
    }
    return low;
  }

  private int uncachedCount(String text, int end) {
    int count = 0;
    String beginning = text.substring(0, end);
    for (int from = 0; from < end; ) {
      int to = Pieces.end(beginning, from);
      count += plainCount(beginning, from, to);
      from = to;
    }
    return count;
  }

  private static boolean isWhole(String text, int end) {
    return end == 0
        || end == text.length()
        || !Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
  }

  private int plainCount(String text, int from, int to) {
    return from >= to ? 0 : loaded().countTokensOrdinary(WellFormed.of(text.substring(from, to)));
  }

  private Encoding loaded() {
    Encoding loaded = encoding;
    return loaded != null ? loaded : load();
  }

  private synchronized Encoding load() {
    Encoding loaded = encoding;
    if (loaded == null) {
      loaded = com.knuddels.jtokkit.Encodings.newLazyEncodingRegistry().getEncoding(type);
      encoding = loaded;
    }
    return loaded;
  }

  private static boolean isCjk(int point) {
    if (point < 0x1100) {
      return false;
    }
    return switch (Character.UnicodeScript.of(point)) {
      case HAN, HIRAGANA, KATAKANA, HANGUL, BOPOMOFO -> true;
      default -> false;
    };
  }
}
