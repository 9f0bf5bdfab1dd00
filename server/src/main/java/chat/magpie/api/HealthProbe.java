package chat.magpie.api;

import java.util.function.Supplier;

/// A part of the node whose health can be asked for.
///
/// @param component its name in `/health/detailed`
/// @param essential whether the node cannot work without it
/// @param check called on a virtual thread; may block and throw, and is given up after
///   [Health#TIMEOUT]
public record HealthProbe(String component, boolean essential, Supplier<Result> check) {
  /// How a part is.
  ///
  /// @param detail one line for operators
  public record Result(State state, String detail) {}

  /// How well a part works.
  public enum State {
    UP,
    /// The node works on without it, or with less.
    DEGRADED,
    /// It does not work.
    DOWN
  }
}
