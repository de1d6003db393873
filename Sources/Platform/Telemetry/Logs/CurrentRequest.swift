// The request that a task which serves many is at. A task-local value costs too much to bind for each request, so it
// is bound once for the connection, and what it refers to changes.

import Runtime

/// Which request a long-lived task is working for.
public final class CurrentRequest: Sendable {
  private let current = Locked<RequestID?>(nil)

  /// No request yet.
  public init() {}

  /// The request; nil before the first, and the last one's until the next begins.
  public var id: RequestID? {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
