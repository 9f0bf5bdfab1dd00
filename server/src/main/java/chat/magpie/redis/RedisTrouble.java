package chat.magpie.redis;

import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// What a failed command says about the server that it was sent to.
enum RedisTrouble {
  /// Nothing: the command was wrong, or its time had come.
  NONE,
  /// The key is on another server, or on its way there.
  ELSEWHERE,
  /// This server takes no writes: it has become a replica, has lost its replicas, is reading its
  /// file, or its Cluster is not whole.
  UNFIT;

  private static final List<String> UNFIT_ANSWERS =
      List.of("READONLY", "NOREPLICAS", "MASTERDOWN", "LOADING", "CLUSTERDOWN");
  private static final List<String> ELSEWHERE_ANSWERS = List.of("MOVED", "ASK", "TRYAGAIN");

  static RedisTrouble of(Throwable failure) {
    String text = String.valueOf(innermost(failure).getMessage());
    int space = text.indexOf(' ');
    String word = space < 0 ? text : text.substring(0, space);
    if (UNFIT_ANSWERS.contains(word)) {
      return UNFIT;
    }
    return ELSEWHERE_ANSWERS.contains(word) ? ELSEWHERE : NONE;
  }

  /// The failure itself, out of what futures wrap it in.
  static Throwable innermost(Throwable failure) {
    Throwable inner = failure;
    for (@Nullable Throwable cause = failure.getCause();
        cause != null
            && (inner instanceof ExecutionException || inner instanceof CompletionException);
        cause = cause.getCause()) {
      inner = cause;
    }
    return inner;
  }
}
