// Waits end by their deadline, by cancellation and by shutdown, each exactly once.

import Bytes
import Glibc
import Testing

@testable import Runtime

@Suite("Deadlines and cancellation") struct DeadlineTests {
  @Test func aReadEndsAtItsDeadline() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let outcome = Locked<NetworkError?>(nil)
      let task = loop.spawn {
        do throws(NetworkError) {
          let halves = try await Halves.connected(on: loop)
          var left = halves.takeLeft()
          _ = try await left.receive(until: loop.deadline(in: .seconds(5)))
        } catch {
          outcome.withLock { $0 = error }
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      time.advance(by: .seconds(4))
      await loop.run {}
      #expect(outcome.withLock { $0 } == nil)
      time.advance(by: .seconds(1))
      await task.value
      #expect(outcome.withLock { $0 } == .timedOut)
    }
  }

  @Test func aWriteEndsAtItsDeadline() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let outcome = Locked<NetworkError?>(nil)
      let task = loop.spawn {
        do throws(NetworkError) {
          let halves = try await Halves.connected(on: loop)
          var left = halves.takeLeft()
          left.write(ByteBuffer(capacity: 0))
          let piece = ByteBuffer(pattern(1 << 20))
          while true {
            left.write(piece)
            try await left.flush(until: loop.deadline(in: .seconds(5)))
          }
        } catch {
          outcome.withLock { $0 = error }
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      time.advance(by: .seconds(5))
      await task.value
      #expect(outcome.withLock { $0 } == .timedOut)
    }
  }

  @Test func acceptingEndsAtItsDeadline() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let task = Task {
        try await loop.run { () async throws(NetworkError) in
          let listener = try Listener(ListeningSocket(.ip(.loopbackV4, port: 0)), on: loop)
          _ = try await listener.accept(until: loop.deadline(in: .seconds(1)))
        }
      }
      await waitUntil { loop.statistics.timers == 1 }
      time.advance(by: .seconds(1))
      await #expect(throws: NetworkError.timedOut) { try await task.value }
    }
  }

  @Test func aPassedDeadlineFailsOnlyIfItWouldHaveToWait() async throws {
    try await withPair { left, right in
      left.output.append("here")
      try await left.flush()
      _ = try await right.receive()
      right.input.clear()
      left.output.append("more")
      try await left.flush()
      let past = MonotonicInstant(nanoseconds: 1)
      // Whether its event has come yet or not, what has arrived is either read or left for later.
      var count = 0
      while count == 0 {
        do throws(NetworkError) { count = try await right.receive(until: past) } catch {
          #expect(error == .timedOut)
          await right.loop.yield()
        }
      }
      #expect(count == 4)
    }
  }

  /// A deadline costs a timer for the connection, not for each wait; and one that comes nearer moves it.
  @Test func oneTimerServesEveryDeadlineOfAConnection() async throws {
    let time = ManualTime()
    try await withPair(time: time) { left, right in
      let loop = left.loop
      for round in 0..<100 {
        left.output.append("x")
        try await left.flush(until: loop.deadline(in: .seconds(60)))
        _ = try await right.receive(until: loop.deadline(in: .seconds(30 + round)))
        right.input.clear()
        #expect(loop.core.pointee.timers.count <= 1)
      }
      async let advanced: Void = loop.yield()
      let descriptor = right.reader.stream.descriptor
      await #expect(throws: NetworkError.timedOut) {
        let sooner = loop.deadline(in: .seconds(2))
        loop.post { loop in
          #expect(loop.core.pointee.descriptors[descriptor].pointee.armed == sooner.nanoseconds)
          time.advance(by: .seconds(2))
        }
        _ = try await right.receive(until: sooner)
      }
      await advanced
      #expect(loop.core.pointee.timers.count == 0)
    }
  }

  @Test func bothDirectionsHaveDeadlinesOfTheirOwn() async throws {
    let time = ManualTime()
    try await withLoops(time: time) { group in
      let loop = group.next()
      let order = Locked<[String]>([])
      let task = loop.spawn {
        do throws(NetworkError) {
          let halves = try await Halves.connected(on: loop)
          let left = halves.takeLeft()
          _ = await left.split { reader in
            var reader = reader
            do throws(NetworkError) {
              _ = try await reader.receive(until: reader.loop.deadline(in: .seconds(9)))
            } catch {
              order.withLock { $0.append("read \(error)") }
            }
          } writing: { writer in
            var writer = writer
            do throws(NetworkError) {
              let deadline = loop.deadline(in: .seconds(3))
              while true {
                writer.write(ByteBuffer(pattern(1 << 20)))
                try await writer.flush(until: deadline)
              }
            } catch {
              order.withLock { $0.append("write \(error)") }
            }
          }
        } catch {
          order.withLock { $0.append("\(error)") }
        }
      }
      // The reader's timer is set first and has to move forward for the writer.
      while order.withLock({ $0.isEmpty }) {
        time.advance(by: .milliseconds(100))
        await loop.run {}
      }
      #expect(order.withLock { $0 } == ["write timedOut"])
      time.advance(by: .seconds(9))
      await task.value
      #expect(order.withLock { $0 } == ["write timedOut", "read timedOut"])
    }
  }

  @Test(arguments: [true, false]) func aCancelledTaskStopsWaiting(isCovered: Bool) async throws {
    try await withPair { left, _ in
      let loop = left.loop
      let stream = left.reader.stream
      let outcome = await withTaskGroup(of: NetworkError?.self) { tasks in
        tasks.addTask {
          func read() async -> NetworkError? {
            var reader = ConnectionReader(stream)
            do throws(NetworkError) { _ = try await reader.receive() } catch { return error }
            return nil
          }
          return isCovered ? await loop.coveringCancellation(read) : await read()
        }
        while loop.core.pointee.descriptors[stream.descriptor].pointee.reading.waiter == nil {
          await loop.yield()
        }
        tasks.cancelAll()
        return await tasks.next()
      }
      #expect(outcome == .some(.cancelled))
    }
  }

  @Test func aTaskCancelledBeforeItWaitsDoesNotWait() async throws {
    try await withLoops { group in
      let loop = group.next()
      let outcome = Locked<[NetworkError]>([])
      await loop.spawn {
        do throws(NetworkError) {
          let halves = try await Halves.connected(on: loop)
          var left = halves.takeLeft()
          withUnsafeCurrentTask { $0?.cancel() }
          _ = try await left.receive()
        } catch {
          outcome.withLock { $0.append(error) }
        }
      }.value
      #expect(outcome.withLock { $0 } == [.cancelled])
    }
  }

  @Test func stoppingEndsEveryKindOfWait() async throws {
    let outcomes = Locked<[String]>([])
    try await withLoops { group in
      let loop = group.next()
      let waiting = TestCounter()
      @Sendable func note(_ name: String, _ body: @escaping @Sendable () async throws(NetworkError) -> Void) {
        loop.spawn {
          do throws(NetworkError) { try await body() } catch {
            outcomes.withLock { $0.append("\(name): \(error)") }
          }
        }
      }
      note("accept") { () throws(NetworkError) in
        let listener = try Listener(ListeningSocket(.ip(.loopbackV4, port: 0)), on: loop)
        waiting.add()
        _ = try await listener.accept()
      }
      note("read") { () throws(NetworkError) in
        let halves = try await Halves.connected(on: loop)
        var left = halves.takeLeft()
        waiting.add()
        _ = try await left.receive()
      }
      note("write") { () throws(NetworkError) in
        let halves = try await Halves.connected(on: loop)
        var left = halves.takeLeft()
        waiting.add()
        while true {
          left.write(ByteBuffer(pattern(1 << 20)))
          try await left.flush()
        }
      }
      loop.spawn {
        waiting.add()
        do { try await loop.sleep(for: .seconds(3600)) } catch {
          outcomes.withLock { $0.append("sleep: cancelled") }
        }
      }
      await waitUntil { waiting.value == 4 }
    }
    #expect(
      outcomes.withLock { $0 }.sorted()
        == ["accept: cancelled", "read: cancelled", "sleep: cancelled", "write: cancelled"])
  }
}
