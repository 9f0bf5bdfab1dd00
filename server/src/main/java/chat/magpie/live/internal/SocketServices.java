package chat.magpie.live.internal;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Modes;
import chat.magpie.identity.Credentials;
import chat.magpie.live.LiveConfig;
import chat.magpie.llm.Tokens;
import chat.magpie.reply.Replies;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;

/// What sockets need from around them.
///
/// @param sockets all that are open on this node
record SocketServices(
    LiveConfig config,
    Credentials credentials,
    Conversations conversations,
    Replies replies,
    Modes modes,
    Tokens tokens,
    Hub hub,
    Frames frames,
    ObjectMapper json,
    Rounds rounds,
    Entitlements entitlements,
    SlowReaders slowReaders,
    QueueWatch queue,
    ImportWatch imports,
    Presences presences,
    Places places,
    Set<Socket> sockets) {}
