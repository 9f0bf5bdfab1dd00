package chat.magpie.identity.internal;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Hashes passwords with Argon2id, two at a time at most: each costs about 50 ms of a core and 19
/// MiB.
final class Passwords {
  static final int MIN_LENGTH = 10;
  static final int MAX_LENGTH = 256;

  /// The password that older documents published for the administrator.
  private static final String PUBLISHED = "admin123456";

  private static final int MEMORY_KIB = 19_456;
  private static final int ITERATIONS = 2;
  private static final int HASH_BYTES = 32;
  private static final int SALT_BYTES = 16;
  private static final int AT_ONCE = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /// A hash of nothing in particular, with the parameters of a real one.
  private static final String NOBODY =
      "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmUhIQ"
          + "$7dT0cB0nXo1e8m3vTzq2kUuFqk1rD9c6Yx0m2wq0a1M";

  private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
  private static final int ONE_TIME_GROUPS = 4;
  private static final int ONE_TIME_GROUP = 5;

  private final SecureRandom random = new SecureRandom();
  private final Semaphore slots = new Semaphore(AT_ONCE, true);

  /// The hash to store. `OVERLOADED` where too many wait.
  String hash(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    Argon2 argon2 = new Argon2(MEMORY_KIB, ITERATIONS, salt);
    return inTurn(() -> argon2.encoded(bytes(password), HASH_BYTES));
  }

  /// Whether the password is the one behind the hash. Takes as long where there is no hash, and the
  /// published password never is the one. `OVERLOADED` where too many wait.
  boolean matches(String password, Optional<String> hash) {
    boolean possible = hash.isPresent() && password.length() <= 2 * MAX_LENGTH;
    String attempt = password.length() <= 2 * MAX_LENGTH ? password : "";
    String against = possible ? hash.get() : NOBODY;
    boolean equal =
        inTurn(() -> Argon2.matches(bytes(attempt), against))
            .orElseThrow(() -> new IllegalStateException("A stored password hash is broken"));
    return equal && possible && !isPublished(password);
  }

  /// `INVALID_FIELD` unless the password may become somebody's.
  void requireAcceptable(String field, String password) {
    if (!WellFormed.test(password)) {
      throw invalid(field, "must not hold NUL or broken characters");
    }
    int length = password.codePointCount(0, password.length());
    if (length < MIN_LENGTH || length > MAX_LENGTH) {
      throw invalid(field, "must have " + MIN_LENGTH + " to " + MAX_LENGTH + " characters");
    }
    if (isPublished(password)) {
      throw invalid(field, "is published and would let anybody in");
    }
  }

  /// A password of about 99 random bits that can be read aloud.
  String oneTime() {
    return random(ONE_TIME_GROUPS);
  }

  /// Groups of five random letters and digits that can be read aloud, about 25 bits each.
  String random(int groups) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups * ONE_TIME_GROUP; i++) {
      if (i > 0 && i % ONE_TIME_GROUP == 0) {
        text.append('-');
      }
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  static MagpieException invalid(String field, String what) {
    return new MagpieException(ErrorCode.INVALID_FIELD, field + ": " + what);
  }

  private static boolean isPublished(String password) {
    return password.strip().equalsIgnoreCase(PUBLISHED);
  }

  private static byte[] bytes(String password) {
    return password.getBytes(StandardCharsets.UTF_8);
  }

  private <T> T inTurn(Supplier<T> work) {
    boolean entered = false;
    try {
      entered = slots.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!entered) {
        throw new MagpieException(
            ErrorCode.OVERLOADED, "Too many people sign in at once.", null, PATIENCE);
      }
      return work.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MagpieException(ErrorCode.OVERLOADED, ErrorCode.OVERLOADED.english(), e);
    } finally {
      if (entered) {
        slots.release();
      }
    }
  }
}
