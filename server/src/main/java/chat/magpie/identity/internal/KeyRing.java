package chat.magpie.identity.internal;

import chat.magpie.kernel.MagpieException;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jose4j.keys.HmacKey;

/// The keys that sign access tokens. Tokens of every key are accepted; the key whose id sorts last
/// signs. Ids that are generated here sort by creation. A key that appears later is found when its
/// first token arrives; a removed one counts until the next start.
final class KeyRing {
  private static final long RESCAN_NANOS = Duration.ofSeconds(5).toNanos();

  private final SigningKeys source;
  private final AtomicLong nextScan = new AtomicLong();
  private volatile NavigableMap<String, HmacKey> keys;

  /// Throws [MagpieException] where the keys cannot be read.
  KeyRing(SigningKeys source) {
    this.source = source;
    this.keys = source.load();
    // At once: another node may have added its key between our look and its first token.
    nextScan.set(System.nanoTime());
  }

  /// The id of the key that signs.
  String signingId() {
    return keys.lastKey();
  }

  /// The key with this id.
  Optional<HmacKey> find(String id) {
    HmacKey key = keys.get(id);
    if (key == null && scanIsDue()) {
      try {
        NavigableMap<String, HmacKey> found = source.load();
        found.putAll(keys);
        keys = found;
      } catch (MagpieException e) {
        System.getLogger(KeyRing.class.getName())
            .log(System.Logger.Level.WARNING, "the signing keys cannot be read", e);
      }
      key = keys.get(id);
    }
    return Optional.ofNullable(key);
  }

  private boolean scanIsDue() {
    long due = nextScan.get();
    long now = System.nanoTime();
    return now - due >= 0 && nextScan.compareAndSet(due, now + RESCAN_NANOS);
  }
}
