import Testing

@testable import Runtime

@Suite("Sleeping") struct SleepTests {
  @Test func aLoopSleepsByAClockMovedByHand() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let order = Locked<[Int]>([])
      for (number, seconds) in [(1, 30), (2, 10), (3, 20)] {
        loop.spawn {
          do { try await loop.sleep(for: .seconds(seconds)) } catch { return }
          order.withLock { $0.append(number) }
        }
      }
      await waitUntil { loop.statistics.timers == 3 }
      time.advance(by: .seconds(9))
      await loop.run {}
      #expect(order.withLock { $0 } == [])
      time.advance(by: .seconds(1))
      await waitUntil { order.withLock { $0 } == [2] }
      time.advance(by: .seconds(60))
      await waitUntil { order.withLock { $0.count } == 3 }
      #expect(order.withLock { $0 } == [2, 3, 1])
      #expect(loop.statistics.timers == 0 || loop.statistics.tasks == 0)
    }
  }

  @Test func aCancelledSleeperLeavesNoTimer() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = loop.spawn {
        do { try await loop.sleep(for: .seconds(30)) } catch { return }
        Issue.record("slept to the end of time that never passed")
      }
      await waitUntil { loop.statistics.timers == 1 }
      task.cancel()
      await task.value
      await waitUntil { loop.statistics.timers == 0 }
    }
  }

  @Test func aChildTaskIsCancelledWithItsGroup() async throws {
    try await withLoops(time: ManualTime()) { group in
      let loop = group.next()
      let outcomes = await loop.run { () async -> [Bool] in
        await withTaskGroup(of: Bool.self) { tasks in
          for index in 0..<4 {
            tasks.addTask {
              // Half of them wait as covered tasks, half with a handler of their own.
              func sleep() async -> Bool {
                do { try await loop.sleep(for: .seconds(5)) } catch { return true }
                return false
              }
              return index % 2 == 0 ? await sleep() : await loop.coveringCancellation(sleep)
            }
          }
          await loop.yield()
          tasks.cancelAll()
          return await tasks.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(outcomes == [true, true, true, true])
    }
  }

  @Test func anybodySleepsByAClockMovedByHand() async throws {
    let time = ManualTime()
    let sleeper = Task { try await time.sleep(for: .seconds(5)) }
    let cancelled = Task { try await time.sleep(for: .seconds(5)) }
    await waitUntil { time.sleeperCount == 2 }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    #expect(time.sleeperCount == 1)
    time.advance(by: .seconds(5))
    try await sleeper.value
    try await time.sleep(until: time.monotonic)
    let late = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await time.sleep(for: .seconds(5))
    }
    await #expect(throws: CancellationError.self) { try await late.value }
    #expect(time.sleeperCount == 0)
  }

  @Test func theMachinesClockSleepsOnAndOffALoop() async throws {
    let time = SystemTime()
    let before = time.monotonic
    try await time.sleep(for: .milliseconds(2))
    #expect(time.monotonic.since(before) >= .milliseconds(2))
    try await withLoops { group in
      let (slept, stayed) = try await group.next().run {
        () async throws(CancellationError) -> (Duration, Bool) in
        let before = time.monotonic
        try await time.sleep(for: .milliseconds(2))
        return (time.monotonic.since(before), EventLoop.current != nil)
      }
      #expect(slept >= .milliseconds(2))
      #expect(stayed)
    }
  }
}
