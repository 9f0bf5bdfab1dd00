package chat.magpie.llm.internal;

import chat.magpie.llm.ModelFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why a stream came to no good end, as the event loop notes it for the thread that reads.
///
/// @param what the cause in a few words, without secrets or prompts
record Broken(
    ModelFailure.Kind kind, String what, @Nullable Throwable cause, @Nullable Duration retryAfter) {

  Broken(ModelFailure.Kind kind, String what) {
    this(kind, what, null, null);
  }

  /// Made where it is thrown, so that the stack trace is the reader's.
  ModelFailure toFailure(String provider) {
    return new ModelFailure(kind, "Model provider " + provider + ": " + what, cause, retryAfter);
  }
}
