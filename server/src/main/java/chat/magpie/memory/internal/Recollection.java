package chat.magpie.memory.internal;

import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.RememberedTurn;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The index of one owner's turns, kept as far as the database was when it was last looked at.
final class Recollection {
  private final MemoryKey owner;
  private final StoredTurns stored;
  private final int limit;
  private final ZoneId zone;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, StoredTurns.State> seen = new HashMap<>();
  private @Nullable TurnIndex index;
  private ZoneId latestZone;
  private final AtomicLong bytes = new AtomicLong();

  Recollection(MemoryKey owner, StoredTurns stored, int limit, ZoneId zone) {
    this.owner = owner;
    this.stored = stored;
    this.limit = limit;
    this.zone = zone;
    this.latestZone = zone;
  }

  MemoryKey owner() {
    return owner;
  }

  /// Roughly what it takes in memory.
  long bytes() {
    return bytes.get();
  }

  /// What somebody does with the index while nobody else touches it.
  ///
  /// @param fresh whether it had to be read whole
  record Held(TurnIndex index, ZoneId zone, boolean fresh) {}

  /// Brings the index up to these states and uses it.
  ///
  /// @param states of all conversations of the owner, read after whatever must not be seen was gone
  /// @param spare the conversation that need not be newer than it is, as long as it has no more
  ///   than `gap` new messages
  <T> T use(Map<String, StoredTurns.State> states, String spare, int gap, Function<Held, T> work) {
    lock.lock();
    try {
      TurnIndex current = index;
      boolean fresh = current == null || !grow(current, states, spare, gap);
      if (fresh) {
        current = build(states);
      }
      return work.apply(new Held(Objects.requireNonNull(current), latestZone, fresh));
    } finally {
      lock.unlock();
    }
  }

  /// Adds what is new. False where that cannot be told from what is there.
  private boolean grow(
      TurnIndex current, Map<String, StoredTurns.State> states, String spare, int gap) {
    for (Map.Entry<String, StoredTurns.State> known : seen.entrySet()) {
      StoredTurns.State now = states.get(known.getKey());
      if (now == null || known.getValue().lost(now)) {
        return false;
      }
    }
    List<StoredTurns.Zoned> more = new ArrayList<>();
    Map<String, StoredTurns.State> grown = new HashMap<>();
    states.forEach((id, state) -> {
      StoredTurns.State known = seen.get(id);
      long from = known == null ? 0 : known.messages();
      if (state.messages() > from && !(id.equals(spare) && state.messages() - from <= gap)) {
        more.addAll(stored.after(owner, id, state, from, limit));
        grown.put(id, state);
      }
    });
    if (more.isEmpty()) {
      seen.putAll(grown);
      return true;
    }
    more.sort(Comparator.comparing(zoned -> zoned.turn().at()));
    boolean later =
        current.size() == 0
            || !more.getFirst().turn().at().isBefore(current.turns().getLast().at());
    if (!later || current.size() + more.size() > limit) {
      return false;
    }
    add(current, more);
    seen.putAll(grown);
    return true;
  }

  private TurnIndex build(Map<String, StoredTurns.State> states) {
    TurnIndex built = new TurnIndex(Weights.TUNED);
    bytes.set(0);
    latestZone = zone;
    add(built, stored.all(owner, states, limit));
    seen.clear();
    seen.putAll(states);
    index = built;
    return built;
  }

  private void add(TurnIndex to, List<StoredTurns.Zoned> turns) {
    Map<String, Vector> vectors =
        stored.vectors(turns.stream().map(zoned -> zoned.turn().messageId()).toList());
    for (StoredTurns.Zoned zoned : turns) {
      Vector vector = vectors.get(zoned.turn().messageId());
      to.add(zoned.turn(), vector);
      latestZone = zoned.zone();
      bytes.addAndGet(size(zoned.turn()) + (vector == null ? 0 : vector.bytes().length));
    }
  }

  /// In which spaces there are vectors of what is held.
  Set<String> spaces() {
    lock.lock();
    try {
      TurnIndex current = index;
      return current == null ? Set.of() : Set.copyOf(current.spaces());
    } finally {
      lock.unlock();
    }
  }

  /// Turns that have no vector, at most so many; of what is held.
  List<RememberedTurn> withoutVector(int most) {
    lock.lock();
    try {
      TurnIndex current = index;
      return current == null ? List.of() : current.withoutVector(most);
    } finally {
      lock.unlock();
    }
  }

  /// Gives vectors to turns that are still held.
  void learn(Map<String, Vector> vectors) {
    lock.lock();
    try {
      TurnIndex current = index;
      if (current != null) {
        current.learn(vectors);
        vectors.values().forEach(vector -> bytes.addAndGet(vector.bytes().length));
      }
    } finally {
      lock.unlock();
    }
  }

  /// The text, its terms and what belongs to them.
  private static long size(RememberedTurn turn) {
    return 400 + 14L * turn.text().length();
  }
}
