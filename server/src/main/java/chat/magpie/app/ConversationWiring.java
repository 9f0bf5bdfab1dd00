package chat.magpie.app;

import chat.magpie.character.Characters;
import chat.magpie.conversation.Archive;
import chat.magpie.conversation.Desk;
import chat.magpie.conversation.Modes;
import chat.magpie.conversation.Ratings;
import chat.magpie.conversation.SessionConfig;
import chat.magpie.conversation.internal.SqlArchive;
import chat.magpie.conversation.internal.SqlConversations;
import chat.magpie.conversation.internal.SqlSessions;
import chat.magpie.identity.Audit;
import chat.magpie.sql.Database;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/// Makes the system of record.
@Dependent
class ConversationWiring {
  @Produces
  @Singleton
  SqlConversations conversations(
      Database database,
      Characters characters,
      Audit audit,
      ObjectMapper json,
      InstantSource clock) {
    return new SqlConversations(database, characters, audit, json, clock);
  }

  @Produces
  @Singleton
  Modes modes(SqlConversations conversations) {
    return conversations.modes();
  }

  @Produces
  @Singleton
  Desk desk(SqlConversations conversations) {
    return conversations.desk();
  }

  @Produces
  @Singleton
  SqlSessions sessions(
      DataFolder data,
      SessionConfig config,
      Database database,
      SqlConversations conversations,
      Characters characters,
      ObjectMapper json,
      InstantSource clock) {
    return new SqlSessions(data.nodeId(), config, database, conversations, characters, json, clock);
  }

  @Produces
  @Singleton
  Archive archive(
      Database database,
      SqlConversations conversations,
      Characters characters,
      Audit audit,
      ObjectMapper json,
      InstantSource clock) {
    return new SqlArchive(database, conversations, characters, audit, json, clock);
  }

  @Produces
  @Singleton
  Ratings ratings(SqlConversations conversations) {
    return conversations.ratings();
  }
}
