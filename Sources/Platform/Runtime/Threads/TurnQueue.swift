// Lets tasks do something one after the other, in the order they came. Unlike an actor it holds on across
// suspensions.

/// A line of tasks of which the first is at work.
public final class TurnQueue: Sendable {
  private struct State: ~Copyable {
    var isTaken = false
    var waiting: ContiguousArray<Waiter<Void>> = []
  }

  private let state = Locked(State())

  /// An empty line.
  public init() {}

  /// Waits for the caller's turn, which lasts until `end`.
  public func begin() async {
    await suspend { (waiter: Waiter<Void>) in
      let isFree = state.withLock { state in
        if state.isTaken {
          state.waiting.append(waiter)
          return false
        }
        state.isTaken = true
        return true
      }
      if isFree { waiter.resume() }
    }
  }

  /// Gives the turn to the next in line.
  public func end() {
    let next = state.withLock { state -> Waiter<Void>? in
      if state.waiting.isEmpty {
        state.isTaken = false
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
