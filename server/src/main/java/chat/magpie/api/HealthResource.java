package chat.magpie.api;

import chat.magpie.identity.Permission;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Whether the node lives, takes work, and what its parts say.
@Path("/health")
@Tag(name = "operations", description = "How the node is")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class HealthResource {
  private final Health health;
  private final Readiness readiness;
  private final Caller caller;

  @Inject
  HealthResource(Health health, Readiness readiness, Caller caller) {
    this.health = health;
    this.readiness = readiness;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "How the node is; 503 where it cannot work")
  public Response overall() {
    HealthProbe.State state = health.report().state();
    return answer(state, new Status(word(state), null));
  }

  @GET
  @Path("/detailed")
  @Operation(summary = "How each part is, with its latency; the parts for administrators only")
  public Response detailed() {
    Health.Report report = health.report();
    boolean all = caller.known().filter(who -> who.may(Permission.SEE_OPERATIONS)).isPresent();
    Map<String, Part> parts = new LinkedHashMap<>();
    for (Health.Component part : report.components()) {
      parts.put(part.name(), new Part(word(part.state()), part.latencyMs(), part.detail()));
    }
    return answer(report.state(), new Status(word(report.state()), all ? parts : null));
  }

  @GET
  @Path("/readiness")
  @Operation(summary = "Whether the node takes new work; 503 if not")
  public Response readiness() {
    if (readiness.stopping()) {
      return answer(HealthProbe.State.DOWN, new Status("stopping", null));
    }
    return overall();
  }

  @GET
  @Path("/liveness")
  @Operation(summary = "Whether the process answers at all")
  public Response liveness() {
    return answer(HealthProbe.State.UP, new Status("ok", null));
  }

  private static Response answer(HealthProbe.State state, Status status) {
    return Response.status(state == HealthProbe.State.DOWN ? 503 : 200)
        .header("Cache-Control", "no-store")
        .entity(status)
        .build();
  }

  private static String word(HealthProbe.State state) {
    return state == HealthProbe.State.UP ? "ok" : state.name().toLowerCase(Locale.ROOT);
  }

  /// How the node is.
  ///
  /// @param status `ok`, `degraded`, `down` or `stopping`
  /// @param components by name; null for callers who may not see them
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Status(String status, @Nullable Map<String, Part> components) {}

  /// How a part is.
  public record Part(String status, double latencyMs, String detail) {}
}
