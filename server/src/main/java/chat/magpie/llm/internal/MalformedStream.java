package chat.magpie.llm.internal;

/// What a provider sent is not an event stream of chat completions. The message says what is wrong
/// with it, without quoting it.
final class MalformedStream extends Exception {
  MalformedStream(String message) {
    super(message, null, false, false);
  }
}
