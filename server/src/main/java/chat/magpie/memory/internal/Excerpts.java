package chat.magpie.memory.internal;

import chat.magpie.conversation.Message;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The sentences of one conversation that a digest can be made of. It is only ever extended, a
/// block of messages at a time is settled once it has left the window, and of all that is settled
/// the best are kept: so neither its size nor the work for a new message grows with the length of
/// the conversation. What it holds depends on the messages and summaries alone. Not safe for
/// threads.
final class Excerpts {
  /// Sentences of settled messages that are kept.
  static final int KEPT = 128;

  /// Of one message, only so many sentences and characters are looked at.
  static final int PER_MESSAGE = 32;

  private static final int LONGEST_MESSAGE = 16_000;

  private final int window;
  private final int block;
  private final List<Excerpt> tail = new ArrayList<>();
  private final Map<Long, Summary> summaries = new HashMap<>();
  private List<Excerpt> settled = List.of();
  private long loaded;
  private long settledThrough;

  /// @param window messages that a prompt holds at most
  /// @param block messages that are settled together
  Excerpts(int window, int block) {
    this.window = window;
    this.block = block;
  }

  /// The last message that was added; 0 for none.
  long loaded() {
    return loaded;
  }

  /// The last message that is settled; 0 for none.
  long settledThrough() {
    return settledThrough;
  }

  /// How many sentences are held.
  int size() {
    return settled.size() + tail.size();
  }

  /// Whether a summary of the block that begins with this message is in use.
  boolean sumsUp(long fromSeq) {
    return summaries.containsKey(fromSeq);
  }

  /// Adds the next message.
  void add(Message message) {
    if (message.role() != Message.Role.SYSTEM) {
      String speaker = message.role() == Message.Role.USER ? "user" : "assistant";
      String content = message.content();
      String text =
          content.length() <= LONGEST_MESSAGE ? content : content.substring(0, LONGEST_MESSAGE);
      tail.addAll(cut(message.seq(), message.seq(), message.createdAt(), speaker, text));
    }
    pass(message.seq());
  }

  /// Takes notice that there is nothing more up to this message.
  void pass(long seq) {
    loaded = seq;
    while (loaded - settledThrough >= (long) block + window) {
      settle();
    }
  }

  /// Uses what a model has made of a block from now on, instead of what was picked from it.
  void add(Summary summary) {
    if (summaries.put(summary.fromSeq(), summary) != null || summary.text().isEmpty()) {
      return;
    }
    if (summary.throughSeq() <= settledThrough) {
      settled =
          Selection.best(
              Stream.concat(
                      settled.stream().filter(excerpt -> !summary.covers(excerpt.seq())),
                      sentences(summary).stream())
                  .toList(),
              KEPT);
    }
  }

  /// All sentences that are from before this message.
  List<Excerpt> before(long seq) {
    return Stream.concat(settled.stream(), tail.stream())
        .filter(excerpt -> excerpt.through() < seq)
        .toList();
  }

  private void settle() {
    long from = settledThrough + 1;
    settledThrough += block;
    Summary summary = summaries.get(from);
    List<Excerpt> more =
        summary == null || summary.text().isEmpty()
            ? tail.stream().filter(excerpt -> excerpt.seq() <= settledThrough).toList()
            : sentences(summary);
    tail.removeIf(excerpt -> excerpt.seq() <= settledThrough);
    settled = Selection.best(Stream.concat(settled.stream(), more.stream()).toList(), KEPT);
  }

  private static List<Excerpt> sentences(Summary summary) {
    return cut(
        summary.fromSeq(), summary.throughSeq(), summary.said(), Excerpt.SUMMARY, summary.text());
  }

  private static List<Excerpt> cut(
      long seq, long through, Instant said, String speaker, String text) {
    List<Excerpt> excerpts = new ArrayList<>();
    for (String sentence : Sentences.of(text, PER_MESSAGE)) {
      Excerpt excerpt = Excerpt.of(seq, through, excerpts.size(), said, speaker, sentence);
      if (excerpt.terms().size() > 0) {
        excerpts.add(excerpt);
      }
    }
    return excerpts;
  }
}
