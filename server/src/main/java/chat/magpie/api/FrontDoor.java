package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.Problem;
import chat.magpie.knowledge.KnowledgeConfig;
import chat.magpie.limit.Buckets;
import chat.magpie.limit.Charge;
import chat.magpie.limit.Verdict;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/// What every request passes before anything of its body is read: its id, the headers that protect
/// the page, the limits of size and rate. Also turns errors from outside of the resources into
/// problems.
@Singleton
public final class FrontDoor {
  private static final Logger LOG = Logger.getLogger("chat.magpie.api");
  private static final int PRIORITY = 1_000;
  private static final String DOCUMENTS = "/knowledge/documents";

  /// What a form may have around its file.
  private static final long FORM = 100_000;

  /// How long what a refused caller still sends is read and thrown away, in milliseconds: closing
  /// at once would reset the connection before the caller has read why.
  private static final long DRAIN_MILLIS = 2_000;

  private final ApiConfig config;
  private final KnowledgeConfig knowledge;
  private final RateLimits limits;
  private final TrustedProxies proxies;
  private final CrossOrigin origins;
  private final KnownTokens knownTokens;
  private final AtomicBoolean toldOfProxy = new AtomicBoolean();

  @Inject
  FrontDoor(ApiConfig config, KnowledgeConfig knowledge, Buckets buckets, KnownTokens knownTokens) {
    this.config = config;
    this.knowledge = knowledge;
    this.knownTokens = knownTokens;
    limits = new RateLimits(config, buckets);
    proxies = TrustedProxies.of(config.trustedProxies(), config.forwardingHeader());
    origins = CrossOrigin.of(config.allowedOrigins());
  }

  void register(@Observes Filters filters) {
    filters.register(this::admit, PRIORITY);
  }

  void register(@Observes Router router) {
    for (int status : new int[] {400, 404, 405, 406, 413, 414, 415, 431, 500, 503}) {
      router.errorHandler(status, this::fail);
    }
    router.route().order(-PRIORITY).failureHandler(this::fail);
  }

  private void admit(RoutingContext context) {
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    String requestId = RequestIds.of(context);
    MDC.put(RequestIds.MDC_KEY, requestId);
    response.putHeader(RequestIds.HEADER, requestId);
    Client client = proxies.clientOf(request);
    client.attachTo(context);
    if (AccessLog.enabled()) {
      long began = System.nanoTime();
      context.addEndHandler(_ ->
          AccessLog.write(
              context, holder(request).map(KnownTokens.Holder::id).orElse(null), requestId, began));
    }
    if (isUnbounded(request)) {
      // a body without a length is measured by BodyGuard
      context.addHeadersEndHandler(_ -> closeIfTooLarge(context));
    }
    boolean readable = StrictText.isCleanUri(request.uri());
    SecurityHeaders.put(response, readable ? context.normalizedPath() : "", client.secure());
    boolean admitted = origins.admit(request, response);
    if (!readable) {
      // nothing may look at the path: what cannot be decoded cannot be routed
      refuse(context, new MagpieException(ErrorCode.BAD_REQUEST, "The address cannot be read."));
      return;
    }
    try {
      check(context.normalizedPath(), request, client);
    } catch (MagpieException refused) {
      refuse(context, refused);
      return;
    }
    count(context, client, admitted);
  }

  private void check(String path, HttpServerRequest request, Client client) {
    if (path.equals("/metrics") && !config.metricsPublic() && !isOperator(client)) {
      throw new MagpieException(
          ErrorCode.FORBIDDEN, "Metrics are served to the machine itself; see api.metrics_public.");
    }
    if (contentLength(request) > maxBody(request)) {
      throw new MagpieException(
          ErrorCode.TOO_LARGE, "The body may have " + maxBody(request) + " bytes at most.");
    }
  }

  /// Documents may be larger than everything else, and have a form around them.
  private long maxBody(HttpServerRequest request) {
    String path = Objects.requireNonNullElse(request.path(), "");
    boolean file =
        switch (request.method().name()) {
          case "POST" -> path.equals(DOCUMENTS);
          case "PUT" -> path.startsWith(DOCUMENTS + "/");
          default -> false;
        };
    return file
        ? Math.max(config.maxBodyBytes(), knowledge.maxUploadBytes() + FORM)
        : config.maxBodyBytes();
  }

  /// Whether the request comes from this machine: what a proxy on it that nobody told us to trust
  /// hands on does not.
  private boolean isOperator(Client client) {
    return client.isThisMachine() && !(client.proxied() && proxies.none());
  }

  /// Goes on where the quotas allow it; the answer may come at once or later.
  private void count(RoutingContext context, Client client, boolean admitted) {
    HttpServerRequest request = context.request();
    if (client.proxied() && proxies.none() && !toldOfProxy.getAndSet(true)) {
      LOG.warnf(
          "A request from %s came through a proxy that is not trusted, so limits count the proxy and"
              + " not who is behind it; see api.trusted_proxies. Said once.",
          client.text());
    }
    List<Charge> charges =
        limits.charges(
            request.method().name(), context.normalizedPath(), client.counted(), holder(request));
    if (charges.isEmpty()) {
      proceed(context, admitted);
      return;
    }
    Context home = context.vertx().getOrCreateContext();
    limits
        .buckets()
        .take(
            charges,
            verdict -> {
              if (home.equals(Vertx.currentContext())) {
                judge(context, verdict, admitted);
              } else {
                home.runOnContext(_ -> judge(context, verdict, admitted));
              }
            });
  }

  private void judge(RoutingContext context, Verdict verdict, boolean admitted) {
    if (context.response().closed()) {
      return; // the caller has gone meanwhile
    }
    RateLimits.tell(context.response(), verdict);
    @Nullable MagpieException refusal = RateLimits.refusal(verdict);
    if (refusal == null) {
      proceed(context, admitted);
    } else {
      refuse(context, refusal);
    }
  }

  private void proceed(RoutingContext context, boolean admitted) {
    if (context.normalizedPath().equals("/metrics") && !takesText(context.request())) {
      refuse(context, new MagpieException(ErrorCode.NOT_ACCEPTABLE, "Metrics are text/plain."));
      return;
    }
    if (!CrossOrigin.isPreflight(context.request())) {
      context.next();
    } else if (admitted) {
      CrossOrigin.answer(context.response());
    } else {
      refuse(
          context,
          new MagpieException(
              ErrorCode.FORBIDDEN, "Pages of this origin may not use the API from a browser."));
    }
  }

  /// The exporter's own refusal has no body.
  private static boolean takesText(HttpServerRequest request) {
    String accepted = request.getHeader(HttpHeaders.ACCEPT);
    return accepted == null
        || Stream.of("*/*", "text/*", "text/plain", "application/openmetrics-text")
            .anyMatch(accepted::contains);
  }

  private Optional<KnownTokens.Holder> holder(HttpServerRequest request) {
    return knownTokens.holderOf(request.getHeader(HttpHeaders.AUTHORIZATION));
  }

  private void fail(RoutingContext context) {
    if (context.response().ended()) {
      return;
    }
    if (context.response().headWritten()) {
      context.request().connection().close();
      return;
    }
    Throwable failure = context.failure();
    if (failure instanceof MagpieException ours) {
      refuse(context, ours);
      return;
    }
    @Nullable ErrorCode code = StatusCodes.codeOf(context.statusCode());
    MagpieException error =
        code == null
            ? new MagpieException(ErrorCode.INTERNAL, ErrorCode.INTERNAL.english(), failure)
            : new MagpieException(code, code.english(), failure);
    refuse(context, error);
  }

  private void refuse(RoutingContext context, MagpieException error) {
    ProblemMappers.log(error, context);
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    Problem problem =
        Problem.of(error, request.getHeader(HttpHeaders.ACCEPT_LANGUAGE), RequestIds.of(context));
    response
        .setStatusCode(error.code().status())
        .putHeader(RequestIds.HEADER, RequestIds.of(context))
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    problem
        .retryAfterSeconds()
        .ifPresent(seconds -> response.putHeader(HttpHeaders.RETRY_AFTER, seconds));
    if (isUnbounded(request)) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
      closeWhenRead(context);
    } else {
      request.resume();
    }
    response.end(Buffer.buffer(problem.json()));
  }

  private static void closeIfTooLarge(RoutingContext context) {
    if (context.response().getStatusCode() == ErrorCode.TOO_LARGE.status()
        && !context.response().headers().contains(HttpHeaders.CONNECTION)) {
      context.response().putHeader(HttpHeaders.CONNECTION, "close");
      context.addEndHandler(_ -> closeWhenRead(context));
    }
  }

  /// Whether a body comes that is too large, or that might be.
  private boolean isUnbounded(HttpServerRequest request) {
    return contentLength(request) > maxBody(request)
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  /// Closes the connection of a refused caller once all it sends has been read and thrown away, or
  /// after a while.
  private static void closeWhenRead(RoutingContext context) {
    HttpServerRequest request = context.request();
    long timer = context.vertx().setTimer(DRAIN_MILLIS, _ -> request.connection().close());
    try {
      request.handler(_ -> {});
      request.endHandler(_ -> {
        context.vertx().cancelTimer(timer);
        request.connection().close();
      });
      request.resume();
    } catch (IllegalStateException read) {
      LOG.debug("The body was read already", read);
    }
  }

  private static long contentLength(HttpServerRequest request) {
    @Nullable String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
