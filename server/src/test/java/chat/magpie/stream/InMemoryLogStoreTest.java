package chat.magpie.stream;

class InMemoryLogStoreTest extends LogStoreContract {
  private final InMemoryLogStore store = new InMemoryLogStore();

  @Override
  protected LogStore store() {
    return store;
  }
}
