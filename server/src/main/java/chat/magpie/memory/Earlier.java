package chat.magpie.memory;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/// What can stand for the messages of a conversation that a prompt leaves out.
@FunctionalInterface
public interface Earlier {
  /// Nothing is known of them.
  Earlier NONE = (_, _, _) -> List.of();

  /// What matters most of the messages before this one, the most important first: as much as fits
  /// into about so many tokens. All of it is still stored when the call returns. May read the
  /// database; throws as that does.
  ///
  /// @param quoted messages of which no sentence is wanted, since the prompt holds them whole
  List<Line> before(long seq, int maxTokens, Set<Long> quoted);

  /// A sentence of it.
  ///
  /// @param seq the message that it is from, or the first of those that it sums up
  /// @param at its place there
  /// @param said when that was said
  /// @param speaker `user`, `assistant`, or `summary` for what a model wrote
  record Line(long seq, int at, Instant said, String speaker, String text) {}
}
