package chat.magpie.llm.internal;

/// A model that comes with the product.
///
/// @param space names the vectors that it makes
/// @param file its resource, and that of its vocabulary: `<file>.onnx`, `<file>-tokenizer.json`
/// @param dimensions of its vectors
record OnnxModel(String space, String file, int dimensions) {
  /// For texts with Chinese in them.
  static final OnnxModel CHINESE = new OnnxModel("bge-small-zh-v1.5-q", "bge-small-zh-v1.5-q", 512);

  /// For all other texts.
  static final OnnxModel ENGLISH = new OnnxModel("bge-small-en-v1.5-q", "bge-small-en-v1.5-q", 384);
}
