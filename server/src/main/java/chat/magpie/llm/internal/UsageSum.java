package chat.magpie.llm.internal;

import chat.magpie.llm.ModelEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What all attempts together cost that made the answer as it stands; unknown as soon as one of
/// them was not counted by its provider, as where it was cut. Not thread-safe.
final class UsageSum {
  private int input;
  private int output;
  private boolean known;
  private ModelEvent.@Nullable Usage current;

  /// @param continued whether somebody else has begun the answer
  UsageSum(boolean continued) {
    known = !continued;
  }

  /// The provider has counted for the attempt under way.
  void counted(ModelEvent.Usage usage) {
    current = usage;
  }

  /// The attempt under way is over.
  ///
  /// @param said whether it gave anything
  /// @return what was counted for it alone
  Optional<ModelEvent.Usage> settle(boolean said) {
    Optional<ModelEvent.Usage> own = Optional.ofNullable(current);
    if (own.isPresent()) {
      input += own.get().inputTokens();
      output += own.get().outputTokens();
    } else if (said) {
      known = false;
    }
    current = null;
    return own;
  }

  /// What earlier attempts gave is no part of the answer any more.
  void forgetEarlier() {
    input = 0;
    output = 0;
    known = true;
  }

  /// The sum over the attempts that are over, where it is known and there is one.
  ModelEvent.@Nullable Usage sum() {
    return known && input + output > 0 ? new ModelEvent.Usage(input, output) : null;
  }
}
