package chat.magpie.bench;

import io.vertx.core.Future;

/// Something that answers a message with a stream of the upstream's chunks.
interface Target {
  /// Asks once, as somebody who has never asked before.
  Future<Take> ask(String message, Take take);

  /// The upstream, or a floor that hands on what it gets.
  record Direct(Reader reader, int port) implements Target {
    @Override
    public Future<Take> ask(String message, Take take) {
      String body =
          "{\"model\":\"upstream\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
              + message
              + "\"}]}";
      return reader.stream(Reader.Call.post(port, "/v1/chat/completions", "", body), take);
    }
  }
}
