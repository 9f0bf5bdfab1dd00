package chat.magpie.identity.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.magpie.kernel.MagpieException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordsTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Passwords passwords = new Passwords();

  @Test
  void aPasswordMatchesItsHashAndNoOther() {
    String hash = passwords.hash("correct horse");

    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(passwords.hash("correct horse")).isNotEqualTo(hash);
    assertThat(passwords.matches("correct horse", Optional.of(hash))).isTrue();
    assertThat(passwords.matches("correct horse ", Optional.of(hash))).isFalse();
    assertThat(passwords.matches("", Optional.of(hash))).isFalse();
  }

  /// The first two are test vectors of the reference implementation (phc-winner-argon2), the third
  /// was made by password4j, whose hashes databases hold.
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "password $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password $argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "'correct horse' $argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rk2Mi3E4dgRMg0fHaYaptWVZRKqs//6b6k3/nntqGJk"
      })
  void hashesOfOthersAreUnderstood(String password, String hash) {
    assertThat(passwords.matches(password, Optional.of(hash))).isTrue();
    assertThat(passwords.matches(password + "x", Optional.of(hash))).isFalse();
  }

  @Test
  void nobodyMatchesAndTakesAsLong() {
    String hash = passwords.hash("correct horse");
    passwords.matches("warm up", Optional.of(hash));
    passwords.matches("warm up", Optional.empty());

    long known = fastest(Optional.of(hash));
    long unknown = fastest(Optional.empty());

    assertThat(passwords.matches("anything", Optional.empty())).isFalse();
    assertThat((double) unknown / known).isBetween(0.5, 2.0);
  }

  @Test
  void oneTimePasswordsDifferAndAreAcceptable() {
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      String password = passwords.oneTime();
      assertThat(password).matches("[a-z2-9]{5}(-[a-z2-9]{5}){3}");
      passwords.requireAcceptable("new_password", password);
      made.add(password);
    }
    assertThat(made).hasSize(1000);
  }

  @Test
  void lengthIsCountedInCharacters() {
    passwords.requireAcceptable("new_password", "😀".repeat(256));
    assertThatThrownBy(() -> passwords.requireAcceptable("new_password", "😀".repeat(9)))
        .isInstanceOf(MagpieException.class);
    assertThatThrownBy(() -> passwords.requireAcceptable("new_password", "😀".repeat(257)))
        .isInstanceOf(MagpieException.class);
  }

  /// In processor time, which does not tell how busy the machine is.
  private long fastest(Optional<String> hash) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long start = THREADS.getCurrentThreadCpuTime();
      passwords.matches("a guess", hash);
      best = Math.min(best, THREADS.getCurrentThreadCpuTime() - start);
    }
    return best;
  }
}
