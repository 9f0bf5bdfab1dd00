package chat.magpie.app;

import chat.magpie.api.Readiness;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;

/// The order of start and end. End: [ShutdownDelayInitiatedEvent] (here the node stops being ready;
/// later observers hand replies over and close readers with a cursor), then the sockets close, then
/// `ShutdownEvent`, then connections to databases are closed as their beans are disposed of.
@Singleton
public final class Lifecycle {
  private final Readiness readiness;

  @Inject
  Lifecycle(Readiness readiness) {
    this.readiness = readiness;
  }

  void listening(@ObservesAsync HttpServerStart start) {
    String host = start.options().getHost();
    boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
    String url = "http://" + (everywhere ? "127.0.0.1" : host) + ":" + start.options().getPort();
    System.out.println(
        """
        Magpie listens on %s%s
          chat   %s/
          API    %s/docs
          try    curl -X POST %s/auth/guest\
        """
            .formatted(
                url, everywhere ? " and all other addresses of this machine" : "", url, url, url));
    System.out.flush();
  }

  void stopping(
      @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownDelayInitiatedEvent event) {
    readiness.stop();
  }
}
