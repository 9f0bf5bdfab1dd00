package chat.magpie.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.function.Supplier;

/// The HTTP client that loads every server: one event loop, kept connections, as little work per
/// chunk as will do.
final class Reader implements AutoCloseable {
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setTcpNoDelay(true).setKeepAliveTimeout(20),
          new PoolOptions().setHttp1MaxSize(4096));

  /// One request; empty texts are left out.
  record Call(
      HttpMethod method, int port, String path, String token, String body, String lastEventId) {
    static Call post(int port, String path, String token, String body) {
      return new Call(HttpMethod.POST, port, path, token, body, "");
    }

    static Call get(int port, String path, String token, String lastEventId) {
      return new Call(HttpMethod.GET, port, path, token, "", lastEventId);
    }
  }

  /// Requests a stream; the future is done when it has ended or was cut.
  Future<Take> stream(Call call, Take take) {
    open(call)
        .onFailure(take::failed)
        .onSuccess(request -> {
          take.written();
          request
              .send(Buffer.buffer(call.body()))
              .onFailure(take::failed)
              .onSuccess(answer -> {
                if (answer.statusCode() == 200) {
                  take.read(answer);
                } else {
                  take.failed(refused(call, answer.statusCode()));
                }
              });
        });
    return take.over();
  }

  /// Requests something short and gives its body.
  Future<String> text(Call call, Runnable written) {
    return open(call)
        .compose(request -> {
          written.run();
          return request.send(Buffer.buffer(call.body()));
        })
        .compose(answer ->
            answer.statusCode() < 300
                ? answer.body().map(Buffer::toString)
                : Future.failedFuture(refused(call, answer.statusCode())));
  }

  private Future<HttpClientRequest> open(Call call) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(call.method())
            .setHost("127.0.0.1")
            .setPort(call.port())
            .setURI(call.path());
    if (!call.body().isEmpty()) {
      options.putHeader("content-type", "application/json");
    }
    if (!call.token().isEmpty()) {
      options.putHeader("authorization", "Bearer " + call.token());
    }
    if (!call.lastEventId().isEmpty()) {
      options.putHeader("last-event-id", call.lastEventId());
    }
    return client.request(options);
  }

  private static IllegalStateException refused(Call call, int status) {
    return new IllegalStateException(call.method() + " " + call.path() + ": " + status);
  }

  /// Begins something after a while, on the event loop.
  <T> Future<T> later(long millis, Supplier<Future<T>> action) {
    return millis <= 0 ? action.get() : vertx.timer(millis).compose(_ -> action.get());
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
