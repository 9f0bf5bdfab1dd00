package chat.magpie.bench;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// The least that a server with Magpie's promises does, as a process of its own: commits one row,
/// forwards the request to the upstream, appends each chunk of the answer to a Redis stream and,
/// when that is acknowledged, passes it on. It reads nothing and knows nobody.
final class Floor {
  private final int upstreamPort;
  private final RedisAsyncCommands<String, String> redis;
  private final FloorDatabase database;
  private final HttpClient client;
  private final Context context;
  private final AtomicLong numbers = new AtomicLong();

  @SuppressWarnings("deprecation") // Vert.x 5 moves the event loops elsewhere
  private Floor(Vertx vertx, int upstreamPort, int redisPort, Path file) {
    this.upstreamPort = upstreamPort;
    ClientResources resources =
        ClientResources.builder()
            .eventLoopGroupProvider(new OneEventLoop(vertx.nettyEventLoopGroup()))
            .build();
    this.redis = RedisClient.create(resources, "redis://127.0.0.1:" + redisPort).connect().async();
    this.database = new FloorDatabase(file);
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setTcpNoDelay(true), new PoolOptions().setHttp1MaxSize(4096));
    this.context = vertx.getOrCreateContext();
  }

  /// `<port of the upstream> <port of Redis> <file of the database>`; prints its port.
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    Floor floor =
        new Floor(vertx, Integer.parseInt(args[0]), Integer.parseInt(args[1]), Path.of(args[2]));
    floor.context.runOnContext(_ ->
        vertx
            .createHttpServer(
                new HttpServerOptions().setAcceptBacklog(4096).setHost("127.0.0.1").setPort(0))
            .requestHandler(floor::handle)
            .listen()
            .onComplete(
                server -> IO.println("floor http://127.0.0.1:" + server.result().actualPort())));
  }

  private void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (request.method().equals(HttpMethod.GET)) {
      response.end();
      return;
    }
    request.bodyHandler(body ->
        database.insert(body.toString(), () -> context.runOnContext(_ -> forward(body, response))));
  }

  private void forward(Buffer body, HttpServerResponse response) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(upstreamPort)
            .setURI("/v1/chat/completions")
            .putHeader("content-type", "application/json");
    client
        .request(options)
        .compose(request -> request.send(body))
        .onSuccess(answer -> pipe(answer, response))
        .onFailure(_ -> response.setStatusCode(502).end());
  }

  /// Redis acknowledges in the order of the appends, so that chunks stay in order; everything is on
  /// one event loop, so that nothing is handed from thread to thread.
  private void pipe(HttpClientResponse answer, HttpServerResponse response) {
    String key = "floor:" + numbers.incrementAndGet();
    response.setChunked(true).putHeader("content-type", "text/event-stream");
    answer.handler(chunk ->
        redis
            .xadd(key, Map.of("chunk", chunk.toString()))
            .whenComplete((_, _) -> context.runOnContext(_ -> response.write(chunk))));
    answer.endHandler(_ ->
        redis
            .pexpire(key, 3_600_000)
            .whenComplete((_, _) -> context.runOnContext(_ -> response.end())));
  }
}
