package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;

/// How often a caller may ask: a bucket of tokens per user, or per address for callers that are not
/// known yet. It remembers a bounded number of callers; one that was quiet the longest starts anew.
@Singleton
public final class RateLimits {
  private static final int CALLERS = 20_000;

  private final ApiConfig config;
  private final TimeMeter clock;
  private final RecentlyUsed<Bucket> callers = new RecentlyUsed<>(CALLERS);
  private final RecentlyUsed<Bucket> guests = new RecentlyUsed<>(CALLERS);

  @Inject
  RateLimits(ApiConfig config) {
    this(config, TimeMeter.SYSTEM_NANOTIME);
  }

  RateLimits(ApiConfig config, TimeMeter clock) {
    this.config = config;
    this.clock = clock;
  }

  /// Whether requests for this path are counted: those for the page, its files, the documentation
  /// and the operator's routes are not.
  static boolean counts(String path) {
    return !(path.equals("/")
        || path.equals("/metrics")
        || path.equals("/health")
        || path.startsWith("/health/")
        || path.startsWith("/static/")
        || path.equals("/docs")
        || path.startsWith("/docs/")
        || path.equals("/openapi")
        || path.startsWith("/favicon."));
  }

  /// Counts a request; `RATE_LIMITED` where the caller has none left.
  void count(String caller) {
    int perSecond = config.requestsPerSecond();
    if (perSecond > 0) {
      take(
          callers.get(
              caller, () -> bucket(perSecond + config.burst(), perSecond, Duration.ofSeconds(1))));
    }
  }

  /// Counts a request for a guest token; `RATE_LIMITED` where the address has none left.
  void countGuest(String address) {
    int perMinute = config.guestsPerMinute();
    if (perMinute > 0) {
      take(
          guests.get(
              byAddress(address), () -> bucket(perMinute, perMinute, Duration.ofMinutes(1))));
    }
  }

  /// The caller behind an address. IPv6 addresses of one network (/64) are one caller, since
  /// anybody has as many of them as they like.
  static String byAddress(String address) {
    if (address.indexOf(':') < 0) {
      return "@" + address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      return "@" + HexFormat.of().formatHex(Arrays.copyOf(bytes, Math.min(8, bytes.length)));
    } catch (UnknownHostException e) {
      return "@" + address;
    }
  }

  private Bucket bucket(long capacity, long refill, Duration period) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(capacity).refillGreedy(refill, period))
        .withCustomTimePrecision(clock)
        .build();
  }

  private static void take(Bucket bucket) {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      throw new MagpieException(
          ErrorCode.RATE_LIMITED,
          ErrorCode.RATE_LIMITED.english(),
          null,
          Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
  }
}
