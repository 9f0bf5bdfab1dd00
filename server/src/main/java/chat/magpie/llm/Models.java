package chat.magpie.llm;

import java.util.List;

/// The configured model providers, of which one answers for another that fails.
///
/// A request names an ordered chain of providers. One that fails in passing is asked again, at most
/// `magpie.llm.tries` times in all; then the next one is asked, and at once where a provider
/// refuses the request or is known to be failing. A provider that is known to be failing is passed
/// over, but no answer is refused unasked: where all are, the first of the chain is asked once.
public interface Models {
  /// Whether any provider is configured; without one, answers come from the knowledge base.
  boolean available();

  /// Asks a model and returns at once; connecting and waiting happen in the stream. Throws
  /// [ModelFailure] with `REFUSED` where no provider that the request names is configured.
  ModelStream ask(ModelRequest request);

  /// The names of the configured providers, the default first.
  List<String> providers();

  /// The names of the providers that are known to be failing and are passed over, by name.
  List<String> failing();
}
