package chat.magpie.identity.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import chat.magpie.identity.Principal;
import chat.magpie.identity.Role;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/// Access tokens from anywhere.
class TokensFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final HmacKey KEY =
      new HmacKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8));
  private static final Tokens TOKENS =
      new Tokens(
          new KeyRing(() -> {
            TreeMap<String, HmacKey> keys = new TreeMap<>();
            keys.put("k1", KEY);
            return keys;
          }),
          () -> NOW);
  private static final Principal GUEST =
      new Principal(Principal.DEFAULT_TENANT, "guest_1", Role.GUEST, false);
  private static final String ISSUED = TOKENS.issue(GUEST, Duration.ofHours(1));

  /// No text is a token that we have not issued: neither alone nor as a part of one that we have.
  @FuzzTest
  void forged(byte[] data) {
    String text = new String(data, UTF_8);
    String[] parts = ISSUED.split("\\.", -1);
    assertThat(TOKENS.verify(text)).isEmpty();
    for (int part = 0; part < parts.length; part++) {
      String[] changed = parts.clone();
      changed[part] = text;
      TOKENS
          .verify(String.join(".", changed))
          .ifPresent(verified -> assertThat(verified.principal()).isEqualTo(GUEST));
    }
  }

  /// Whatever is signed with our key names a whole principal for a while, or nobody.
  @FuzzTest
  void claims(byte[] payload) throws JoseException {
    JsonWebSignature signature = new JsonWebSignature();
    signature.setPayloadBytes(payload);
    signature.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
    signature.setKeyIdHeaderValue("k1");
    signature.setKey(KEY);
    TOKENS
        .verify(signature.getCompactSerialization())
        .ifPresent(verified -> {
          assertThat(verified.principal().userId()).isNotBlank().hasSizeLessThanOrEqualTo(128);
          assertThat(verified.principal().tenantId()).isNotBlank().hasSizeLessThanOrEqualTo(128);
          assertThat(verified.untilMillis()).isGreaterThan(NOW.toEpochMilli());
        });
  }
}
