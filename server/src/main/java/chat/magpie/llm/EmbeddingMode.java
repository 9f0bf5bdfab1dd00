package chat.magpie.llm;

/// What turns text into vectors.
public enum EmbeddingMode {
  /// Nothing does.
  OFF,
  /// The models that come with the server.
  AUTO,
  /// An endpoint that speaks OpenAI's embeddings.
  PROVIDER
}
