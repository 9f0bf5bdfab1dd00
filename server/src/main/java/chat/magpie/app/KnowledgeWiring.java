package chat.magpie.app;

import chat.magpie.conversation.Sessions;
import chat.magpie.identity.Audit;
import chat.magpie.knowledge.KnowledgeBase;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.knowledge.internal.Extraction;
import chat.magpie.knowledge.internal.KnowledgeNews;
import chat.magpie.knowledge.internal.LuceneKnowledgeBase;
import chat.magpie.knowledge.internal.SqlDocuments;
import chat.magpie.knowledge.internal.SqlGaps;
import chat.magpie.knowledge.internal.SqlImports;
import chat.magpie.knowledge.internal.SqlVectors;
import chat.magpie.knowledge.internal.StoredDocuments;
import chat.magpie.llm.Embeddings;
import chat.magpie.redis.Redis;
import chat.magpie.sql.Database;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// Puts the knowledge base together, has it read its folder from the start, and goes on with
/// imports.
@Dependent
class KnowledgeWiring {
  @Produces
  @Singleton
  Extraction extraction(KnowledgeConfig knowledge, DataFolder data) {
    return new Extraction(knowledge, data.root().resolve("uploads").resolve("reading"));
  }

  @Produces
  @Singleton
  LuceneKnowledgeBase knowledgeBase(
      KnowledgeConfig knowledge,
      DataFolder data,
      Extraction extraction,
      Database database,
      KnowledgeNews news,
      Embeddings embeddings) {
    Path folder = knowledge.folder().map(Path::of).orElseGet(data::knowledge);
    LuceneKnowledgeBase base =
        new LuceneKnowledgeBase(
            knowledge,
            folder,
            InstantSource.system(),
            extraction,
            new StoredDocuments(database),
            embeddings,
            new SqlVectors(database, InstantSource.system()));
    news.onChange(base::changed);
    return base;
  }

  /// Nobody shares SQLite.
  @Produces
  @Singleton
  KnowledgeNews news(Database database, Redis redis, DataFolder data) {
    return new KnowledgeNews(
        switch (database.dialect()) {
          case SQLITE -> Optional.empty();
          case POSTGRES, MARIADB -> Optional.of(redis);
        },
        data.nodeId());
  }

  @Produces
  @Singleton
  SqlDocuments documents(
      Database database,
      Audit audit,
      InstantSource clock,
      KnowledgeConfig knowledge,
      KnowledgeNews news) {
    return new SqlDocuments(database, audit, clock, knowledge.versionsKept(), news::changed);
  }

  @Produces
  @Singleton
  SqlImports imports(
      Database database,
      Audit audit,
      InstantSource clock,
      KnowledgeConfig knowledge,
      KnowledgeNews news,
      Extraction extraction,
      DataFolder data) {
    return new SqlImports(
        database,
        audit,
        clock,
        knowledge,
        news,
        extraction,
        data.root().resolve("uploads"),
        data.nodeId());
  }

  @Produces
  @Singleton
  SqlGaps gaps(
      Database database,
      Audit audit,
      InstantSource clock,
      SqlDocuments documents,
      KnowledgeNews news,
      Sessions sessions) {
    SqlGaps gaps = new SqlGaps(database, audit, clock, documents, news::changed);
    sessions.onErase((deleted, replies) ->
        gaps.forgetConversation(deleted.tenantId(), deleted.conversationId()));
    return gaps;
  }

  void stop(@Disposes LuceneKnowledgeBase knowledge) {
    knowledge.close();
  }

  void start(@Observes StartupEvent started, KnowledgeBase knowledge, SqlImports imports) {
    knowledge.inventory();
    imports.start();
  }

  /// While Redis and the database are still there.
  void close(@Observes ShutdownEvent event, SqlImports imports, SqlGaps gaps, KnowledgeNews news) {
    gaps.close();
    imports.close();
    news.close();
  }
}
