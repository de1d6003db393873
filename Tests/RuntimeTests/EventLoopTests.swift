import Testing

@testable import Runtime

@Suite("EventLoop") struct EventLoopTests {
  @Test func runsTasksOnItsThreadAlone() async throws {
    try await withLoops(2) { group in
      #expect(EventLoop.current == nil)
      for loop in group.loops {
        let places = await loop.run { () async -> [Int?] in
          var places: [Int?] = [EventLoop.current?.index]
          await loop.yield()
          places.append(EventLoop.current?.index)
          async let child = EventLoop.current?.index
          places.append(await child)
          // A hop to the pool and back.
          let away = try? await loop.pool.run { EventLoop.current == nil }
          places.append(away == true ? EventLoop.current?.index : nil)
          return places
        }
        #expect(places == [loop.index, loop.index, loop.index, loop.index])
      }
    }
  }

  @Test func dealsLoopsOutInTurn() async throws {
    try await withLoops(3) { group in
      #expect((0..<6).map { _ in group.next().index } == [0, 1, 2, 0, 1, 2])
    }
  }

  @Test func passesOnWhatARunThrows() async throws {
    struct Refused: Error, Equatable {}
    try await withLoops { group in
      _ = await #expect(throws: Refused()) {
        try await group.next().run { () async throws(Refused) in throw Refused() }
      }
    }
  }

  @Test func cancelsWhatRunsForACancelledCaller() async throws {
    try await withLoops { group in
      let loop = group.next()
      let started = TestCounter()
      let task = Task {
        try await loop.run { () async throws(CancellationError) in
          started.add()
          try await loop.sleep(for: .seconds(3600))
        }
      }
      await waitUntil { started.value == 1 }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func runsJobsFromManyThreadsInTheirOrder() async throws {
    try await withLoops { group in
      let loop = group.next()
      let seen = Locked<[Int: [Int]]>([:])
      await withTaskGroup(of: Void.self) { tasks in
        for sender in 0..<4 {
          tasks.addTask {
            for number in 0..<500 {
              loop.post { _ in seen.withLock { $0[sender, default: []].append(number) } }
            }
          }
        }
      }
      await loop.run {}
      await waitUntil { seen.withLock { seen in seen.values.reduce(0) { $0 + $1.count } } == 2_000 }
      let all = seen.withLock { $0 }
      for sender in 0..<4 { #expect(all[sender] == Array(0..<500)) }
    }
  }

  @Test func shutdownCancelsEveryTaskAndWaitsForIt() async throws {
    let ended = TestCounter()
    let cleaned = TestCounter()
    try await withLoops(2) { group in
      for _ in 0..<50 {
        let loop = group.next()
        loop.spawn {
          do { try await loop.sleep(for: .seconds(3600)) } catch { ended.add() }
          // Work after the cancellation is still done, on the loop.
          await loop.yield()
          if loop.isCurrent { cleaned.add() }
        }
      }
    }
    #expect(ended.value == 50)
    #expect(cleaned.value == 50)
  }

  @Test func aTaskSpawnedWhileStoppingStartsCancelled() async throws {
    let outcome = Locked<[Bool]>([])
    try await withLoops { group in
      let loop = group.next()
      loop.spawn {
        do { try await loop.sleep(for: .seconds(3600)) } catch {
          loop.spawn { outcome.withLock { $0.append(Task.isCancelled) } }
        }
      }
    }
    #expect(outcome.withLock { $0 } == [true])
  }

  @Test func ignoresEventsOfADescriptorsFormerLife() async throws {
    try await withLoops { group in
      let loop = group.next()
      let stale = await loop.run { () async -> (UInt64, Bool, Bool) in
        // A number that the kernel has not given to anybody: only the table is asked.
        let descriptor: Int32 = 5_000
        let before = loop.core.pointee.counts.staleEvents
        let first = loop.core.pointee.descriptors.open(descriptor, ready: [])
        loop.core.pointee.descriptors.close(descriptor)
        // The number is reused at once, as it may be within one batch of events.
        let second = loop.core.pointee.descriptors.open(descriptor, ready: [])
        defer { loop.core.pointee.descriptors.close(descriptor) }
        let slot = loop.core.pointee.descriptors[descriptor]
        loop.dispatch(UInt64(first) << 32 | UInt64(descriptor), 1)
        let isUntouched = slot.pointee.ready.isEmpty
        loop.dispatch(UInt64(second) << 32 | UInt64(descriptor), 1)
        let isReached = slot.pointee.ready == .read
        return (loop.core.pointee.counts.staleEvents - before, isUntouched, isReached)
      }
      #expect(stale == (1, true, true))
    }
  }

  @Test func aBusyTaskLetsTimersAndOthersRun() async throws {
    try await withLoops { group in
      let loop = group.next()
      let turns = try await loop.run { () async throws(CancellationError) -> Int in
        let isOver = TestCounter()
        let turns = TestCounter()
        loop.spawn {
          // Never waits for anything but its turn.
          while isOver.value == 0 {
            turns.add()
            await loop.yield()
          }
        }
        for _ in 0..<3 { try await loop.sleep(for: .milliseconds(2)) }
        isOver.add()
        return turns.value
      }
      #expect(turns > 3)
    }
  }

  @Test func tellsHowItIsDoing() async throws {
    try await withLoops { group in
      let loop = group.next()
      try await loop.run { () async throws(CancellationError) in
        try await loop.sleep(for: .milliseconds(1))
        await loop.yield()
      }
      await loop.run {}
      let statistics = loop.statistics
      #expect(statistics.jobs >= 3)
      #expect(statistics.turns >= 2)
      #expect(statistics.timersFired >= 1)
      #expect(statistics.yields >= 1)
      #expect(statistics.busyNanoseconds > 0)
      #expect(statistics.turnNanosecondsMaximum > 0)
    }
  }
}
