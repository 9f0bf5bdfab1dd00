package chat.magpie.api;

import jakarta.inject.Singleton;

/// Whether this node takes new work: from its start until it is told to end.
@Singleton
public class Readiness {
  private volatile boolean stopping;

  /// From now on load balancers shall send nobody here; final.
  public void stop() {
    stopping = true;
  }

  public boolean stopping() {
    return stopping;
  }
}
