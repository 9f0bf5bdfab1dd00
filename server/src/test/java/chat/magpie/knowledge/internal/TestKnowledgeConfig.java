package chat.magpie.knowledge.internal;

import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.OwnDocumentation;
import java.time.Duration;
import java.util.Optional;

record TestKnowledgeConfig(long maxFileBytes, OwnDocumentation ownDocuments)
    implements KnowledgeConfig {
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

  @Override
  public long maxUploadBytes() {
    return 20_000_000;
  }

  @Override
  public long maxUnpackedBytes() {
    return 50_000_000;
  }

  @Override
  public int maxPages() {
    return 5_000;
  }

  @Override
  public int maxTextCharacters() {
    return 4_000_000;
  }

  @Override
  public Duration extractTimeout() {
    return Duration.ofMinutes(2);
  }

  @Override
  public int extractMegabytes() {
    return 128;
  }

  @Override
  public Duration urlTimeout() {
    return Duration.ofSeconds(20);
  }

  @Override
  public Optional<String> urlPrivateHosts() {
    return Optional.empty();
  }

  @Override
  public int versionsKept() {
    return 3;
  }

  @Override
  public Duration importLease() {
    return Duration.ofSeconds(30);
  }
}
