package chat.magpie.live.internal;

import chat.magpie.conversation.Conversation;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.live.FeedCursor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The talk of somebody of the desk, `/ws/desk`: the queue, and as many conversations as they want.
final class DeskTalk implements Talk, QueueWatch.Watcher, ImportWatch.Watcher {
  private static final int MOST = 200;

  private final Socket socket;
  private final SocketServices services;
  private final Following following;
  private final Speaking speaking;
  private final Map<String, FeedReader> readers = new ConcurrentHashMap<>();
  private volatile boolean closed;

  DeskTalk(Socket socket) {
    this.socket = socket;
    this.services = socket.services();
    this.following = new Following(services.conversations(), services.hub());
    this.speaking = new Speaking(services);
  }

  @Override
  public void admit(Principal caller, @Nullable String cursor) {
    if (!Desk.mayRead(caller)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN.english());
    }
    if (cursor != null && !cursor.isEmpty()) {
      throw new MagpieException(ErrorCode.BAD_CURSOR, "cursor: belongs into subscribe here");
    }
    socket.post(
        new SocketFrames.Welcome(
            caller.userId(),
            Frames.word(caller.role()),
            null,
            services.config().heartbeat().toMillis(),
            services.config().maxFrameBytes()));
    services.queue().add(this);
    services.imports().add(this);
    if (closed) {
      services.queue().remove(this);
      services.imports().remove(this);
    }
  }

  @Override
  public void receive(Principal caller, Inbound frame) {
    String id = Speaking.required("conversation_id", frame.conversationId());
    switch (frame) {
      case Inbound.Subscribe subscribe ->
          subscribe(caller, speaking.visible(caller, id), subscribe.cursor());
      case Inbound.Unsubscribe _ -> unsubscribe(id);
      case Inbound.Send send -> socket.post(speaking.say(caller, id, send));
      case Inbound.Typing typing -> speaking.type(caller, id, typing);
      case Inbound.Read read -> speaking.read(caller, id, read);
      case Inbound.Stop _ -> speaking.stop(caller, speaking.visible(caller, id));
      case Inbound.Auth _ -> throw Speaking.notHere();
      case Inbound.Ping _ -> throw Speaking.notHere();
    }
  }

  private void subscribe(Principal caller, Conversation conversation, @Nullable String cursor) {
    String id = conversation.id();
    if (readers.containsKey(id)) {
      throw new MagpieException(ErrorCode.CONFLICT, "The conversation is followed already.");
    }
    if (readers.size() >= MOST) {
      throw new MagpieException(
          ErrorCode.INVALID_FIELD, "A socket follows at most " + MOST + " conversations.");
    }
    Optional<FeedCursor> from =
        Optional.ofNullable(cursor).filter(text -> !text.isEmpty()).map(FeedCursor::parse);
    FeedReader reader = following.follow(caller, conversation, from, socket.context(), socket);
    readers.put(id, reader);
    socket.post(new SocketFrames.Subscribed(id));
    reader.start();
    services.presences().joined(caller, id);
    services.presences().in(id, true).forEach(socket::post);
    if (closed && readers.remove(id, reader)) {
      close(caller, reader);
    }
  }

  private void unsubscribe(String id) {
    FeedReader reader = readers.remove(id);
    if (reader == null) {
      throw new MagpieException(ErrorCode.NOT_FOUND, "The conversation is not followed.");
    }
    close(caller(), reader);
    socket.post(new SocketFrames.Unsubscribed(id));
  }

  private void close(Principal caller, FeedReader reader) {
    services.presences().left(caller, reader.conversation().conversation().id());
    socket.context().runOnContext(ignored -> reader.close());
  }

  @Override
  public Principal caller() {
    return socket.principal();
  }

  @Override
  public void queue(byte[] frame) {
    socket.then(() -> {
      if (!socket.full()) {
        socket.write("queue", null, frame);
      }
    });
  }

  @Override
  public void progress(byte[] frame) {
    socket.then(() -> {
      if (!socket.full()) {
        socket.write("knowledge.progress", null, frame);
      }
    });
  }

  @Override
  public boolean mayStay(Principal now) {
    return Desk.mayRead(now);
  }

  @Override
  public void over(FeedReader reader, ErrorCode why) {
    String id = reader.conversation().conversation().id();
    if (readers.remove(id, reader)) {
      close(caller(), reader);
    }
    socket.post(Frames.Failure.of(new MagpieException(why, why.english()), null, id));
  }

  @Override
  public void closed() {
    closed = true;
    services.queue().remove(this);
    services.imports().remove(this);
    for (FeedReader reader : List.copyOf(readers.values())) {
      if (readers.remove(reader.conversation().conversation().id(), reader)) {
        close(caller(), reader);
      }
    }
  }
}
