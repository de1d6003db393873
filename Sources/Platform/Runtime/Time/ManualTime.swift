// A clock for tests and the simulator: it stands still until it is told to move, and then wakes whoever
// sleeps by it.

/// A clock that moves when told to.
public final class ManualTime: TimeSource {
  private struct State {
    var monotonic: UInt64
    var wall: Int64
    var observers: [@Sendable () -> Void] = []
    var sleepers: [UInt64: (deadline: MonotonicInstant, waiter: Waiter<Bool>)] = [:]
    var nextSerial: UInt64 = 0
  }

  private let state: Locked<State>

  /// A clock standing at `wall`, its monotonic side at one second.
  public init(wall: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000)) {
    state = Locked(State(monotonic: 1_000_000_000, wall: wall.nanoseconds))
  }

  /// Where the forward-only clock stands.
  public var monotonic: MonotonicInstant { state.withLock { MonotonicInstant(nanoseconds: $0.monotonic) } }

  /// Where the civil clock stands.
  public var wall: Timestamp { state.withLock { Timestamp(nanoseconds: $0.wall) } }

  /// It is.
  public var isManual: Bool { true }

  /// How many tasks sleep by this clock through `sleep`.
  public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Calls `body` after every `advance`.
  public func onMove(_ body: @escaping @Sendable () -> Void) {
    state.withLock { $0.observers.append(body) }
  }

  /// Moves both clocks forward and wakes those whose time has come, earliest first.
  public func advance(by duration: Duration) {
    let (due, observers) = state.withLock { state in
      state.monotonic += duration.wholeNanoseconds
      state.wall += Int64(clamping: duration.wholeNanoseconds)
      let due = state.sleepers.filter { $0.value.deadline.nanoseconds <= state.monotonic }
      for serial in due.keys { state.sleepers[serial] = nil }
      return (due, state.observers)
    }
    for (_, sleeper) in due.sorted(by: { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }) {
      sleeper.waiter.resume(returning: true)
    }
    for observer in observers { observer() }
  }

  /// Moves the civil clock alone, as an operator or NTP might, even backwards.
  public func setWall(_ moment: Timestamp) {
    state.withLock { $0.wall = moment.nanoseconds }
  }

  /// Sleeps until the clock was moved to `deadline` or past it.
  public func sleep(until deadline: MonotonicInstant) async throws(CancellationError) {
    let serial = state.withLock { state in
      state.nextSerial += 1
      return state.nextSerial
    }
    let hasPassed = await withTaskCancellationHandler {
      await suspend { (waiter: Waiter<Bool>) in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if deadline.nanoseconds <= state.monotonic { return true }
          state.sleepers[serial] = (deadline, waiter)
          return nil
        }
        if let answer { waiter.resume(returning: answer) }
      }
    } onCancel: {
      // Taken out under the lock: either this or `advance` resumes it. A cancel that comes before the
      // sleeper lies down was already visible to `isCancelled`.
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: serial) }
      sleeper?.waiter.resume(returning: false)
    }
    if !hasPassed { throw CancellationError() }
  }
}
