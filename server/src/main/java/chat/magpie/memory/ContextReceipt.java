package chat.magpie.memory;

import java.util.List;

/// What a prompt was made of: each part that was sent, recalled, summarised or dropped, with
/// tokens.
///
/// @param budget tokens that the prompt could have at most
/// @param total tokens that it has, framing included
public record ContextReceipt(int budget, int total, List<Part> parts) {

  /// One part.
  ///
  /// @param kind `system`, `profile`, `knowledge`, `history` or `message`
  /// @param source where it comes from: a character's id, a message id, a document's path
  /// @param fate what became of it
  /// @param tokens what it costs in the prompt; for a dropped one, what it would have cost
  public record Part(String kind, String source, Fate fate, int tokens) {}

  /// What became of a part.
  public enum Fate {
    SENT,
    RECALLED,
    SUMMARISED,
    SHORTENED,
    DROPPED
  }
}
