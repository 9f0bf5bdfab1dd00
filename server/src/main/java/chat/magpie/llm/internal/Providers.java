package chat.magpie.llm.internal;

import chat.magpie.llm.ModelRequest;
import chat.magpie.llm.ModelStream;
import java.util.SequencedMap;

/// The configured providers, each of which can be asked, once at a time and on its own account.
interface Providers {
  /// By name, the default one first.
  SequencedMap<String, Endpoint> endpoints();

  /// Sends one request to the provider that it names first and to nobody else; returns at once. The
  /// stream gives the events of this one attempt; [ModelRequest#calls] is not told.
  ModelStream ask(ModelRequest request);
}
