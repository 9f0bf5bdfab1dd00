package chat.magpie.memory;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/// What a prompt was made of: each part that was sent, recalled, summarised or dropped, with
/// tokens.
///
/// @param budget tokens that the prompt could have at most
/// @param total tokens that it has, framing included
/// @param involved the other characters that had a hand in the answer, in order; usually none
public record ContextReceipt(
    int budget,
    int total,
    List<Part> parts,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Involved> involved) {

  /// Of an answer that one character makes alone.
  public ContextReceipt(int budget, int total, List<Part> parts) {
    this(budget, total, parts, List.of());
  }

  /// The same with those that had a hand in the answer.
  public ContextReceipt involving(List<Involved> others) {
    return new ContextReceipt(budget, total, parts, List.copyOf(others));
  }

  /// A character that another one has involved.
  ///
  /// @param way `route`, `consult` or `transfer`
  /// @param outcome `done`, or why it came to nothing, such as `timeout`
  /// @param inputTokens what asking it cost; 0 where it was not asked but answered itself
  public record Involved(
      String way, String characterId, String outcome, int inputTokens, int outputTokens) {}

  /// One part.
  ///
  /// @param kind `system`, `profile`, `knowledge`, `recalled`, `digest`, `history` or `message`
  /// @param source where it comes from: a character's id, a message id, a document's path; for a
  ///   digest, the numbers of the first and the last message that it stands for, as in `1-84`
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
