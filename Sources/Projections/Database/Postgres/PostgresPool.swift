// A bounded number of connections for any number of callers: carries out what PostgresPoolStateMachine decides. All of
// it happens on one loop, where the connections live; callers from elsewhere hop there and back.

import Runtime

/// Connections to one server, on one loop, taken in turn.
///
/// A caller has a connection for the time of one closure. What the closure leaves open is rolled back, and a connection
/// that is lost, or idle for long, is closed and replaced when somebody needs it.
///
/// `@unchecked Sendable`: `machine` and what follows it are touched on `loop` only, which every way in checks or hops
/// to; `published` is behind its lock.
final class PostgresPool: @unchecked Sendable {
  let loop: EventLoop
  let settings: PostgresSettings
  private var machine: PostgresPoolStateMachine
  private var connections: [Int: PostgresConnection] = [:]
  private var waiters: [Int: Waiter<Result<Int, DatabaseError>>] = [:]
  private var nextWaiter = 0
  private var timer: (deadline: MonotonicInstant, task: Task<Void, Never>)?
  private var endWaiters: [Waiter<Void>] = []
  private var hasEnded = false
  private var health = PostgresPoolHealth()
  private let published = Locked(PostgresPoolHealth())

  /// A pool that connects when somebody comes.
  init(
    _ settings: PostgresSettings, limits: PostgresPoolStateMachine.Limits = .init(), on loop: EventLoop,
    random: any RandomSource = SystemRandom()
  ) {
    self.settings = settings
    self.loop = loop
    machine = PostgresPoolStateMachine(limits: limits, target: settings.target, random: random)
  }

  /// How it is doing, as of its last change.
  var state: PostgresPoolHealth { published.withLock { $0 } }

  /// Runs `body` with a connection, on the pool's loop, and returns its result where the caller was.
  ///
  /// Throws `.overloaded` when no connection is to be had in time, what connecting failed with when that is why, and
  /// `.cancelled` or `.closed`; besides that, what `body` throws.
  func withConnection<Output: Sendable>(
    _ body: @escaping @Sendable (PostgresConnection) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    if loop.isCurrent { return try await lend(body) }
    return try await loop.run { [self] () async throws(DatabaseError) in try await lend(body) }
  }

  private func lend<Output: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws(DatabaseError) -> Output
  ) async throws(DatabaseError) -> Output {
    let number = try await acquire()
    guard let connection = connections[number] else { preconditionFailure("what is handed out is there") }
    defer { takeBack(number, connection) }
    return try await body(connection)
  }

  private func acquire() async throws(DatabaseError) -> Int {
    if Task.isCancelled { throw .cancelled }
    nextWaiter += 1
    let number = nextWaiter
    let result: Result<Int, DatabaseError> = await withTaskCancellationHandler {
      await suspend { waiter in
        waiters[number] = waiter
        carryOut(machine.acquire(number, now: loop.now))
      }
    } onCancel: {
      loop.post { [weak self] _ in
        guard let self else { return }
        carryOut(machine.cancel(number))
      }
    }
    return try result.get()
  }

  private func takeBack(_ number: Int, _ connection: PostgresConnection) {
    if connection.isIdle || !connection.isUsable { return release(number, connection) }
    // The body left something open. Its task may be cancelled, and could not wait; this one can.
    loop.spawn { [self] in
      do throws(DatabaseError) {
        try await self.connections[number]?.rollback()
      } catch {
        // It was lost, and is released as such.
        assert(self.connections[number]?.isUsable == false)
      }
      if let connection = self.connections[number] { self.release(number, connection) }
    }
  }

  private func release(_ number: Int, _ connection: PostgresConnection) {
    if !connection.isUsable { health.losses += 1 }
    carryOut(machine.release(number, isUsable: connection.isUsable, now: loop.now))
  }

  /// Hands out no more, waits until every connection is given back, and closes them all. Safe to call again.
  func shutdown() async {
    await loop.run { [self] in
      if !machine.isClosing { carryOut(machine.close()) }
      if hasEnded { return }
      await suspend { endWaiters.append($0) }
    }
  }

  // MARK: Carrying out

  private func carryOut(_ actions: [PostgresPoolStateMachine.Action]) {
    var actions = actions
    var next = 0
    while next < actions.count {
      switch actions[next] {
      case .connect(let number): connect(number)
      case .close(let number): connections.removeValue(forKey: number)?.close()
      case .fail(let number, let error):
        health.refusals += 1
        waiters.removeValue(forKey: number)?.resume(returning: .failure(error))
      case .hand(let number, let waiter):
        // A server that was restarted since has left us a dead connection: better found here than by the caller.
        if connections[number]?.isAlive == true {
          waiters.removeValue(forKey: waiter)?.resume(returning: .success(number))
        } else {
          health.losses += 1
          actions += machine.refuse(number, now: loop.now)
        }
      case .ended:
        hasEnded = true
        timer?.task.cancel()
        for waiter in endWaiters { waiter.resume() }
        endWaiters.removeAll()
      }
      next += 1
    }
    publish()
    arm()
  }

  private func connect(_ number: Int) {
    loop.spawn { [self] in
      do throws(DatabaseError) {
        connections[number] = try await PostgresConnection.connect(settings, on: loop)
        health.connects += 1
        carryOut(machine.connected(number, now: loop.now))
      } catch {
        health.connectFailures += 1
        carryOut(machine.connectFailed(number, error, now: loop.now))
      }
    }
  }

  private func publish() {
    health.idle = machine.idleCount
    health.used = machine.usedCount
    health.connecting = machine.connectingCount
    health.waiting = machine.waiterCount
    health.lastFailure = machine.lastFailure
    let health = health
    published.withLock { $0 = health }
  }

  /// Sees to it that the machine hears of its next deadline.
  private func arm() {
    guard !hasEnded, let deadline = machine.nextDeadline else { return }
    if let timer, timer.deadline <= deadline { return }
    timer?.task.cancel()
    let task = loop.spawn { [weak self, loop] in
      do throws(CancellationError) {
        try await loop.sleep(until: deadline)
      } catch {
        // An earlier deadline has taken its place, or the pool or the loop has ended.
        return
      }
      self?.fire(deadline)
    }
    timer = (deadline, task)
  }

  private func fire(_ deadline: MonotonicInstant) {
    if timer?.deadline == deadline { timer = nil }
    carryOut(machine.tick(now: loop.now))
  }
}
