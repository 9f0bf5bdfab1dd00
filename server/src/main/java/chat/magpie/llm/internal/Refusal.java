package chat.magpie.llm.internal;

import chat.magpie.llm.ModelFailure.Kind;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads from the head of a response whether the provider answers at all.
final class Refusal {
  private Refusal() {}

  /// Why this is no answer; null if an event stream follows.
  static @Nullable Broken of(HttpClientResponse response, Redaction redaction) {
    int status = response.statusCode();
    if (status != 200) {
      return new Broken(kind(status), "answered with status " + status, null, retryAfter(response));
    }
    String encoding = response.getHeader("content-encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return new Broken(Kind.MALFORMED, "answered in a compressed form that nobody asked for");
    }
    String type = response.getHeader("content-type");
    if (type != null && !type.strip().toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
      String name = type.split(";", 2)[0].strip().replace('/', '.');
      return new Broken(
          Kind.MALFORMED,
          "answered with "
              + redaction.identifier(name).replace('.', '/')
              + ", not an event stream");
    }
    return null;
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 429 -> Kind.RATE_LIMITED;
      case 408, 425 -> Kind.PROVIDER_ERROR;
      default ->
          status >= 500 ? Kind.PROVIDER_ERROR : status >= 300 ? Kind.REFUSED : Kind.MALFORMED;
    };
  }

  private static @Nullable Duration retryAfter(HttpClientResponse response) {
    String millis = response.getHeader("retry-after-ms");
    if (millis != null && amount(millis, 1) != null) {
      return amount(millis, 1);
    }
    String wait = response.getHeader("retry-after");
    return wait == null ? null : after(wait.strip(), response.getHeader("date"));
  }

  /// How long to wait, where the text is a number of seconds or the date of the end of the wait.
  /// From its own date on, where the provider says it: its clock may be wrong, or ours.
  static @Nullable Duration after(String text, @Nullable String providersDate) {
    Duration seconds = amount(text, 1000);
    Instant then = seconds == null ? date(text) : null;
    if (then == null) {
      return seconds;
    }
    Instant now = providersDate == null ? null : date(providersDate.strip());
    Duration wait = Duration.between(now == null ? InstantSource.system().instant() : now, then);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static @Nullable Duration amount(String text, int unitMillis) {
    try {
      double amount = Double.parseDouble(text);
      return amount >= 0 && amount < 1e9
          ? Duration.ofMillis(Math.round(amount * unitMillis))
          : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Instant date(String text) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
