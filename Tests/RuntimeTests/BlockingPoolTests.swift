// The pool's promises: bounded, in order, cancellable while queued, and nobody left waiting.

import Glibc
import Runtime
import Testing

@Suite("BlockingPool") struct BlockingPoolTests {
  /// Keeps the pool's threads busy until `release`.
  final class Blocker: Sendable {
    private let gate = ThreadSemaphore()
    private let started = TestCounter()

    func block() {
      started.add()
      gate.wait()
    }
    func waitUntilStarted() async {
      while started.value == 0 { await Task.yield() }
    }
    func release() { gate.signal() }
  }

  private func occupy(_ pool: BlockingPool, _ blocker: Blocker) async -> Task<Result<Void, PoolError>, Never>
  {
    let task = Task<Result<Void, PoolError>, Never> {
      do throws(PoolError) { return .success(try await pool.run { blocker.block() }) } catch {
        return .failure(error)
      }
    }
    await blocker.waitUntilStarted()
    return task
  }

  private func waitUntil(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
  }

  @Test func runsWorkOffTheCaller() async throws {
    let pool = try BlockingPool(name: "t", threads: 2, queueLimit: 4)
    #expect(try await pool.run { 6 * 7 } == 42)
    await pool.shutdown()
    #expect(pool.statistics.completed == 1)
    #expect(pool.statistics.running == 0)
  }

  @Test func passesOnWhatTheWorkThrows() async throws {
    struct Refused: Error, Equatable { let why: PoolError? }
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 4)
    await #expect(throws: Refused(why: nil)) {
      try await pool.perform(refusal: Refused.init) { () throws(Refused) -> Int in throw Refused(why: nil) }
    }
    await pool.shutdown()
    await #expect(throws: Refused(why: .shutDown)) {
      try await pool.perform(refusal: Refused.init) { () throws(Refused) -> Int in 1 }
    }
  }

  @Test func refusesWhenTheQueueIsFull() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 1)
    let blocker = Blocker()
    let first = await occupy(pool, blocker)
    let second = Task { try await pool.run { 2 } }
    await waitUntil { pool.statistics.queued == 1 }
    await #expect(throws: PoolError.saturated(queued: 1)) { try await pool.run { 3 } }
    #expect(pool.statistics.refused == 1)
    blocker.release()
    #expect(await first.value == .success(()))
    #expect(try await second.value == 2)
    await pool.shutdown()
  }

  @Test func letsACallerWaitForItsTurn() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 0)
    let blocker = Blocker()
    let order = Locked<[Int]>([])
    let first = await occupy(pool, blocker)
    var waiting: [Task<Void, any Error>] = []
    for index in 0..<8 {
      waiting.append(
        Task { try await pool.run(whenFull: .wait) { order.withLock { $0.append(index) } } })
      await waitUntil { pool.statistics.queued == index + 1 }
    }
    await #expect(throws: PoolError.saturated(queued: 8)) { try await pool.run { 3 } }
    blocker.release()
    _ = await first.value
    for task in waiting { try await task.value }
    #expect(order.withLock { $0 } == Array(0..<8))
    #expect(pool.statistics.queuedMaximum == 8)
    await pool.shutdown()
  }

  @Test func removesACancelledCallerFromTheMiddleOfTheQueue() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 8)
    let blocker = Blocker()
    let order = Locked<[Int]>([])
    let first = await occupy(pool, blocker)
    var waiting: [Task<Void, any Error>] = []
    for index in 0..<3 {
      waiting.append(Task { try await pool.run { order.withLock { $0.append(index) } } })
      await waitUntil { pool.statistics.queued == index + 1 }
    }
    waiting[1].cancel()
    // It comes back although the only thread is still blocked.
    await #expect(throws: PoolError.cancelled) { try await waiting[1].value }
    #expect(pool.statistics.queued == 2)
    blocker.release()
    _ = await first.value
    try await waiting[0].value
    try await waiting[2].value
    #expect(order.withLock { $0 } == [0, 2])
    #expect(pool.statistics.cancelled == 1)
    await pool.shutdown()
  }

  @Test func refusesACallerThatIsAlreadyCancelled() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 8)
    let ran = TestCounter()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await pool.run { ran.add() }
    }
    await #expect(throws: PoolError.cancelled) { try await task.value }
    await pool.shutdown()
    #expect(ran.value == 0)
  }

  @Test func letsStartedWorkEndThoughItsCallerIsCancelled() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 8)
    let blocker = Blocker()
    let task = await occupy(pool, blocker)
    task.cancel()
    blocker.release()
    #expect(await task.value == .success(()))
    await pool.shutdown()
  }

  @Test func runsWhatWasAcceptedBeforeItStops() async throws {
    let pool = try BlockingPool(name: "t", threads: 1, queueLimit: 1)
    let blocker = Blocker()
    let first = await occupy(pool, blocker)
    let queued = Task { try await pool.run { "ran" } }
    await waitUntil { pool.statistics.queued == 1 }
    async let stopped: Void = pool.shutdown()
    var refusedOnce = false
    while !refusedOnce {
      await Task.yield()
      do throws(PoolError) { _ = try await pool.run { 0 } } catch { refusedOnce = error == .shutDown }
    }
    blocker.release()
    _ = await first.value
    #expect(try await queued.value == "ran")
    await stopped
    await pool.shutdown()
    await #expect(throws: PoolError.shutDown) { try await pool.run(whenFull: .wait) { 1 } }
  }

  @Test func resumesEveryCallerUnderAStormOfCancels() async throws {
    let pool = try BlockingPool(name: "t", threads: 3, queueLimit: 16)
    let random = SeededRandom(seed: 7)
    let ran = TestCounter()
    var counts: [PoolError?: Int] = [:]
    await withTaskGroup(of: PoolError?.self) { group in
      for index in 0..<4000 {
        let cancels = random.next(below: 3) == 0
        let task = Task { () throws -> Void in
          try await pool.run(whenFull: index % 2 == 0 ? .wait : .refuse) {
            ran.add()
          }
        }
        if cancels { task.cancel() }
        group.addTask {
          switch await task.result {
          case .success: return nil
          case .failure(let error as PoolError):
            if case .saturated = error { return .saturated(queued: 0) }
            return error
          case .failure: return .shutDown
          }
        }
      }
      for await outcome in group { counts[outcome, default: 0] += 1 }
    }
    await pool.shutdown()
    let statistics = pool.statistics
    #expect(counts.values.reduce(0, +) == 4000)
    #expect(counts[nil] == ran.value)
    #expect(counts[.shutDown] == nil)
    #expect(statistics.completed == UInt64(counts[nil] ?? 0))
    #expect(statistics.cancelled == UInt64(counts[.cancelled] ?? 0))
    #expect(statistics.refused == UInt64(counts[.saturated(queued: 0)] ?? 0))
    #expect(statistics.queued == 0 && statistics.running == 0)
  }
}

extension Result where Success == Void, Failure == PoolError {
  fileprivate static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.success, .success): true
    case (.failure(let one), .failure(let other)): one == other
    default: false
    }
  }
}
