package chat.magpie.handover;

import java.time.Instant;
import java.util.Set;

/// Somebody who works at the desk.
///
/// @param presence as it is now: `OFFLINE` too where there was no sign of life for a while
/// @param capacity how many conversations the server assigns to them at most
/// @param skills what they are able to do
/// @param conversations how many they answer now
/// @param seenAt when the last sign of life came
public record Agent(
    String tenantId,
    String userId,
    Presence presence,
    int capacity,
    Set<String> skills,
    int conversations,
    Instant seenAt) {

  /// Whether an agent is there. Only those who are `ONLINE` get conversations from the server.
  public enum Presence {
    ONLINE,
    AWAY,
    OFFLINE
  }

  /// Whether the server may assign one more conversation.
  public boolean hasRoom() {
    return presence == Presence.ONLINE && conversations < capacity;
  }
}
