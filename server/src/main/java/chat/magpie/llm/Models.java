package chat.magpie.llm;

import java.util.List;

/// The configured model providers.
public interface Models {
  /// Whether any provider is configured; without one, answers come from the knowledge base.
  boolean available();

  /// Asks a model and returns at once; connecting and waiting happen in the stream. Throws
  /// [ModelFailure] with `REFUSED` where the request names an unknown provider.
  ModelStream ask(ModelRequest request);

  /// The names of the configured providers, the default first.
  List<String> providers();
}
