package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeConfig;
import java.time.Duration;
import java.util.Optional;

record TestKnowledgeConfig(long maxFileBytes, boolean ownDocuments) implements KnowledgeConfig {
  @Override
  public Optional<String> folder() {
    return Optional.empty();
  }

  @Override
  public Duration scanInterval() {
    return Duration.ofMillis(50);
  }

  @Override
  public int promptPassages() {
    return 4;
  }
}
