package chat.magpie.live.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Modes;
import chat.magpie.identity.Credentials;
import chat.magpie.knowledge.Imports;
import chat.magpie.live.ConversationStreams;
import chat.magpie.live.LiveConfig;
import chat.magpie.live.LiveSignals;
import chat.magpie.live.Sockets;
import chat.magpie.live.Tickets;
import chat.magpie.llm.Tokens;
import chat.magpie.reply.Replies;
import chat.magpie.stream.ReplyLogs;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Everything with which this node serves conversations to readers, of whatever transport.
public final class LiveNode implements AutoCloseable {
  private final Hub hub;
  private final Rounds rounds;
  private final Entitlements entitlements;
  private final QueueWatch queue;
  private final Presences presences;
  private final HubConversationStreams streams;
  private final VertxSockets sockets;

  /// @param node names this one among others
  /// @param origins those besides the server's own whose pages may open sockets, with commas
  ///   between them
  public LiveNode(
      String node,
      Vertx vertx,
      LiveConfig config,
      Optional<String> origins,
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
    Frames frames = new Frames(json);
    hub = new Hub(FeedSource.of(conversations), logs, signals, frames, registry);
    rounds = new Rounds(vertx, config.heartbeat().dividedBy(2));
    entitlements = new Entitlements(credentials);
    queue = new QueueWatch(modes, frames, hub);
    presences = new Presences(node, hub);
    Places places = new Places(config.connections(), config.connectionsPerUser());
    Gauge.builder("magpie.live.places.taken", places, Places::taken)
        .description("WebSockets and event streams of sessions that this node keeps open")
        .register(registry);
    SlowReaders slowReaders = new SlowReaders(vertx, config, registry);
    streams =
        new HubConversationStreams(
            config,
            new Following(conversations, hub),
            hub,
            rounds,
            entitlements,
            slowReaders,
            places,
            registry);
    Set<Socket> open = ConcurrentHashMap.newKeySet();
    Gauge.builder("magpie.live.sockets", open, Set::size)
        .description("WebSockets that are open on this node")
        .register(registry);
    sockets =
        new VertxSockets(
            new SocketServices(
                config,
                credentials,
                conversations,
                replies,
                modes,
                tokens,
                hub,
                frames,
                json,
                rounds,
                entitlements,
                slowReaders,
                queue,
                new ImportWatch(imports, frames),
                presences,
                places,
                open),
            tickets,
            Origins.of(origins));
    conversations.listen(hub::grew);
  }

  public ConversationStreams streams() {
    return streams;
  }

  public Sockets sockets() {
    return sockets;
  }

  /// Sends all readers away with their cursors, to come back to another node or after the restart.
  public void leave() {
    streams.leave();
    sockets.leave();
  }

  @Override
  public void close() {
    leave();
    rounds.close();
    entitlements.close();
    queue.close();
    presences.close();
    hub.close();
  }
}
