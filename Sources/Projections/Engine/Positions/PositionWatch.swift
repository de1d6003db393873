// Lets readers wait until a read model has come as far as they need: the reader's own write, mostly.

import Log
import Runtime

/// How far one read model is in one partition, and who waits for more.
final class PositionWatch: Sendable {
  private struct Waiting {
    let next: Int64
    let waiter: Waiter<Bool>
  }

  private struct State: ~Copyable {
    var next: Int64
    var isClosed = false
    var serial: UInt64 = 0
    var waiting: [UInt64: Waiting] = [:]
  }

  /// How many readers may wait.
  static let waitersMaximum = 65_536

  private let state: Locked<State>
  private let time: any TimeSource

  init(_ next: Int64, time: any TimeSource) {
    state = Locked(State(next: next))
    self.time = time
  }

  /// The offset after the last event that can be seen in the tables.
  var next: Int64 { state.withLock { $0.next } }

  /// Whether the tables will come no further.
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Notes that the tables have come further, and wakes who waited for it.
  func advance(to next: Int64) {
    let reached = state.withLock { state -> [Waiter<Bool>] in
      state.next = max(state.next, next)
      let done = state.waiting.filter { $0.value.next <= state.next }
      for serial in done.keys { state.waiting[serial] = nil }
      return done.values.map(\.waiter)
    }
    EventLoop.wakingOnce { for waiter in reached { waiter.resume(returning: true) } }
  }

  /// Wakes everybody: the tables will come no further.
  func close() {
    let stranded = state.withLock { state -> [Waiter<Bool>] in
      state.isClosed = true
      defer { state.waiting = [:] }
      return state.waiting.values.map(\.waiter)
    }
    for waiter in stranded { waiter.resume(returning: false) }
  }

  /// Waits until the tables hold everything before `next`; false when they do not within `timeout`, when they never
  /// will, when the task is cancelled, or when too many wait already.
  func wait(for next: Int64, timeout: Duration) async -> Bool {
    if self.next >= next { return true }
    let serial = state.withLock { state in
      state.serial += 1
      return state.serial
    }
    return await withTaskGroup(of: Bool?.self) { group in
      group.addTask { [self] in await park(serial, until: next) }
      group.addTask { [self] in
        do throws(CancellationError) {
          try await time.sleep(for: timeout)
        } catch {
          return nil
        }
        giveUp(serial)
        return nil
      }
      var isReached = false
      for await outcome in group {
        guard let outcome else { continue }
        isReached = outcome
        group.cancelAll()
      }
      return isReached
    }
  }

  private func park(_ serial: UInt64, until next: Int64) async -> Bool {
    await withTaskCancellationHandler {
      await suspend { (waiter: Waiter<Bool>) in
        let immediate = state.withLock { state -> Bool? in
          if state.next >= next { return true }
          if state.isClosed || Task.isCancelled || state.waiting.count >= Self.waitersMaximum { return false }
          state.waiting[serial] = Waiting(next: next, waiter: waiter)
          return nil
        }
        if let immediate { waiter.resume(returning: immediate) }
      }
    } onCancel: {
      giveUp(serial)
    }
  }

  private func giveUp(_ serial: UInt64) {
    state.withLock { $0.waiting.removeValue(forKey: serial) }?.waiter.resume(returning: false)
  }
}
