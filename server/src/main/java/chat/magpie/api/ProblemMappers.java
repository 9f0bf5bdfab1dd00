package chat.magpie.api;

import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.Problem;
import com.fasterxml.jackson.core.JacksonException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/// Makes a [Problem] of whatever a resource throws. Nothing of an unexpected exception reaches the
/// caller; the log has it, under the request id that the caller gets.
public final class ProblemMappers {
  private static final Logger LOG = Logger.getLogger("chat.magpie.api");

  @ServerExceptionMapper
  public Response ours(MagpieException error, RoutingContext request) {
    log(error, request);
    return response(error, request);
  }

  @ServerExceptionMapper(priority = 1)
  public Response json(JacksonException error, RoutingContext request) {
    return response(JsonErrors.explain(error), request);
  }

  @ServerExceptionMapper(priority = 1)
  public Response mismatch(
      com.fasterxml.jackson.databind.exc.MismatchedInputException error, RoutingContext request) {
    return json(error, request);
  }

  @ServerExceptionMapper
  public Response web(WebApplicationException error, RoutingContext request) {
    if (error.getCause() instanceof JacksonException json) {
      return json(json, request);
    }
    if (error.getCause() instanceof MagpieException ours) {
      return ours(ours, request);
    }
    if (error instanceof NotFoundException && error.getCause() != null) {
      return response( // what a parameter of the path or the query could not be converted to
          new MagpieException(
              ErrorCode.INVALID_FIELD, "A parameter has a value that is not allowed.", error),
          request);
    }
    int status = error.getResponse().getStatus();
    @Nullable ErrorCode code = StatusCodes.codeOf(status);
    if (code == null) {
      return unexpected(error, request);
    }
    Response.ResponseBuilder response =
        Response.fromResponse(response(new MagpieException(code, code.english(), error), request));
    String allow = error.getResponse().getHeaderString(HttpHeaders.ALLOW);
    return (allow == null ? response : response.header(HttpHeaders.ALLOW, allow)).build();
  }

  /// A caller that went in the middle of its request: nobody is there to be answered, and nothing
  /// of ours has failed.
  @ServerExceptionMapper
  public Response gone(CallerGone error, RoutingContext request) {
    LOG.debugf(
        error, "%s %s: the caller has gone", request.request().method(), request.normalizedPath());
    return response(
        new MagpieException(ErrorCode.BAD_REQUEST, "The request ends before its body does.", error),
        request);
  }

  @ServerExceptionMapper
  public Response unexpected(Throwable error, RoutingContext request) {
    MagpieException internal =
        new MagpieException(ErrorCode.INTERNAL, ErrorCode.INTERNAL.english(), error);
    log(internal, request);
    return response(internal, request);
  }

  private static Response response(MagpieException error, RoutingContext request) {
    Problem problem =
        Problem.of(
            error,
            request.request().getHeader(HttpHeaders.ACCEPT_LANGUAGE),
            RequestIds.of(request));
    Response.ResponseBuilder response =
        Response.status(error.code().status())
            .type(Problem.MEDIA_TYPE)
            .header(HttpHeaders.CACHE_CONTROL, "no-store")
            .entity(problem.json());
    problem
        .retryAfterSeconds()
        .ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
    if (error.code() == ErrorCode.UNAUTHENTICATED) {
      response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return response.build();
  }

  /// What the operator has to know: failures of ours and of the storage. What a caller did wrong is
  /// in the access log.
  static void log(MagpieException error, RoutingContext request) {
    switch (error.code()) {
      case INTERNAL ->
          LOG.errorf(error, "%s %s failed", request.request().method(), request.normalizedPath());
      case STORAGE_UNAVAILABLE, STORAGE_FULL, MODEL_FAILED, MODEL_TIMEOUT, OVERLOADED ->
          LOG.warnf(
              "%s %s: %s%s",
              request.request().method(),
              request.normalizedPath(),
              error.detail(),
              error.getCause() == null ? "" : " (" + error.getCause() + ")");
      case BAD_REQUEST,
          INVALID_FIELD,
          BAD_CURSOR,
          UNAUTHENTICATED,
          SECOND_FACTOR_REQUIRED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          NOT_ACCEPTABLE,
          BUSY,
          CONFLICT,
          NO_MODEL,
          CONVERSATION_ENDED,
          TOO_LARGE,
          CONTEXT_TOO_LONG,
          UNSUPPORTED_MEDIA_TYPE,
          IDEMPOTENCY_MISMATCH,
          RATE_LIMITED,
          TOO_SLOW,
          TOO_MANY_CONNECTIONS -> {}
    }
  }
}
