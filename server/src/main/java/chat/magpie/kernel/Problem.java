package chat.magpie.kernel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An error as a client sees it (RFC 9457): the one place that turns an [ErrorCode] into bytes.
///
/// @param detail what went wrong, safe to show; never holds what the caller sent
/// @param language of the title
/// @param requestId the id under which the log knows the request; null outside of one
/// @param retryAfter when the caller should try again, where that is known
public record Problem(
    ErrorCode code,
    String detail,
    Language language,
    @Nullable String requestId,
    Optional<Duration> retryAfter) {

  /// The value of `Content-Type`.
  public static final String MEDIA_TYPE = "application/problem+json";

  /// The languages that titles are written in.
  public enum Language {
    ENGLISH,
    CHINESE;

    /// The first of them that an `Accept-Language` header names by its order; weights are not
    /// compared, as browsers send their list sorted. English where it names none.
    public static Language of(@Nullable String acceptLanguage) {
      if (acceptLanguage == null) {
        return ENGLISH;
      }
      for (String range : acceptLanguage.toLowerCase(Locale.ROOT).split(",", 16)) {
        String tag = range.strip();
        if (tag.startsWith("zh")) {
          return CHINESE;
        }
        if (tag.startsWith("en")) {
          return ENGLISH;
        }
      }
      return ENGLISH;
    }
  }

  /// A problem with the text of its code and nothing more.
  public static Problem of(
      ErrorCode code, @Nullable String acceptLanguage, @Nullable String requestId) {
    return of(new MagpieException(code, code.english()), acceptLanguage, requestId);
  }

  public static Problem of(
      MagpieException error, @Nullable String acceptLanguage, @Nullable String requestId) {
    return new Problem(
        error.code(), error.detail(), Language.of(acceptLanguage), requestId, error.retryAfter());
  }

  /// The value of `Retry-After` in whole seconds, at least 1.
  public Optional<String> retryAfterSeconds() {
    return retryAfter.map(span -> Long.toString(Math.max(1, span.plusMillis(999).toSeconds())));
  }

  /// The text of the code in the caller's language.
  public String title() {
    return switch (language) {
      case ENGLISH -> code.english();
      case CHINESE -> code.chinese();
    };
  }

  /// The body, in UTF-8.
  public byte[] json() {
    StringBuilder out = new StringBuilder(256).append("{\"type\":\"about:blank\"");
    field(out, "title", title());
    out.append(",\"status\":").append(code.status());
    field(out, "code", code.id());
    field(out, "detail", detail);
    out.append(",\"retryable\":").append(code.retryable());
    if (requestId != null) {
      field(out, "request_id", requestId);
    }
    return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void field(StringBuilder out, String name, String value) {
    out.append(",\"").append(name).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
