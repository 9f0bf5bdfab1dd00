package chat.magpie.conversation;

import java.time.Instant;

/// Something that happened in a conversation, at its place in the feed.
///
/// It is kept as it was written, so that a node passes on kinds that only a newer version knows.
///
/// @param seq its place: 1 for the first, without gaps
/// @param type the kind, such as `message.created`; `docs/protocol.md` lists them with their
///   payloads
/// @param payload the fields of the kind as a JSON object
public record FeedEntry(
    String conversationId, long seq, String type, String payload, Instant createdAt) {
  private static final String DESK = "desk.";

  /// Whether only those who see conversations of others are to know of it: kinds whose names begin
  /// with `desk.`.
  public boolean isForDesk() {
    return type.startsWith(DESK);
  }
}
