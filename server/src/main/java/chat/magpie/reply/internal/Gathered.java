package chat.magpie.reply.internal;

import chat.magpie.knowledge.Passage;
import chat.magpie.memory.Earlier;
import chat.magpie.memory.MemoryMessage;
import chat.magpie.memory.Recalled;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What was found out before an answer is begun.
///
/// @param recalled turns of long ago that may matter, in any order
/// @param earlier what can stand for messages that are not in the history
/// @param missing the sources that failed or were late: `memory`, `recall`, `profile`, `knowledge`,
///   `digest`
record Gathered(
    List<MemoryMessage> history,
    List<String> profile,
    List<Passage> passages,
    List<Recalled> recalled,
    Earlier earlier,
    Set<String> missing) {

  /// The same with notes beside what is known about the user.
  Gathered with(List<String> notes) {
    if (notes.isEmpty()) {
      return this;
    }
    List<String> lines = new ArrayList<>(notes);
    lines.addAll(profile);
    return new Gathered(history, lines, passages, recalled, earlier, missing);
  }
}
