package chat.magpie.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final TimeMeter clock =
      new TimeMeter() {
        @Override
        public long currentTimeNanos() {
          return nanos.get();
        }

        @Override
        public boolean isWallClockBased() {
          return false;
        }
      };

  @Test
  void aBurstIsAllowedAndThenTheAverage() {
    RateLimits limits = new RateLimits(config(2, 3, 0), clock);
    take(limits, "u", 5);

    assertThatThrownBy(() -> limits.count("u"))
        .isInstanceOfSatisfying(
            MagpieException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(refused.retryAfter()).contains(Duration.ofMillis(500));
            });
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    take(limits, "u", 2);
    assertThatThrownBy(() -> limits.count("u")).isInstanceOf(MagpieException.class);
  }

  @Test
  void oneCallerDoesNotUseUpWhatAnotherMay() {
    RateLimits limits = new RateLimits(config(1, 0, 0), clock);
    limits.count("a");

    assertThatThrownBy(() -> limits.count("a")).isInstanceOf(MagpieException.class);
    limits.count("b");
  }

  @Test
  void zeroLiftsALimit() {
    RateLimits limits = new RateLimits(config(0, 0, 0), clock);
    take(limits, "u", 10_000);
    for (int i = 0; i < 10_000; i++) {
      limits.countGuest("127.0.0.1");
    }
  }

  @Test
  void guestsAreCountedPerMinute() {
    RateLimits limits = new RateLimits(config(0, 0, 2), clock);
    limits.countGuest("10.0.0.1");
    limits.countGuest("10.0.0.1");

    assertThatThrownBy(() -> limits.countGuest("10.0.0.1")).isInstanceOf(MagpieException.class);
    limits.countGuest("10.0.0.2");
    nanos.addAndGet(Duration.ofSeconds(30).toNanos());
    limits.countGuest("10.0.0.1");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1, true",
    "10.0.0.1, 10.0.0.2, false",
    "2001:db8:0:1::1, 2001:db8:0:1:ffff::2, true",
    "2001:db8:0:1::1, 2001:db8:0:2::1, false"
  })
  void addressesOfOneIpv6NetworkAreOneCaller(String one, String other, boolean same) {
    assertThat(RateLimits.byAddress(one).equals(RateLimits.byAddress(other))).isEqualTo(same);
  }

  @Test
  void whatIsRememberedIsBounded() {
    RecentlyUsed<String> entries = new RecentlyUsed<>(3);
    entries.get("a", () -> "1");
    entries.get("b", () -> "2");
    entries.get("c", () -> "3");
    entries.get("a", () -> "never made");
    entries.get("d", () -> "4");

    assertThat(entries.size()).isEqualTo(3);
    assertThat(entries.find("b")).isEmpty();
    assertThat(entries.find("a")).contains("1");
  }

  private static void take(RateLimits limits, String caller, int requests) {
    for (int i = 0; i < requests; i++) {
      limits.count(caller);
    }
  }

  private static ApiConfig config(int perSecond, int burst, int guests) {
    return new ApiConfig() {
      @Override
      public long maxBodyBytes() {
        return 1000;
      }

      @Override
      public int requestsPerSecond() {
        return perSecond;
      }

      @Override
      public int burst() {
        return burst;
      }

      @Override
      public int guestsPerMinute() {
        return guests;
      }

      @Override
      public boolean metricsPublic() {
        return false;
      }
    };
  }
}
