import Testing

@testable import Runtime

@Suite("Signals between tasks of a loop") struct LoopSignalTests {
  @Test func whoWaitsIsWokenOnceAndNothingIsKeptForLater() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let outcomes = try await loop.run { () async throws -> [LoopSignal.Outcome] in
        let signal = LoopSignal(loop)
        // Nobody waits: it is not kept.
        signal.wake()
        loop.spawn {
          while !signal.isAwaited { await loop.yield() }
          signal.wake()
          signal.wake()
        }
        let first = await signal.wait(until: loop.deadline(in: .seconds(5)))
        loop.spawn {
          while !signal.isAwaited { await loop.yield() }
          time.advance(by: .seconds(5))
        }
        let second = await signal.wait(until: loop.deadline(in: .seconds(5)))
        return [first, second, await signal.wait(until: loop.now)]
      }
      #expect(outcomes == [.woken, .timedOut, .timedOut])
      await waitUntil { loop.statistics.timers == 0 }
    }
  }

  @Test func aCancelledTaskStopsWaiting() async throws {
    try await withLoops { group in
      let loop = group.next()
      let outcome = Locked<LoopSignal.Outcome?>(nil)
      try await loop.run { () async throws in
        let signal = LoopSignal(loop)
        let task = loop.spawn {
          let ended = await signal.wait(until: MonotonicInstant(nanoseconds: .max))
          outcome.withLock { $0 = ended }
        }
        while !signal.isAwaited { await loop.yield() }
        task.cancel()
        await task.value
        #expect(!signal.isAwaited)
      }
      #expect(outcome.withLock { $0 } == .cancelled)
    }
  }

  @Test func aTaskThatTheLoopDoesNotCoverIsCancelledToo() async throws {
    try await withLoops { group in
      let loop = group.next()
      let outcomes = try await loop.run { () async throws -> [LoopSignal.Outcome] in
        let signal = LoopSignal(loop)
        return await withTaskGroup(of: LoopSignal.Outcome.self) { tasks in
          tasks.addTask { await signal.wait(until: MonotonicInstant(nanoseconds: .max)) }
          while !signal.isAwaited { await loop.yield() }
          tasks.cancelAll()
          return await tasks.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(outcomes == [.cancelled])
    }
  }
}
