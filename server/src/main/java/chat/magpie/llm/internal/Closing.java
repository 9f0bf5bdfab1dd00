package chat.magpie.llm.internal;

/// Something that ends without failing.
public interface Closing extends AutoCloseable {
  @Override
  void close();
}
