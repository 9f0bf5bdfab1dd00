package chat.magpie.reply;

/// Tells the other nodes that there is something for them in the database, so that they need not
/// wait for their next look. A hint may get lost, and none is needed for anything to happen.
public interface NodeHints {
  /// Asks all nodes to look for replies that are to be taken on or to be stopped. Never blocks.
  void look();

  /// Calls this when some node asks, on a thread of its own. To be called once.
  void onLook(Runnable look);
}
