// A counted gate for tasks of any executor: a server lets one connection through for each free place.

/// Lets a limited number of holders through; the others wait in order.
final class Gate: Sendable {
  private struct State {
    var places: Int
    var nextSerial: UInt64 = 0
    /// A few acceptors at most, so a cancelled one is found by looking.
    var waiters: [(serial: UInt64, waiter: Waiter<Bool>)] = []
  }

  private let state: Locked<State>

  init(places: Int) { state = Locked(State(places: places)) }

  /// How many wait for a place.
  var waiting: Int { state.withLock { $0.waiters.count } }

  /// Takes a place, waiting for one; each must be given back.
  func enter() async throws(CancellationError) {
    let serial: UInt64? = state.withLock { state in
      if state.places > 0 {
        state.places -= 1
        return nil
      }
      state.nextSerial += 1
      return state.nextSerial
    }
    guard let serial else { return }
    let entered = await withTaskCancellationHandler {
      await suspend { (waiter: Waiter<Bool>) in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if state.places > 0 {
            state.places -= 1
            return true
          }
          state.waiters.append((serial, waiter))
          return nil
        }
        if let answer { waiter.resume(returning: answer) }
      }
    } onCancel: {
      // Taken out under the lock, so either this or `leave` resumes it.
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.serial == serial }.map { state.waiters.remove(at: $0).waiter }
      }
      waiter?.resume(returning: false)
    }
    if !entered { throw CancellationError() }
  }

  /// Gives a place back, to the one who has waited longest.
  func leave() {
    let waiter = state.withLock { state -> Waiter<Bool>? in
      if state.waiters.isEmpty {
        state.places += 1
        return nil
      }
      return state.waiters.removeFirst().waiter
    }
    waiter?.resume(returning: true)
  }
}
