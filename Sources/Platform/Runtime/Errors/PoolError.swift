// Why the blocking pool did not do a piece of work. What the work itself may throw is the caller's type.

/// Why a `BlockingPool` did not run a piece of work.
public enum PoolError: Error, Hashable, Sendable {
  /// As much work is waiting as the pool allows.
  case saturated(queued: Int)
  /// The caller was cancelled before a thread took the work up.
  case cancelled
  /// The pool was told to stop before the work was given to it.
  case shutDown
}
