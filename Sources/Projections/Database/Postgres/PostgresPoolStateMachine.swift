// Who waits for a connection, which ones there are, and when to make or drop one, without a clock and without a
// socket: each thing that happens is a method, and what is to be done about it is returned. PostgresPool carries it out.

import Runtime

/// What a pool knows and decides.
struct PostgresPoolStateMachine {
  /// How far a pool goes.
  struct Limits: Hashable, Sendable {
    /// Connections, those being made included.
    var connectionsMaximum = 8
    /// Callers that wait.
    var waitersMaximum = 1024
    /// How long a caller waits.
    var waitTimeout = Duration.seconds(5)
    /// How long a connection may be idle before it is closed.
    var idleTimeout = Duration.seconds(120)
    /// The pause after the first failure to connect; each further one doubles it.
    var backoffMinimum = Duration.milliseconds(100)
    /// The longest pause.
    var backoffMaximum = Duration.seconds(10)
  }

  /// What is to be done. Numbers are the machine's own: of connections, and of waiters.
  enum Action: Equatable {
    case connect(Int)
    case close(Int)
    /// The waiter gets the connection.
    case hand(Int, to: Int)
    case fail(waiter: Int, DatabaseError)
    /// Nothing is left: whoever waits for the end of the pool may go on.
    case ended
  }

  private enum Connection: Equatable {
    case connecting
    case idle(since: MonotonicInstant)
    case used(Waiter)

    var isUsed: Bool { if case .used = self { true } else { false } }
  }

  private struct Waiter: Equatable {
    let number: Int
    let deadline: MonotonicInstant
  }

  let limits: Limits
  let target: String
  private let random: any RandomSource
  private var connections: [Int: Connection] = [:]
  /// Idle ones, the one that was used last at the end: it is taken first, so that the others can grow old.
  private var idle: [Int] = []
  /// All are equally patient, so their order is that of their deadlines too.
  private var waiters: [Waiter] = []
  private var nextNumber = 0
  /// Failures to connect since the last success, and when the next attempt may be made.
  private(set) var failures = 0
  private var retryAt = MonotonicInstant(nanoseconds: 0)
  /// What the last attempt to connect failed with; nil after a success.
  private(set) var lastFailure: DatabaseError?
  private(set) var isClosing = false
  private var hasEnded = false

  init(limits: Limits, target: String, random: any RandomSource) {
    precondition(limits.connectionsMaximum > 0 && limits.waitersMaximum > 0, "a pool has room for somebody")
    self.limits = limits
    self.target = target
    self.random = random
  }

  // MARK: What there is

  var connectionCount: Int { connections.count }
  var idleCount: Int { idle.count }
  var connectingCount: Int { connections.values.count { $0 == .connecting } }
  var usedCount: Int { connections.values.count { $0.isUsed } }
  var waiterCount: Int { waiters.count }

  /// When `tick` has something to do.
  var nextDeadline: MonotonicInstant? {
    var next: MonotonicInstant?
    func consider(_ instant: MonotonicInstant) { next = next.map { min($0, instant) } ?? instant }
    if let first = waiters.first { consider(first.deadline) }
    if let oldest = idle.first, case .idle(let since)? = connections[oldest] {
      consider(since.advanced(by: limits.idleTimeout))
    }
    if failures > 0 && wanted > 0 { consider(retryAt) }
    return next
  }

  // MARK: What happens

  /// Somebody wants a connection; `waiter` is a number that was not used before.
  mutating func acquire(_ waiter: Int, now: MonotonicInstant) -> [Action] {
    if isClosing { return [.fail(waiter: waiter, .closed)] }
    if waiters.count >= limits.waitersMaximum {
      return [
        .fail(waiter: waiter, .overloaded(target: target, reason: "\(waiters.count) callers wait already"))
      ]
    }
    waiters.append(Waiter(number: waiter, deadline: now.advanced(by: limits.waitTimeout)))
    return serve(now)
  }

  /// A waiter has gone.
  mutating func cancel(_ waiter: Int) -> [Action] {
    guard let index = waiters.firstIndex(where: { $0.number == waiter }) else { return [] }
    waiters.remove(at: index)
    return [.fail(waiter: waiter, .cancelled)]
  }

  /// A connection was made.
  mutating func connected(_ connection: Int, now: MonotonicInstant) -> [Action] {
    precondition(connections[connection] == .connecting, "what was not being made was made")
    failures = 0
    lastFailure = nil
    return keep(connection, now)
  }

  /// A connection could not be made.
  mutating func connectFailed(_ connection: Int, _ error: DatabaseError, now: MonotonicInstant) -> [Action] {
    precondition(connections[connection] == .connecting, "what was not being made failed")
    connections[connection] = nil
    lastFailure = error
    failures += 1
    // Half of the pause is left to chance, so that many who lost the same server do not come back at once.
    let doublings = min(failures - 1, 20)
    let full = min(limits.backoffMinimum * (1 << doublings), limits.backoffMaximum).wholeNanoseconds
    let pause = full / 2 + random.next(below: full / 2 + 1)
    retryAt = max(retryAt, now.advanced(by: .nanoseconds(pause)))
    return serve(now)
  }

  /// A connection is given back.
  mutating func release(_ connection: Int, isUsable: Bool, now: MonotonicInstant) -> [Action] {
    precondition(connections[connection]?.isUsed == true, "what was not taken is given back")
    if isUsable && !isClosing { return keep(connection, now) }
    connections[connection] = nil
    return [.close(connection)] + serve(now)
  }

  /// A connection that was about to be handed out turned out to be broken: it goes, and its waiter is the next to be
  /// served.
  mutating func refuse(_ connection: Int, now: MonotonicInstant) -> [Action] {
    guard case .used(let waiter)? = connections.removeValue(forKey: connection) else {
      preconditionFailure("what was not taken is refused")
    }
    waiters.insert(waiter, at: 0)
    return [.close(connection)] + serve(now)
  }

  /// Time has passed.
  mutating func tick(now: MonotonicInstant) -> [Action] {
    var actions: [Action] = []
    while let waiter = waiters.first, waiter.deadline <= now {
      actions.append(.fail(waiter: waiter.number, impatience))
      waiters.removeFirst()
    }
    while let oldest = idle.first, case .idle(let since)? = connections[oldest],
      since.advanced(by: limits.idleTimeout) <= now
    {
      idle.removeFirst()
      connections[oldest] = nil
      actions.append(.close(oldest))
    }
    return actions + serve(now)
  }

  /// No more is handed out. Idle connections go now, the others when they are given back.
  mutating func close() -> [Action] {
    isClosing = true
    var actions = waiters.map { Action.fail(waiter: $0.number, .closed) }
    waiters.removeAll()
    for connection in idle {
      connections[connection] = nil
      actions.append(.close(connection))
    }
    idle.removeAll()
    return actions + end()
  }

  // MARK: Decisions

  /// Why a waiter's patience ended: what keeps us from connecting, when that is it.
  private var impatience: DatabaseError {
    if usedCount == 0, let lastFailure { return lastFailure }
    return .overloaded(
      target: target, reason: "no connection was free for \(limits.waitTimeout); \(usedCount) are in use")
  }

  /// How many connections are missing for those who wait.
  private var wanted: Int {
    max(0, min(waiters.count - connectingCount, limits.connectionsMaximum - connections.count))
  }

  private mutating func keep(_ connection: Int, _ now: MonotonicInstant) -> [Action] {
    if isClosing {
      connections[connection] = nil
      return [.close(connection)] + end()
    }
    connections[connection] = .idle(since: now)
    idle.append(connection)
    return serve(now)
  }

  /// Hands out what is idle, and makes what is missing.
  private mutating func serve(_ now: MonotonicInstant) -> [Action] {
    var actions: [Action] = []
    while !waiters.isEmpty, let connection = idle.popLast() {
      let waiter = waiters.removeFirst()
      connections[connection] = .used(waiter)
      actions.append(.hand(connection, to: waiter.number))
    }
    var missing = wanted
    if failures > 0 {
      // One attempt at a time finds out as well whether the server is back.
      missing = now < retryAt || connectingCount > 0 ? 0 : min(missing, 1)
    }
    for _ in 0..<missing {
      nextNumber += 1
      connections[nextNumber] = .connecting
      actions.append(.connect(nextNumber))
    }
    return actions + end()
  }

  private mutating func end() -> [Action] {
    guard isClosing && connections.isEmpty && !hasEnded else { return [] }
    hasEnded = true
    return [.ended]
  }
}
