// Thousands of waits that end every way they can, at random and at once. A waiter that is forgotten hangs
// its task, and with it the shutdown; one that is resumed twice traps. What is left over is counted.

import Bytes
import Testing

@testable import Runtime

@Suite("Storm") struct StormTests {
  /// What one task of the storm saw at its end.
  struct Tally: Sendable {
    var finished = 0
    var outcomes: [String: Int] = [:]
  }

  @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3] as [UInt64])
  func everyWaitEndsUnderCancelsTimeoutsAndCloses(_ seed: UInt64) async throws {
    let tally = Locked(Tally())
    let rounds = 1_200
    try await withLoops(2) { group in
      let server = try SocketServer(
        listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: Self.waywardEcho)
      let address = server.address
      var tasks: [Task<Void, Never>] = []
      let random = SeededRandom(seed: seed)
      for round in 0..<rounds {
        let dice = random.next()
        let loop = group.next()
        tasks.append(
          loop.spawn {
            let outcome = await Self.misbehave(address, on: loop, SeededRandom(seed: dice))
            tally.withLock {
              $0.finished += 1
              $0.outcomes[outcome, default: 0] += 1
            }
          })
        // From here, another thread than the loops', while they are in the middle of anything.
        if random.next(below: 3) == 0 {
          tasks[Int(random.next(below: UInt64(tasks.count)))].cancel()
        }
        if round % 50 == 49 { await tasks[round - 20].value }
      }
      for task in tasks { await task.value }
      #expect(tally.withLock { $0.finished } == rounds)
      await server.drain(within: .milliseconds(50))
      await waitUntil { server.statistics.open == 0 }
      await waitUntil { group.loops.allSatisfy { $0.statistics.sockets == 0 && $0.statistics.timers == 0 } }
      for loop in group.loops {
        let left = await loop.run { () async -> (sleepers: Int, covered: Int) in
          (loop.core.pointee.sleepers.count, loop.core.pointee.tasks.count)
        }
        // This very task is covered.
        #expect(left == (0, 1))
      }
    }
    // The storm was one: most ways to end were taken.
    let outcomes = tally.withLock { $0.outcomes }
    for expected in ["done", "cancelled", "timedOut"] {
      #expect(outcomes[expected, default: 0] > 0, "\(outcomes)")
    }
  }

  @Test(.timeLimit(.minutes(1))) func shutdownInTheMiddleEndsEverything() async throws {
    for seed in 0..<8 as Range<UInt64> {
      let tally = Locked(Tally())
      try await withLoops(2) { group in
        let server = try SocketServer(
          listeningAt: .ip(.loopbackV4, port: 0), on: group, handler: Self.waywardEcho)
        let address = server.address
        let random = SeededRandom(seed: seed)
        for _ in 0..<60 {
          let dice = random.next()
          let loop = group.next()
          loop.spawn {
            _ = await Self.misbehave(address, on: loop, SeededRandom(seed: dice))
            tally.withLock { $0.finished += 1 }
          }
        }
        await waitUntil { tally.withLock { $0.finished } >= 5 }
      }
      // `withLoops` has returned, so every task has ended, the server's too.
      #expect(tally.withLock { $0.finished } == 60)
    }
  }

  /// Echoes, but hangs up now and then.
  @Sendable private static func waywardEcho(_ connection: consuming Connection) async {
    var connection = connection
    var count = 0
    do throws(NetworkError) {
      while try await connection.receive(yieldsToDraining: true) > 0 {
        count += connection.input.count
        if count % 11 == 0 { return }
        if count % 13 == 0 { try connection.resetOnClose() }
        connection.write(connection.input.split(connection.input.count))
        try await connection.flush(until: connection.loop.deadline(in: .milliseconds(200)))
      }
    } catch {
      return
    }
  }

  /// Uses a connection in every way, some of them bad, and says how it ended.
  private static func misbehave(
    _ address: SocketAddress, on loop: EventLoop, _ random: SeededRandom
  ) async -> String {
    do throws(NetworkError) {
      var connection = try await loop.connect(to: address, until: loop.deadline(in: .milliseconds(500)))
      for _ in 0..<random.next(below: 6) {
        switch random.next(below: 6) {
        case 0:
          try await pause(loop, .microseconds(Int(random.next(below: 2_000))))
        case 1:
          // Nothing was sent, so nothing comes: only the deadline or a cancel ends it.
          _ = try await connection.receive(
            until: loop.deadline(in: .milliseconds(Int(random.next(below: 5)))))
        case 2:
          connection.write(ByteBuffer(pattern(Int(random.next(below: 300_000)))))
          try await connection.flush(until: loop.deadline(in: .milliseconds(Int(random.next(below: 20)))))
        case 3:
          connection.reader.abort()
        default:
          let count = 1 + Int(random.next(below: 5_000))
          connection.output.append(contentsOf: pattern(count))
          try await connection.flush(until: loop.deadline(in: .milliseconds(100)))
          while connection.input.count < count {
            if try await connection.receive(until: loop.deadline(in: .milliseconds(100))) == 0 {
              return "ended"
            }
          }
          connection.input.consume(count)
        }
      }
      return "done"
    } catch {
      switch error {
      case .cancelled: return "cancelled"
      case .timedOut: return "timedOut"
      case .closed: return "closed"
      default: return "\(error)"
      }
    }
  }

  private static func pause(_ loop: EventLoop, _ duration: Duration) async throws(NetworkError) {
    do { try await loop.sleep(for: duration) } catch { throw .cancelled }
  }

  @Test func cancelsAndWakesRaceWithoutLosingAnybody() async throws {
    // The narrowest race: an event and a cancel for the same wait, from two threads.
    try await withLoops { group in
      let loop = group.next()
      let ended = TestCounter()
      for round in 0..<1_500 {
        let stream = Locked<SocketStream?>(nil)
        let task = loop.spawn {
          do throws(NetworkError) {
            let halves = try await Halves.connectedInside(on: loop)
            var left = halves.takeLeft()
            let other = halves.takeRight()
            let socket = other.reader.stream
            stream.withLock { $0 = socket }
            _ = try await left.receive()
          } catch {
            if error != .cancelled { Issue.record(error) }
          }
          stream.withLock { $0 = nil }
          ended.add()
        }
        while stream.withLock({ $0 == nil }) && ended.value == round {
          await Task.yield()
        }
        loop.post { _ in stream.withLock { $0 }?.abort() }
        task.cancel()
        await task.value
      }
      #expect(ended.value == 1_500)
    }
  }
}
