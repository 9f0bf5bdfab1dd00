package chat.magpie.app;

import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.internal.LuceneKnowledgeBase;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;

/// Puts the knowledge base together and has it read its folder from the start.
@Dependent
class KnowledgeWiring {
  @Produces
  @Singleton
  LuceneKnowledgeBase knowledgeBase(KnowledgeConfig knowledge, DataFolder data) {
    Path folder = knowledge.folder().map(Path::of).orElseGet(data::knowledge);
    return new LuceneKnowledgeBase(knowledge, folder, InstantSource.system());
  }

  void stop(@Disposes LuceneKnowledgeBase knowledge) {
    knowledge.close();
  }

  void start(@Observes StartupEvent started, KnowledgeBase knowledge) {
    knowledge.inventory();
  }
}
