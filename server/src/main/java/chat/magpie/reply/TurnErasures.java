package chat.magpie.reply;

import chat.magpie.conversation.Archive;
import chat.magpie.identity.Principal;
import java.util.Optional;
import java.util.function.Consumer;

/// Erases single turns wherever they are kept.
public interface TurnErasures {
  /// Empties a turn as [Archive#erase] does, and then all that was made of it: the logs of its
  /// replies, short-term memory, what long-term memory keeps beside the message, and what those
  /// keep who asked to hear of it. When the call returns, none of them holds its text.
  ///
  /// Errors besides those of [Archive#erase]: `STORAGE_UNAVAILABLE` where something could not be
  /// reached. The text of the message is gone then, and the same call again erases the rest.
  Optional<Archive.Erased> erase(Principal caller, String userId, String id);

  /// Whoever keeps something of messages hears of each that is erased, maybe more than once; what
  /// it throws is told to the caller, who is to repeat.
  void onErase(Consumer<Archive.Erased> listener);
}
