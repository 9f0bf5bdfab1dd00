package chat.magpie.identity.internal;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2id (RFC 9106), version 1.3, one lane, with its parameters in front of the hash, in the
/// form of the reference implementation: `$argon2id$v=19$m=<KiB>,t=<passes>,p=1$<salt>$<hash>`.
///
/// Keeps no memory between two calls.
final class Argon2 {
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{16,86})");

  private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

  private final int memoryKib;
  private final int passes;
  private final byte[] salt;

  /// @param memoryKib at least 8
  Argon2(int memoryKib, int passes, byte[] salt) {
    this.memoryKib = memoryKib;
    this.passes = passes;
    this.salt = salt.clone();
  }

  /// The hash of so many bytes, with its parameters.
  String encoded(byte[] password, int bytes) {
    return "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s"
        .formatted(
            memoryKib,
            passes,
            ENCODER.encodeToString(salt),
            ENCODER.encodeToString(hash(password, bytes)));
  }

  /// Whether the password has the hash; empty where that is no hash of this form.
  static Optional<Boolean> matches(byte[] password, String encoded) {
    Matcher parts = FORM.matcher(encoded);
    if (!parts.matches()) {
      return Optional.empty();
    }
    byte[] expected = Base64.getDecoder().decode(parts.group(4));
    Argon2 argon2 =
        new Argon2(
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            Base64.getDecoder().decode(parts.group(3)));
    return Optional.of(MessageDigest.isEqual(expected, argon2.hash(password, expected.length)));
  }

  private byte[] hash(byte[] password, int bytes) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[bytes];
    generator.generateBytes(password, hash);
    return hash;
  }
}
