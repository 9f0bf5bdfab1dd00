package chat.magpie.conversation.internal;

import org.jspecify.annotations.Nullable;

/// What a transaction on a conversation led to, and how far the feed reaches with it.
///
/// @param feedSeq the seq of the newest event; 0 while there is none
record Grown<T extends @Nullable Object>(
    T result, String tenantId, String conversationId, long feedSeq) {}
