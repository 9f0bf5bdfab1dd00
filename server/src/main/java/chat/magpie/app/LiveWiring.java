package chat.magpie.app;

import chat.magpie.api.ApiConfig;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Modes;
import chat.magpie.identity.Credentials;
import chat.magpie.knowledge.Imports;
import chat.magpie.live.ConversationStreams;
import chat.magpie.live.LiveConfig;
import chat.magpie.live.LiveSignals;
import chat.magpie.live.Sockets;
import chat.magpie.live.Tickets;
import chat.magpie.live.internal.LiveNode;
import chat.magpie.live.internal.RedisLiveSignals;
import chat.magpie.live.internal.SealedTickets;
import chat.magpie.llm.Tokens;
import chat.magpie.redis.Redis;
import chat.magpie.reply.Replies;
import chat.magpie.sql.Database;
import chat.magpie.stream.ReplyLogs;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;

/// Puts together what serves conversations to their readers.
@Dependent
class LiveWiring {
  /// Nobody shares SQLite.
  @Produces
  @Singleton
  LiveSignals signals(Database database, Redis redis, DataFolder data, MeterRegistry registry) {
    return switch (database.dialect()) {
      case SQLITE -> LiveSignals.none();
      case POSTGRES, MARIADB -> new RedisLiveSignals(redis, data.nodeId(), registry);
    };
  }

  @Produces
  @Singleton
  Tickets tickets(Database database, Redis redis) {
    return new SealedTickets(
        switch (database.dialect()) {
          case SQLITE -> Optional.empty();
          case POSTGRES, MARIADB -> Optional.of(redis);
        });
  }

  @Produces
  @Singleton
  LiveNode live(
      DataFolder data,
      Vertx vertx,
      LiveConfig config,
      ApiConfig api,
      ReplyLogs logs,
      Conversations conversations,
      Modes modes,
      Replies replies,
      Tokens tokens,
      Imports imports,
      Credentials credentials,
      Tickets tickets,
      LiveSignals signals,
      ObjectMapper json,
      MeterRegistry registry) {
    return new LiveNode(
        data.nodeId(),
        vertx,
        config,
        api.allowedOrigins(),
        logs,
        conversations,
        modes,
        replies,
        tokens,
        imports,
        credentials,
        tickets,
        signals,
        json,
        registry);
  }

  @Produces
  @Singleton
  ConversationStreams streams(LiveNode live) {
    return live.streams();
  }

  @Produces
  @Singleton
  Sockets sockets(LiveNode live) {
    return live.sockets();
  }

  /// From the start, so that the readers of other nodes learn of what is committed here.
  void start(@Observes StartupEvent event, LiveNode live) {}

  /// While the sockets are still open.
  void leave(@Observes ShutdownDelayInitiatedEvent event, LiveNode live) {
    live.leave();
  }

  /// While Redis and the database are still there.
  void close(@Observes ShutdownEvent event, LiveNode live, LiveSignals signals) {
    live.close();
    signals.close();
  }
}
