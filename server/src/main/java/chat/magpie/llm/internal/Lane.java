package chat.magpie.llm.internal;

import io.vertx.core.Context;
import io.vertx.core.http.HttpClient;

/// One event loop with a client and its connections: an answer stays on the loop that reads its
/// connection, so that no chunk crosses threads before it reaches its reader.
record Lane(Context context, HttpClient client) {}
