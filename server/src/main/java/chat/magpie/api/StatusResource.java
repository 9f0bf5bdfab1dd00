package chat.magpie.api;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// What the node does at this moment.
@Path("/status")
@Tag(name = "operations", description = "How the node is")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class StatusResource {
  private final MeterRegistry meters;
  private final Readiness readiness;
  private final String version;

  @Inject
  StatusResource(
      MeterRegistry meters,
      Readiness readiness,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.meters = meters;
    this.readiness = readiness;
    this.version = version;
  }

  @GET
  @Operation(summary = "Live state: replies, readers, queues, uptime")
  public Live status() {
    var runtime = ManagementFactory.getRuntimeMXBean();
    return new Live(
        readiness.stopping() ? "stopping" : "running",
        version,
        Instant.ofEpochMilli(runtime.getStartTime()),
        runtime.getUptime() / 1000,
        gauge("magpie.nodes", 1),
        new Replies(gauge("magpie.replies.running", 0), gauge("magpie.replies.waiting", 0)),
        gauge("magpie.readers", 0),
        gauge("http.server.connections", 0));
  }

  private long gauge(String name, long otherwise) {
    double sum = 0;
    boolean found = false;
    for (var meter : meters.find(name).meters()) {
      double value =
          switch (meter) {
            case Gauge gauge -> gauge.value();
            case io.micrometer.core.instrument.LongTaskTimer timer -> timer.activeTasks();
            default -> Double.NaN;
          };
      if (!Double.isNaN(value)) {
        sum += value;
        found = true;
      }
    }
    return found ? Math.round(sum) : otherwise;
  }

  /// The live state of this node.
  ///
  /// @param nodes nodes that are known to be alive, this one included
  /// @param readers streams that are open
  /// @param connections HTTP connections that are open
  public record Live(
      String state,
      String version,
      Instant startedAt,
      long uptimeSeconds,
      long nodes,
      Replies replies,
      long readers,
      long connections) {}

  /// Replies of this node.
  public record Replies(long running, long waiting) {}
}
